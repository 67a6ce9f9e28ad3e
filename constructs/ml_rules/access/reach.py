"""Rules of rights that reach what they are for: an action is granted on what it can act on.

Source: the Service Authorization Reference, "Actions, resources, and condition keys" of each service.
"""

import fnmatch
import re
from collections.abc import Iterator
from typing import Final

from ml_rules import policies
from ml_rules.access.accounts import statements
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get

Found = Iterator[tuple[Resource, str]]

_UNBOUND: Final = (
    "ecr:GetAuthorizationToken",
    "sts:GetServiceBearerToken",
    "cloudwatch:PutMetricData",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "s3:ListAllMyBuckets",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeRouteTables",
    "ec2:DescribeVpcEndpoints",
    "ssm:DescribeParameters",
)
"""Actions without a type of resource: granted on `*`, or not at all."""
_OF_BUCKETS: Final = (
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketLocation",
    "s3:GetBucketVersioning",
)
_OF_OBJECTS: Final = (
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
)
_OF_KEYS: Final = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:DescribeKey")
_OF_PACKAGES: Final = ("sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage", "sagemaker:DeleteModelPackage")
_OBJECTS: Final = re.compile(r"(arn:[^:]*:s3:::[^/]+|\$\{[^}]*\})/.*")
_BUCKET: Final = re.compile(r"arn:[^:]*:s3:::[^/*]+|\$\{[^}/]+/[^}]+\.Arn\}")
_SECRET: Final = re.compile(r"arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:.*[A-Za-z0-9/_+=.@-]")
_SUFFIX: Final = re.compile(r"-[A-Za-z0-9]{6}|-\?{6}")
_BEARER: Final = "sts:getservicebearertoken"


def names_action(statement: policies.Statement, action: str) -> bool:
    """Return whether a statement's actions, which may be patterns, hold an action."""
    return any(fnmatch.fnmatchcase(action.lower(), each.lower()) for each in statement.actions)


def _grants(statement: policies.Statement, actions: tuple[str, ...]) -> list[str]:
    asked = [each.lower() for each in actions]
    return [each for each in statement.actions if any(fnmatch.fnmatchcase(each.lower(), action) for action in asked)]


@rule
def right_reaches(templates: Templates) -> Found:
    """An action is granted on what it acts on: listing on the bucket, reading on objects, decryption on a key."""
    for resource, statement in [*policies.identity(templates), *policies.resource_based(templates)]:
        named = statement.resources
        if not statement.allows or not named or "*" in named:
            continue
        if unbound := _grants(statement, _UNBOUND):
            yield resource, f"It is granted on nothing: {unbound[0]} knows no resource but *."
        if all(map(_OBJECTS.fullmatch, named)) and (of_bucket := _grants(statement, _OF_BUCKETS)):
            yield resource, f"{of_bucket[0]} acts on a bucket, and is granted on objects alone."
        if all(map(_BUCKET.fullmatch, named)) and (of_objects := _grants(statement, _OF_OBJECTS)):
            yield resource, f"{of_objects[0]} acts on objects, and is granted on the bucket alone."
        aliases = all(":alias/" in each or each.startswith("alias/") for each in named)
        if aliases and (of_keys := _grants(statement, _OF_KEYS)):
            yield resource, f"{of_keys[0]} is granted on an alias, and not on the key behind it."
        if all(":model-package-group/" in each for each in named) and (of_packages := _grants(statement, _OF_PACKAGES)):
            yield resource, f"{of_packages[0]} acts on versions, and is granted on their group alone."


@rule
def secret_named_in_full(templates: Templates) -> Found:
    """A right to a secret names it with its six random characters, or a pattern for them."""
    for resource, statement in policies.identity(templates):
        for name in statement.resources if statement.allows else ():
            plain = policies.plain(name)
            if not name.endswith("}") and _SECRET.fullmatch(plain) and not _SUFFIX.search(plain[-7:]):
                yield resource, f"It names no secret: {name} lacks the six characters that Secrets Manager adds."


@rule
def index_reached(templates: Templates) -> Found:
    """Who queries a table that has indexes may query these, whose names are their own."""
    tables = [table for table in templates.of("AWS::DynamoDB::Table") if table.get("GlobalSecondaryIndexes")]
    for table in tables:
        asking = [
            (resource, statement, name)
            for resource, statement in policies.identity(templates)
            if statement.allows and names_action(statement, "dynamodb:Query")
            for name in statement.resources
            if templates.find(name) == table or name == "*"
        ]
        if asking and not any("*" in name or "/index/" in name for *_, name in asking):
            yield asking[0][0], f"It may query {table.logical_id}, and none of its indexes: table/NAME/index/NAME."


