"""What somebody could do to the platform: the columns of the access matrix, in a security officer's words."""

from collections.abc import Iterator
from dataclasses import dataclass

from checks.access import studio
from checks.access.operation import OBJECTS, SAGEMAKER, Operation
from checks.access.policies import Environment

JOB_LOGS = "arn:aws:logs:{region}:{account}:log-group:/aws/sagemaker"
TO_SAGEMAKER = {"iam:PassedToService": "sagemaker.amazonaws.com"}


@dataclass(frozen=True)
class System:
    """A system's own things: where its runs are, what its jobs are called, and which stacks hold it."""

    name: str
    runs: str
    jobs: str
    prepared: tuple[str, ...]
    results: tuple[str, ...]
    training: str
    training_step: str
    serving: str = ""
    checkpoints: bool = True


FRAUD = System(
    "fraud",
    runs="fraud/executions/e1",
    jobs="pipelines-e1-train",
    prepared=("train", "validation", "features", "baseline", "test"),
    results=("model", "evaluation", "bias", "explanations"),
    training="training",
    training_step="XGBModelTraining",
    serving="serving",
)
KNN = System(
    "knn",
    runs="knn/executions/e1",
    jobs="pipelines-e1-train",
    prepared=("train", "test"),
    results=("model", "evaluation"),
    training="knn",
    training_step="KnnTraining",
    serving="knn",
)
CENSUS = System(
    "census",
    runs="census/runs/r1",
    jobs="{environment}-census-r1-train",
    prepared=("train", "validation", "features", "baseline", "test"),
    results=("model", "evaluation"),
    training="steps",
    training_step="TrainingStep",
)
IMAGES = System(
    "images",
    runs="images/runs/r1",
    jobs="{environment}-images-r1-train",
    prepared=("training", "test"),
    results=("model", "evaluation"),
    training="vision",
    training_step="TrainingStep",
    serving="vision",
)
PIPELINES = (FRAUD, KNN)
MACHINES = (CENSUS, IMAGES)
SYSTEMS = PIPELINES + MACHINES


def names(environment: Environment) -> dict[str, str]:
    """Names and ARNs of an environment's own things, as operations name them."""
    model_role = "RolloutRole81"  # the roll-out function's own has the same beginning
    flow_logs = environment.arn("network", "AWS::Logs::LogGroup").removesuffix("*")
    return {
        "account": environment.account,
        "region": "eu-west-1",
        "environment": environment.name,
        "data": environment.arn("storage", "AWS::S3::Bucket", "Data").rpartition(":")[2],
        "artifacts": environment.arn("storage", "AWS::S3::Bucket", "Artifacts").rpartition(":")[2],
        "access_logs": environment.arn("storage", "AWS::S3::Bucket", "AccessLogs").rpartition(":")[2],
        "key": environment.arn("storage", "AWS::KMS::Key", "Key"),
        "tabular_image": environment.arn("images", "AWS::ECR::Repository", "Tabular"),
        "knn_image": environment.arn("images", "AWS::ECR::Repository", "Knn"),
        "builds": environment.arn("images", "AWS::CodeBuild::Project"),
        "letters": environment.arn("storage", "AWS::SQS::Queue"),
        "source": environment.source,
        "experiments_letters": environment.arn("experiments", "AWS::SQS::Queue"),
        "mlflow": environment.arn("experiments", "AWS::SageMaker::MlflowApp"),
        "census_runs": environment.arn("steps", "AWS::DynamoDB::Table"),
        "census_validation": environment.arn("steps", "AWS::Lambda::Function", "CensusValidation"),
        "images_runs": environment.arn("vision", "AWS::DynamoDB::Table"),
        "images_validation": environment.arn("vision", "AWS::Lambda::Function", "ImagesValidation"),
        "images_job_role": environment.arn("vision", "AWS::IAM::Role", "ImagesTraining"),
        "images_model_role": environment.arn("vision", "AWS::IAM::Role", model_role),
        "images_alarm": environment.arn("vision", "AWS::CloudWatch::Alarm", "RolloutServerErrors"),
        "images_letters": environment.arn("vision", "AWS::SQS::Queue"),
        "vision_image": environment.arn("images", "AWS::ECR::Repository", "Vision"),
        "flow_logs": flow_logs + "log-stream:s",
        "flow_log_group": flow_logs.removesuffix(":"),
        "fraud_job_role": environment.arn("training", "AWS::IAM::Role", "FraudXGBModelTraining"),
        "fraud_model_role": environment.arn("serving", "AWS::IAM::Role", "FraudRole"),
        "fraud_alarm": environment.arn("serving", "AWS::CloudWatch::Alarm", "FraudServerErrors"),
        "fraud_letters": environment.arn("serving", "AWS::SQS::Queue"),
        "studio": environment.arn("studio", "AWS::SageMaker::Domain").partition("/")[2],
        "studio_key": environment.arn("studio", "AWS::KMS::Key", "StudioKey"),
        "knn_job_role": environment.arn("knn", "AWS::IAM::Role", "KnnKnnTraining"),
        "knn_model_role": environment.arn("knn", "AWS::IAM::Role", model_role),
        "knn_alarm": environment.arn("knn", "AWS::CloudWatch::Alarm", "RolloutServerErrors"),
        "knn_letters": environment.arn("knn", "AWS::SQS::Queue"),
        "census_job_role": environment.arn("steps", "AWS::IAM::Role", "CensusTraining"),
    }


