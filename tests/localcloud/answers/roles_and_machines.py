"""Roles, state machines, repositories and the rest."""

import json

from tests.localcloud.answers.case import PRESENT, Call, Case, answers, call, like, refuses, shows
from tests.localcloud.answers.sources import OF_ECR, OF_IAM, OF_STATES, RECORDED

IAM = RECORDED + "iam/test_iam.snapshot.json: "

STATES = RECORDED + "stepfunctions/v2/test_sfn_api.snapshot.json: "

WRONG = "ValidationError"

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)

ROLE = call("iam.CreateRole", RoleName="<id>", AssumeRolePolicyDocument=TRUST)

ROLES = (
    refuses(
        "a trust that is no JSON",
        IAM + "test_create_role_with_malformed_assume_role_policy_document: MalformedPolicyDocument, This policy "
        "contains invalid Json",
        "MalformedPolicyDocument",
        "^This policy contains invalid Json$",
        call("iam.CreateRole", RoleName="<id>", AssumeRolePolicyDocument="{"),
    ),
    refuses(
        "attach something that is no ARN",
        IAM + "test_role_attach_policy: ValidationError, Invalid ARN:  Could not be parsed!",
        WRONG,
        "^Invalid ARN:  Could not be parsed!$",
        ROLE,
        call("iam.AttachRolePolicy", RoleName="<id>", PolicyArn="longpolicynamebutnoarn"),
    ),
    refuses(
        "attach a policy that is not there",
        IAM + "test_role_attach_policy: NoSuchEntity, Policy arn:… does not exist or is not attachable.",
        "NoSuchEntity",
        r"^Policy arn:aws:iam::<account>:policy/<id> does not exist or is not attachable\.$",
        ROLE,
        call("iam.AttachRolePolicy", RoleName="<id>", PolicyArn="arn:aws:iam::<account>:policy/<id>"),
    ),
    refuses(
        "delete a policy that is not there",
        IAM + "test_delete_non_existent_policy_returns_no_such_entity: Policy arn:… was not found.",
        "NoSuchEntity",
        r"^Policy arn:aws:iam::<account>:policy/<id> was not found\.$",
        call("iam.DeletePolicy", PolicyArn="arn:aws:iam::<account>:policy/<id>"),
    ),
    refuses(
        "a role that is not there",
        "hashicorp/terraform-provider-aws internal/service/iam/role.go: NoSuchEntityException; The role with name "
        "<name> cannot be found.",
        "NoSuchEntity",
        r"^The role with name <id> cannot be found\.$",
        call("iam.GetRole", RoleName="<id>"),
    ),
    refuses(
        "a role twice",
        OF_IAM + "CreateRole errors EntityAlreadyExists; words: Role with name <name> already exists.",
        "EntityAlreadyExists",
        r"^Role with name <id> already exists\.$",
        ROLE,
        ROLE,
    ),
    refuses(
        "delete a role that has a policy",
        OF_IAM + "DeleteRole: the role must not have any policies attached; DeleteConflict",
        "DeleteConflict",
        "^Cannot delete entity, must (delete|remove)",
        ROLE,
        call(
            "iam.PutRolePolicy",
            RoleName="<id>",
            PolicyName="p",
            PolicyDocument='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", '
            '"Resource": "*"}]}',
        ),
        call("iam.DeleteRole", RoleName="<id>"),
    ),
    refuses(
        "a session named impossibly",
        RECORDED + "sts/test_sts.snapshot.json: test_sts_invalid_parameters: Value 'Session1:2' at 'roleSessionName' "
        "failed to satisfy constraint: Member must satisfy regular expression pattern",
        WRONG,
        "Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must "
        "satisfy regular expression pattern",
        call("sts.AssumeRole", RoleArn="<role>", RoleSessionName="Session1:2"),
    ),
    refuses(
        "assume something that is no role",
        RECORDED + "sts/test_sts.snapshot.json: test_sts_invalid_parameters: ValidationError, … is invalid",
        WRONG,
        "^arn:a:::something/test-role is invalid$",
        call("sts.AssumeRole", RoleArn="arn:a:::something/test-role", RoleSessionName="one"),
    ),
)