@rule
def token_complete(templates: Templates) -> Found:
    """Who gets a token of CodeArtifact may also get the bearer token that it is made of."""
    for resource in dict.fromkeys(item.path for item, _ in policies.identity(templates)):
        own = [(item, each) for item, each in policies.identity(templates) if item.path == resource and each.allows]
        asks = [item for item, each in own if names_action(each, "codeartifact:GetAuthorizationToken")]
        bearers = [each for _, each in own if names_action(each, _BEARER)]
        for_artifacts = any(
            not (names := each.condition_keys.get("sts:awsservicename"))
            or any(fnmatch.fnmatchcase("codeartifact.amazonaws.com", name) for name in names)
            for each in bearers
        )
        if asks and not for_artifacts:
            yield asks[0], "Its token is refused: it lacks sts:GetServiceBearerToken for codeartifact.amazonaws.com."


_FOLLOWED: Final = {
    "TrainingJob": "sagemaker:CreateTrainingJob sagemaker:StopTrainingJob",
    "ProcessingJob": "sagemaker:CreateProcessingJob sagemaker:StopProcessingJob",
    "TransformJob": "sagemaker:CreateTransformJob sagemaker:StopTransformJob",
    "TuningJob": "sagemaker:CreateHyperParameterTuningJob sagemaker:StopHyperParameterTuningJob",
    "execution": "states:StartExecution states:StopExecution",
}
"""What a state machine's role starts and stops where its task waits (`.sync`), which a rule of EventBridge tells it."""


@rule
def machine_follows(templates: Templates) -> Found:
    """A state machine's role that starts and stops jobs may make the rule that tells it when they end."""
    for role, given in role_rights(templates):
        trusted = {name for each in policies.read(role.get("AssumeRolePolicyDocument")) for name in each.services}
        if not any(name.startswith("states.") for name in trusted) or given is None:
            continue
        for job, actions in _FOLLOWED.items():
            follows = all(any(names_action(each, action) for each in given) for action in actions.split())
            if follows and not any(names_action(each, "events:PutRule") for each in given):
                yield role, f"It may start a {job} and not follow it: events:PutRule, PutTargets and DescribeRule."
                break


def role_rights(templates: Templates) -> Iterator[tuple[Resource, list[policies.Statement] | None]]:
    """Yield every role with all that it may do, or None where policies of elsewhere say so."""
    every = list(policies.identity(templates))
    for role in templates.of("AWS::IAM::Role"):
        own = [each for item, each in every if each.allows and (item == role or _is_attached(templates, item, role))]
        yield role, None if as_list(role.get("ManagedPolicyArns")) or not own else own


def _is_attached(templates: Templates, policy: Resource, role: Resource) -> bool:
    names = [*as_list(policy.get("Roles")), *as_list(policy.get("RoleName"))]
    return policy.type != "AWS::IAM::Role" and any(templates.find(name) == role for name in names)


_NEEDED: Final = (
    ("AWS::Lambda::Function", "Role", "VpcConfig.SubnetIds", "ec2:CreateNetworkInterface"),
    ("AWS::EC2::FlowLog", "DeliverLogsPermissionArn", "", "logs:CreateLogStream"),
    ("AWS::EC2::FlowLog", "DeliverLogsPermissionArn", "", "logs:PutLogEvents"),
)
"""Type, where its role stands, the property that needs it, and what the role must be allowed."""
_STARTED: Final = (
    (re.compile(r":states:.*:stateMachine:|StateMachine"), "states:StartExecution"),
    (re.compile(r":sagemaker:.*:pipeline/"), "sagemaker:StartPipelineExecution"),
    (re.compile(r":codebuild:.*:project/"), "codebuild:StartBuild"),
    (re.compile(r":events:.*:event-bus/"), "events:PutEvents"),
    (re.compile(r":kinesis:.*:stream/"), "kinesis:PutRecord"),
)
"""What a rule's target is told by, and what its role must be allowed."""
_TYPES: Final = {
    "AWS::StepFunctions::StateMachine": "states:StartExecution",
    "AWS::SageMaker::Pipeline": "sagemaker:StartPipelineExecution",
    "AWS::CodeBuild::Project": "codebuild:StartBuild",
}