def operations() -> Iterator[Operation]:
    """Every operation, each name once."""
    for system in SYSTEMS:
        yield from _objects(system)
        yield from _checkpoints(system)
        yield from _training(system)
        if system.serving:
            yield from _serving(system)
    yield from _feature_store()
    yield from _runs()
    yield from _experiments()
    yield from studio.operations()
    yield from _platform()
    yield from _account()


def _objects(system: System) -> Iterator[Operation]:
    versions = f"arn:aws:s3:::{{data}}/{system.name}/versions/v1/data.csv"
    scripts = f"arn:aws:s3:::{{data}}/{system.name}/scripts/versions/v1/train.py"
    for verb, action in OBJECTS.items():
        yield Operation(f"{verb} the published data of {system.name}", action, versions)
        if system in MACHINES:
            yield Operation(f"{verb} the published scripts of {system.name}", action, scripts)
        for part in system.prepared:
            resource = f"arn:aws:s3:::{{artifacts}}/{system.runs}/prepared/{part}/part.csv"
            yield Operation(f"{verb} the prepared {part} data of {system.name}", action, resource)
        for result in system.results:
            resource = f"arn:aws:s3:::{{artifacts}}/{system.runs}/{result}/file"
            yield Operation(f"{verb} the {result} of {system.name}", action, resource)


def _checkpoints(system: System) -> Iterator[Operation]:
    resource = f"arn:aws:s3:::{{artifacts}}/{system.runs}/checkpoints/{system.training_step}/c1/state"
    for verb, action in (*OBJECTS.items(), ("delete", "s3:DeleteObject")):
        yield Operation(f"{verb} the checkpoints of {system.name}", action, resource)


def _training(system: System) -> Iterator[Operation]:
    for kind, resource in (("Training", "training-job"), ("Processing", "processing-job")):
        arn = f"{SAGEMAKER}:{resource}/{system.jobs}"
        for verb in ("Create", "Describe", "Stop"):
            yield Operation(f"{verb.lower()} {kind.lower()} jobs of {system.name}", f"sagemaker:{verb}{kind}Job", arn)
    group = "{environment}-" + system.name
    if system.serving:
        version = f"{SAGEMAKER}:model-package/{group}/1"
        yield Operation(f"register a version of {system.name}", "sagemaker:CreateModelPackage", version)
        yield Operation(f"see a version of {system.name}", "sagemaker:DescribeModelPackage", version)
        for verb, status in (("approve", "Approved"), ("reject", "Rejected"), ("reset", "PendingManualApproval")):
            decided = {"sagemaker:ModelApprovalStatus": status}
            yield Operation(f"{verb} a version of {system.name}", "sagemaker:UpdateModelPackage", version, decided)
        yield Operation(f"delete a version of {system.name}", "sagemaker:DeleteModelPackage", version)