def machine(text: str = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', **more: str) -> Call:
    return call("stepfunctions.CreateStateMachine", name="<id>", definition=text, roleArn="<role>", **more)


MACHINES = (
    refuses(
        "a definition without states",
        STATES + "test_create_delete_invalid_sm: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These "
        "fields are required: [States] at /'",
        "InvalidDefinition",
        r"^Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: .*required.*States",
        machine('{"StartAt": "A"}'),
    ),
    refuses(
        "an execution of nothing",
        STATES + "test_invalid_start_execution_arn: State Machine Does Not Exist: 'arn:…'",
        "StateMachineDoesNotExist",
        "^State Machine Does Not Exist: 'arn:aws:states:.*:stateMachine:<id>'$",
        call(
            "stepfunctions.StartExecution",
            stateMachineArn="arn:aws:states:<region>:<account>:stateMachine:<id>",
        ),
    ),
    refuses(
        "an input that is no JSON",
        STATES
        + "test_invalid_start_execution_input: Invalid State Machine Execution Input: 'Unrecognized token 'not': "
        "was expecting (JSON String, Number, Array, Object or token",
        "InvalidExecutionInput",
        "^Invalid State Machine Execution Input: '",
        machine(),
        call("stepfunctions.StartExecution", stateMachineArn="<0.stateMachineArn>", input="not json"),
    ),
    refuses(
        "a state machine with another definition",
        STATES + "test_create_duplicate_definition_format_sm: State Machine Already Exists: 'arn:…'",
        "StateMachineAlreadyExists",
        "^State Machine Already Exists: 'arn:aws:states:.*:stateMachine:<id>'$",
        machine(),
        machine('{"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}'),
    ),
    refuses(
        "an update of nothing",
        STATES + "test_create_update_state_machine_base_update_none: Either the definition, the role ARN, the "
        "LoggingConfiguration, or the TracingConfiguration must be specified",
        "MissingRequiredParameter",
        "^Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
        machine(),
        call("stepfunctions.UpdateStateMachine", stateMachineArn="<0.stateMachineArn>"),
    ),
    refuses(
        "a synchronous execution of a standard state machine",
        STATES + "test_start_sync_execution: This operation is not supported by this type of state machine",
        "StateMachineTypeNotSupported",
        "^This operation is not supported by this type of state machine$",
        machine(),
        call("stepfunctions.StartSyncExecution", stateMachineArn="<0.stateMachineArn>"),
    ),
    refuses(
        "1001 state machines",
        STATES
        + "test_list_sms_pagination: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have "
        "value less than or equal to 1000",
        "ValidationException",
        "Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
        call("stepfunctions.ListStateMachines", maxResults=1001),
    ),
    answers(
        "the same execution again",
        OF_STATES + "StartExecution is idempotent for STANDARD workflows … a "
        "running execution with the same input; CreateStateMachine is an idempotent API",
        machine(),
        machine(),
        stateMachineArn="<0.stateMachineArn>",
    ),
)

REPOSITORY = call("ecr.CreateRepository", repositoryName="<id>")

REST = (
    refuses(
        "a repository that is not there",
        OF_ECR + "RepositoryNotFoundException; words: The repository with name '…' "
        "does not exist in the registry with id '…'",
        "RepositoryNotFoundException",
        "^The repository with name '<id>' does not exist in the registry with id '<account>'$",
        call("ecr.DescribeRepositories", repositoryNames=["<id>"]),
    ),
    refuses(
        "a repository twice",
        OF_ECR + "RepositoryAlreadyExistsException; words: The repository with name "
        "'…' already exists in the registry with id '…'",
        "RepositoryAlreadyExistsException",
        "^The repository with name '<id>' already exists in the registry with id '<account>'$",
        REPOSITORY,
        REPOSITORY,
    ),
    shows(
        "a new repository",
        OF_ECR + "CreateRepository imageTagMutability: If this parameter is omitted, "
        "the default setting of MUTABLE will be used; encryptionConfiguration AES256",
        {
            "repository.imageTagMutability": "MUTABLE",
            "repository.encryptionConfiguration.encryptionType": "AES256",
            "repository.repositoryUri": like(r"^<account>\.dkr\.ecr\.<region>\..*/<id>$"),
            "repository.createdAt": PRESENT,
        },
        REPOSITORY,
    ),
    refuses(
        "a dashboard named impossibly",
        RECORDED + "cloudwatch/test_cloudwatch.snapshot.json: test_invalid_dashboard_name: The value for field "
        "DashboardName contains invalid characters.",
        "InvalidParameterValue",
        r"^The value for field DashboardName contains invalid characters\.",
        call("cloudwatch.PutDashboard", DashboardName="a dashboard", DashboardBody='{"widgets": []}'),
    ),
    refuses(
        "an API that is not there",
        RECORDED + "apigateway/test_apigateway_api.snapshot.json: test_update_rest_api_invalid_api_id: Invalid API "
        "identifier specified 111111111111:api_id",
        "NotFoundException",
        "^Invalid API identifier specified <account>:abcdefghij$",
        call("apigateway.GetRestApi", restApiId="abcdefghij"),
    ),
    refuses(
        "a model of nothing",
        RECORDED + "apigateway/test_apigateway_api.snapshot.json: test_model_validation: Invalid model name specified: "
        "MySchema",
        "NotFoundException",
        "^Invalid model name specified: MySchema$",
        call("apigateway.CreateRestApi", name="<id>"),
        call("apigateway.GetModel", restApiId="<0.id>", modelName="MySchema"),
    ),
)


CASES: tuple[Case, ...] = (*ROLES, *MACHINES, *REST)