@rule
def role_can(templates: Templates) -> Found:
    """A role may do what the resource that takes it on does with it."""
    rights = {role.path: given for role, given in role_rights(templates)}
    for resource, name, action in _needs(templates):
        role = templates.find(name)
        given = rights.get(role.path) if role is not None and role.type == "AWS::IAM::Role" else None
        if role is not None and given is not None and not any(names_action(each, action) for each in given):
            yield role, f"{resource.logical_id} does nothing with it: it is not allowed {action}."


def _needs(templates: Templates) -> Iterator[tuple[Resource, object, str]]:
    for kind, where, asked, action in _NEEDED:
        for resource in templates.of(kind):
            if not asked or resource.get(asked):
                yield resource, resource.get(where), action
    for function in templates.of("AWS::Lambda::Function"):
        target = str(function.get("DeadLetterConfig.TargetArn", ""))
        found = templates.find(target)
        kind = found.type if found is not None else target
        if kind == "AWS::SQS::Queue" or ":sqs:" in kind:
            yield function, function.get("Role"), "sqs:SendMessage"
        elif kind == "AWS::SNS::Topic" or ":sns:" in kind:
            yield function, function.get("Role"), "sns:Publish"
    for waiting in templates.of("AWS::Events::Rule"):
        for target in as_list(waiting.get("Targets")):
            if action := _starts(templates, target):
                yield waiting, get(target, "RoleArn"), action


def _starts(templates: Templates, target: object) -> str:
    if get(target, "SageMakerPipelineParameters"):
        return "sagemaker:StartPipelineExecution"
    name = str(get(target, "Arn", ""))
    found = templates.find(name)
    if found is not None and found.type in _TYPES:
        return _TYPES[found.type]
    return next((action for form, action in _STARTED if form.search(policies.plain(name))), "")


_TRUSTED: Final = (
    ("AWS::ApiGateway::Account", "CloudWatchRoleArn", "apigateway"),
    ("AWS::EC2::FlowLog", "DeliverLogsPermissionArn", "vpc-flow-logs"),
    ("AWS::StepFunctions::StateMachine", "RoleArn", "states"),
    ("AWS::Lambda::Function", "Role", "lambda"),
    ("AWS::CodeBuild::Project", "ServiceRole", "codebuild"),
    ("AWS::Scheduler::Schedule", "Target.RoleArn", "scheduler"),
    ("AWS::CloudTrail::Trail", "CloudWatchLogsRoleArn", "cloudtrail"),
    ("AWS::Backup::BackupSelection", "BackupSelection.IamRoleArn", "backup"),
    ("AWS::S3::Bucket", "ReplicationConfiguration.Role", "s3"),
    ("AWS::Pipes::Pipe", "RoleArn", "pipes"),
    ("AWS::SageMaker::Model", "ExecutionRoleArn", "sagemaker"),
    ("AWS::SageMaker::Pipeline", "RoleArn", "sagemaker"),
    ("AWS::SageMaker::FeatureGroup", "RoleArn", "sagemaker"),
    ("AWS::SageMaker::MlflowApp", "RoleArn", "sagemaker"),
    ("AWS::SageMaker::Domain", "DefaultUserSettings.ExecutionRole", "sagemaker"),
    ("AWS::Glue::Job", "Role", "glue"),
)


@rule
def role_taken_on(templates: Templates) -> Found:
    """A role can be taken on by the service that the resource gives it to."""
    for kind, where, service in _TRUSTED:
        for resource in templates.of(kind):
            role = templates.find(resource.get(where))
            if role is None or role.type != "AWS::IAM::Role":
                continue
            trusted = [
                name
                for each in policies.read(role.get("AssumeRolePolicyDocument"))
                if each.allows
                for name in each.services
            ]
            if not any(name.startswith((f"{service}.", "*")) for name in trusted):
                yield role, f"{resource.logical_id} cannot take it on: it does not trust {service}.amazonaws.com."


_PULLS: Final = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


@rule
def image_pulled(templates: Templates) -> Found:
    """Who may read layers of an image may read what names them, and the other way round."""
    for resource, statement in statements(templates):
        if statement.allows and resource.type == "AWS::ECR::Repository":
            has = [names_action(statement, each) for each in _PULLS]
            if any(has) and not all(has):
                yield resource, f"Nobody can pull: {_PULLS[has.index(False)]} is missing beside the other."


RULES: Final = (
    right_reaches,
    secret_named_in_full,
    index_reached,
    token_complete,
    machine_follows,
    role_can,
    role_taken_on,
    image_pulled,
)