def _serving(system: System) -> Iterator[Operation]:
    name = "{environment}-" + system.name
    endpoint = f"{SAGEMAKER}:endpoint/{name}"
    config, model = f"{SAGEMAKER}:endpoint-config/{name}-v1-0a1b2c3d", f"{SAGEMAKER}:model/{name}-v1-0a1b2c3d"
    for verb, action in (("create", "Create"), ("see", "Describe"), ("update", "Update"), ("delete", "Delete")):
        yield Operation(f"{verb} the endpoint of {system.name}", f"sagemaker:{action}Endpoint", endpoint)
    yield Operation(f"see endpoint configurations of {system.name}", "sagemaker:DescribeEndpointConfig", config)
    for verb, action in (("create", "Create"), ("delete", "Delete")):
        yield Operation(f"{verb} endpoint configurations of {system.name}", f"sagemaker:{action}EndpointConfig", config)
        yield Operation(f"{verb} models of {system.name}", f"sagemaker:{action}Model", model)
    yield Operation(f"ask the endpoint of {system.name}", "sagemaker:InvokeEndpoint", endpoint)
    group = f"{JOB_LOGS}/Endpoints/{name}"
    yield Operation(f"delete the logs of the endpoint of {system.name}", "logs:DeleteLogGroup", group)
    alarm = "arn:aws:cloudwatch:{region}:{account}:alarm:TargetTracking-endpoint/" + f"{name}/variant/AllTraffic"
    yield Operation(f"make the scaling alarms of {system.name}", "cloudwatch:PutMetricAlarm", alarm)
    guard = f"{{{system.name}_alarm}}"
    yield Operation(f"see the roll-back alarm of {system.name}", "cloudwatch:DescribeAlarms", guard)
    yield Operation(f"silence the roll-back alarm of {system.name}", "cloudwatch:DeleteAlarms", guard)
    yield Operation(f"send to the dead-letter queue of {system.name}", "sqs:SendMessage", f"{{{system.name}_letters}}")


def _feature_store() -> Iterator[Operation]:
    for group in ("customers", "orders"):
        arn = f"{SAGEMAKER}:feature-group/" + "{environment}-" + group
        yield Operation(f"write records of {group}", "sagemaker:PutRecord", arn)
        yield Operation(f"describe the features of {group}", "sagemaker:UpdateFeatureMetadata", arn)
        history = f"arn:aws:s3:::{{data}}/features/{group}/part.parquet"
        for verb, action in OBJECTS.items():
            yield Operation(f"{verb} the history of {group}", action, history)


def _runs() -> Iterator[Operation]:
    verbs = {"reserve": "PutItem", "see": "GetItem", "decide": "UpdateItem", "forget": "DeleteItem"}
    for system in MACHINES:
        for verb, action in verbs.items():
            yield Operation(f"{verb} runs of {system.name}", f"dynamodb:{action}", f"{{{system.name}_runs}}")
        yield Operation(
            f"start the functions of {system.name}", "lambda:InvokeFunction", f"{{{system.name}_validation}}"
        )


def _experiments() -> Iterator[Operation]:
    artifact = "arn:aws:s3:::{artifacts}/mlflow/1/run/artifacts/plot.png"
    for verb, action in OBJECTS.items():
        yield Operation(f"{verb} artifacts of experiments", action, artifact)
    yield Operation("send to the dead-letter queue of experiments", "sqs:SendMessage", "{experiments_letters}")
    yield Operation("record experiments", "sagemaker:CallMlflowAppApi", "{mlflow}")
    yield Operation("open the experiments", "sagemaker:CreatePresignedMlflowAppUrl", "{mlflow}")
    yield Operation("delete the experiments", "sagemaker:DeleteMlflowApp", "{mlflow}")
    yield Operation("read logs of TrainingJobs", "logs:GetLogEvents", f"{JOB_LOGS}/TrainingJobs:log-stream:job/algo-1")
    for system in PIPELINES:
        execution = f"{SAGEMAKER}:pipeline/" + "{environment}-" + system.name + "/execution/e1"
        yield Operation(f"see executions of {system.name}", "sagemaker:DescribePipelineExecution", execution)
        yield Operation(f"stop executions of {system.name}", "sagemaker:StopPipelineExecution", execution)
        pipeline = execution.removesuffix("/execution/e1")
        yield Operation(f"start executions of {system.name}", "sagemaker:StartPipelineExecution", pipeline)
    for system in MACHINES:
        states, machine = "arn:aws:states:{region}:{account}", "{environment}-" + system.name
        execution = f"{states}:execution:{machine}:r1"
        yield Operation(f"see executions of {system.name}", "states:DescribeExecution", execution)
        yield Operation(f"stop executions of {system.name}", "states:StopExecution", execution)
        machine_arn = f"{states}:stateMachine:{machine}"
        yield Operation(f"list executions of {system.name}", "states:ListExecutions", machine_arn)
        yield Operation(f"read the history of executions of {system.name}", "states:GetExecutionHistory", execution)
        yield Operation(f"start executions of {system.name}", "states:StartExecution", machine_arn)


def _platform() -> Iterator[Operation]:
    for name in ("tabular", "knn", "vision"):
        yield Operation(f"pull the {name} image", "ecr:BatchGetImage", f"{{{name}_image}}")
        yield Operation(f"push the {name} image", "ecr:PutImage", f"{{{name}_image}}")
    yield Operation("send to the dead-letter queue of functions", "sqs:SendMessage", "{letters}")
    yield Operation("log in to the registry", "ecr:GetAuthorizationToken", "*")
    yield Operation("build images", "codebuild:StartBuild", "{builds}")
    for kind in ("TrainingJobs", "ProcessingJobs", "Endpoints"):
        yield Operation(f"write logs of {kind}", "logs:PutLogEvents", f"{JOB_LOGS}/{kind}:log-stream:s")
        namespace = {"cloudwatch:namespace": f"/aws/sagemaker/{kind}"}
        yield Operation(f"publish metrics of {kind}", "cloudwatch:PutMetricData", "*", namespace)
    yield Operation(
        "publish metrics of others", "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/Billing"}
    )
    yield Operation("write the flow logs", "logs:PutLogEvents", "{flow_logs}")
    yield Operation("read the flow logs", "logs:GetLogEvents", "{flow_logs}")
    yield Operation("list log groups", "logs:DescribeLogGroups", "*")
    yield Operation("trace requests", "xray:PutTraceSegments", "*")
    yield Operation("list endpoint configurations", "sagemaker:ListEndpointConfigs", "*")
    yield Operation("list versions", "sagemaker:ListModelPackages", "*")
    for bucket in ("data", "artifacts"):
        yield Operation(f"list the {bucket} bucket", "s3:ListBucket", f"arn:aws:s3:::{{{bucket}}}")
        yield Operation(f"see who may use the {bucket} bucket", "s3:GetBucketAcl", f"arn:aws:s3:::{{{bucket}}}")
    yield Operation("list old versions of data", "s3:ListBucketVersions", "arn:aws:s3:::{data}")
    for verb, action in (("read", "kms:Decrypt"), ("encrypt", "kms:GenerateDataKey"), ("see", "kms:DescribeKey")):
        yield Operation(f"{verb} with the data key" if verb != "see" else "see the data key", action, "{key}")
    grant = {"kms:GrantIsForAWSResource": "true"}
    yield Operation("lend the data key to AWS services", "kms:CreateGrant", "{key}", grant)
    yield Operation("lend the data key to anybody", "kms:CreateGrant", "{key}", {"kms:GrantIsForAWSResource": "false"})
    via_table = {"kms:ViaService": "dynamodb.{region}.amazonaws.com"}
    yield Operation("read with the data key through DynamoDB", "kms:Decrypt", "{key}", via_table)
    yield Operation("encrypt with the data key through DynamoDB", "kms:GenerateDataKey", "{key}", via_table)
    interface = "arn:aws:ec2:{region}:{account}:network-interface/eni-0123456789abcdef0"
    yield Operation("use the network", "ec2:CreateNetworkInterface", interface)
    yield Operation("leave the network", "ec2:DeleteNetworkInterface", interface)
    # Lambda asks for this right on every resource of the account and region; see ml_constructs/network.py.
    anything = "arn:aws:ec2:{region}:{account}:*/*"
    yield Operation("let Lambda keep network interfaces", "ec2:AssignPrivateIpAddresses", anything)
    yield Operation("lend network interfaces", "ec2:CreateNetworkInterfacePermission", interface)
    yield Operation("see the network", "ec2:DescribeSubnets", "*")
    yield Operation("see network interfaces", "ec2:DescribeNetworkInterfaces", "*")
    yield Operation("scale endpoints", "application-autoscaling:RegisterScalableTarget", TARGET, SCALING)
    yield Operation("end the scaling of endpoints", "application-autoscaling:DeregisterScalableTarget", TARGET, SCALING)
    yield Operation(
        "let scaling manage endpoints",
        "iam:CreateServiceLinkedRole",
        "arn:aws:iam::{account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
        {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"},
    )
    rule = "arn:aws:events:{region}:{account}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"
    yield Operation("wait for jobs", "events:PutRule", rule)
    yield Operation("deliver logs", "logs:CreateLogDelivery", "*")
    for stack in ("storage", "training", "serving", "knn", "vision", "studio"):
        stack_arn = "arn:aws:cloudformation:{region}:{account}:stack/{environment}-" + stack + "/*"
        yield Operation(f"see the state of the stack {stack}", "cloudformation:DescribeStacks", stack_arn)
        yield Operation(f"read the template of the stack {stack}", "cloudformation:GetTemplate", stack_arn)
    for system in SYSTEMS:
        yield from _roles(system)
    sources = "arn:aws:s3:::cdk-hnb659fds-assets-{account}-{region}"
    yield Operation("see where sources are", "s3:GetBucketLocation", sources)
    yield Operation("read sources", "s3:GetObject", "{source}")
    yield Operation("write its own log", "logs:PutLogEvents", "{own_log}")


def _roles(system: System) -> Iterator[Operation]:
    to_a_function = {"iam:PassedToService": "lambda.amazonaws.com"}
    holders = [("a job", f"{{{system.name}_job_role}}")]
    if system.serving:
        holders.append(("the endpoint", f"{{{system.name}_model_role}}"))
    for holder, role in holders:
        whose = f"the role of {holder} of {system.name}"
        yield Operation(f"give SageMaker {whose}", "iam:PassRole", role, TO_SAGEMAKER)
        yield Operation(f"give a function {whose}", "iam:PassRole", role, to_a_function)


def _account() -> Iterator[Operation]:
    """Yield what no workload may do."""
    yield Operation("delete published data", "s3:DeleteObject", "arn:aws:s3:::{data}/fraud/versions/v1/data.csv")
    yield Operation("delete old versions of data", "s3:DeleteObjectVersion", "arn:aws:s3:::{data}/fraud/versions/v1/x")
    yield Operation("open the data bucket", "s3:PutBucketPolicy", "arn:aws:s3:::{data}")
    yield Operation("delete the data bucket", "s3:DeleteBucket", "arn:aws:s3:::{data}")
    yield Operation("change the access logs", "s3:PutObject", "arn:aws:s3:::{access_logs}/data/log")
    yield Operation("write to a foreign bucket", "s3:PutObject", "arn:aws:s3:::somebody-elses-bucket/data.csv")
    yield Operation("read a foreign bucket", "s3:GetObject", "arn:aws:s3:::somebody-elses-bucket/data.csv")
    yield Operation("delete the data key", "kms:ScheduleKeyDeletion", "{key}")
    yield Operation("open the data key", "kms:PutKeyPolicy", "{key}")
    yield Operation("change a role", "iam:PutRolePolicy", "{fraud_job_role}")
    yield Operation("make a role", "iam:CreateRole", "arn:aws:iam::{account}:role/new")
    yield Operation("make a user", "iam:CreateUser", "arn:aws:iam::{account}:user/new")
    yield Operation("make an access key", "iam:CreateAccessKey", "arn:aws:iam::{account}:user/somebody")
    yield Operation("become another role", "sts:AssumeRole", "{fraud_job_role}")
    yield Operation("change a function", "lambda:UpdateFunctionCode", "{census_validation}")
    yield Operation("open the network", "ec2:AuthorizeSecurityGroupIngress", SECURITY_GROUP)
    yield Operation(
        "make a way to the internet", "ec2:CreateInternetGateway", "arn:aws:ec2:{region}:{account}:internet-gateway/*"
    )
    yield Operation(
        "stop the audit trail", "cloudtrail:StopLogging", "arn:aws:cloudtrail:{region}:{account}:trail/audit"
    )
    yield Operation("delete flow logs", "logs:DeleteLogGroup", "{flow_log_group}")
    yield Operation(
        "open a notebook", "sagemaker:CreatePresignedNotebookInstanceUrl", f"{SAGEMAKER}:notebook-instance/n"
    )
    yield Operation("make a notebook instance", "sagemaker:CreateNotebookInstance", f"{SAGEMAKER}:notebook-instance/n")
    yield Operation("make a pipeline", "sagemaker:CreatePipeline", f"{SAGEMAKER}:pipeline/new")
    yield Operation(
        "make a state machine", "states:CreateStateMachine", "arn:aws:states:{region}:{account}:stateMachine:n"
    )
    yield Operation("change the pipeline", "sagemaker:UpdatePipeline", f"{SAGEMAKER}:pipeline/" + "{environment}-fraud")
    yield Operation(
        "read secrets", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:{region}:{account}:secret:s-AbCdEf"
    )


TARGET = "arn:aws:application-autoscaling:{region}:{account}:scalable-target/0123"
SCALING = {"application-autoscaling:service-namespace": "sagemaker"}
SECURITY_GROUP = "arn:aws:ec2:{region}:{account}:security-group/sg-0123456789abcdef0"  # pragma: allowlist secret
