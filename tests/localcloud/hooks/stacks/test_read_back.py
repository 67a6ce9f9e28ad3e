"""Nobody's word is taken unread: what CloudFormation made is read back, and drift is found in the same way."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.lifecycle import LocalCloud
from tests.localcloud.conftest import NOT_APPLIED, Deploy

Aws = Callable[..., Any]
STACK = "drifting"
ARN = {"Fn::GetAtt": ["Key", "Arn"]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
SEND = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
            "Action": "kms:*",
            "Resource": "*",
        },
    ],
}
RESOURCES: dict[str, Any] = {
    "Key": {
        "Type": "AWS::KMS::Key",
        "Properties": {"Description": "data", "EnableKeyRotation": True, "KeyPolicy": KEY_POLICY},
    },
    "Bucket": {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketName": "drifting-data",
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": ARN},
                    }
                ]
            },
            "LifecycleConfiguration": {
                "Rules": [{"Id": "Tidy", "Status": "Enabled", "ExpirationInDays": 30, "Prefix": "tmp/"}]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
            "LoggingConfiguration": {"DestinationBucketName": "drifting-logs", "LogFilePrefix": "data/"},
            "Tags": [{"Key": "owner", "Value": "data"}],
        },
        "DependsOn": "Logs",
    },
    "Logs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "drifting-logs"}},
    "BucketPolicy": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": "arn:aws:s3:::drifting-data/*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    },
    "Table": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "drifting",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": ARN},
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        },
    },
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "alerts", "KmsMasterKeyId": ARN}},
    "Queue": {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": "drifting", "VisibilityTimeout": 60, "MessageRetentionPeriod": 1209600},
    },
    "Group": {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": "/drifting", "RetentionInDays": 30, "KmsKeyId": ARN},
    },
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "drifting",
            "Description": "runs it",
            "AssumeRolePolicyDocument": TRUST,
            "Policies": [
                {"PolicyName": "own", "PolicyDocument": ALLOW},
                {"PolicyName": "letters", "PolicyDocument": SEND},
            ],
        },
    },
    "Policy": {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "more", "PolicyDocument": ALLOW, "Roles": [{"Ref": "Reader"}]},
    },
    "Reader": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "drifting-r", "AssumeRolePolicyDocument": TRUST}},
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "drifting",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Code": {"ZipFile": "def handler(event, context): pass"},
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Timeout": 10,
            "MemorySize": 256,
            "Environment": {"Variables": {"MODE": "safe"}},
            "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
        },
    },
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": "drifting",
            "EventPattern": {"source": ["aws.sagemaker"]},
            "State": "ENABLED",
            "Targets": [{"Id": "queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
            "Tags": [{"Key": "team", "Value": "risk"}],
        },
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "drifting",
            "Tags": [{"Key": "team", "Value": "risk"}],
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
        },
    },
    "Images": {
        "Type": "AWS::ECR::Repository",
        "Properties": {"RepositoryName": "drifting", "ImageTagMutability": "IMMUTABLE"},
    },
    "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/drifting", "Type": "String", "Value": "a"}},
    "Models": {
        "Type": "AWS::SageMaker::ModelPackageGroup",
        "Properties": {"ModelPackageGroupName": "drifting", "Tags": [{"Key": "system", "Value": "fraud"}]},
    },
}
BUCKET = "drifting-data"
OTHER_STATEMENT = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:DeleteBucket",
    "Resource": f"arn:aws:s3:::{BUCKET}",
}


def alarm(**changed: object) -> dict[str, object]:
    properties = {**RESOURCES["Alarm"]["Properties"]}
    return {**properties, **changed}


CHANGES: dict[str, tuple[str, Callable[[Aws], object]]] = {
    "Bucket/BucketEncryption": ("Bucket", lambda aws: aws("s3").delete_bucket_encryption(Bucket=BUCKET)),
    "Bucket/LifecycleConfiguration": ("Bucket", lambda aws: aws("s3").delete_bucket_lifecycle(Bucket=BUCKET)),
    "Bucket/OwnershipControls": ("Bucket", lambda aws: aws("s3").delete_bucket_ownership_controls(Bucket=BUCKET)),
    "Bucket/PublicAccessBlockConfiguration": (
        "Bucket",
        lambda aws: aws("s3").delete_public_access_block(Bucket=BUCKET),
    ),
    "Bucket/VersioningConfiguration/Status": (
        "Bucket",
        lambda aws: aws("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}),
    ),
    "Bucket/LoggingConfiguration": (
        "Bucket",
        lambda aws: aws("s3").put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus={}),
    ),
    "Bucket/Tags/owner": (
        "Bucket",
        lambda aws: aws("s3").put_bucket_tagging(
            Bucket=BUCKET, Tagging={"TagSet": [{"Key": "owner", "Value": "nobody"}]}
        ),
    ),
    "BucketPolicy/PolicyDocument": (
        "BucketPolicy",
        lambda aws: aws("s3").put_bucket_policy(
            Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [OTHER_STATEMENT]})
        ),
    ),
    "Key/EnableKeyRotation": ("Key", lambda aws: aws("kms").disable_key_rotation(KeyId=key(aws))),
    "Key/Description": ("Key", lambda aws: aws("kms").update_key_description(KeyId=key(aws), Description="other")),
    "Key/KeyPolicy": (
        "Key",
        lambda aws: aws("kms").put_key_policy(
            KeyId=key(aws),
            PolicyName="default",
            Policy=json.dumps({**KEY_POLICY, "Statement": KEY_POLICY["Statement"][:1]}),
        ),
    ),
    "Table/PointInTimeRecoverySpecification": (
        "Table",
        lambda aws: aws("dynamodb").update_continuous_backups(
            TableName="drifting", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
        ),
    ),
    "Table/SSESpecification": (
        "Table",
        lambda aws: aws("dynamodb").update_table(TableName="drifting", SSESpecification={"Enabled": False}),
    ),
    "Table/TimeToLiveSpecification": (
        "Table",
        lambda aws: aws("dynamodb").update_time_to_live(
            TableName="drifting", TimeToLiveSpecification={"AttributeName": "expires", "Enabled": False}
        ),
    ),
    "Topic/DisplayName": ("Topic", lambda aws: topic(aws, "DisplayName", "other")),
    "Topic/KmsMasterKeyId": ("Topic", lambda aws: topic(aws, "KmsMasterKeyId", "")),
    "Queue/VisibilityTimeout": ("Queue", lambda aws: queue(aws, VisibilityTimeout="5")),
    "Queue/MessageRetentionPeriod": ("Queue", lambda aws: queue(aws, MessageRetentionPeriod="60")),
    "Group/RetentionInDays": (
        "Group",
        lambda aws: aws("logs").put_retention_policy(logGroupName="/drifting", retentionInDays=1),
    ),
    "Group/KmsKeyId": ("Group", lambda aws: aws("logs").disassociate_kms_key(logGroupName="/drifting")),
    "Role/Description": ("Role", lambda aws: aws("iam").update_role(RoleName="drifting", Description="other")),
    "Role/AssumeRolePolicyDocument": (
        "Role",
        lambda aws: aws("iam").update_assume_role_policy(
            RoleName="drifting", PolicyDocument=json.dumps(TRUST).replace("lambda.", "ec2.")
        ),
    ),
    "Role/Policies": ("Role", lambda aws: aws("iam").delete_role_policy(RoleName="drifting", PolicyName="own")),
    "Policy/PolicyDocument": (
        "Policy",
        lambda aws: aws("iam").put_role_policy(
            RoleName="drifting-r",
            PolicyName="more",
            PolicyDocument=json.dumps(ALLOW).replace("s3:GetObject", "s3:*"),
        ),
    ),
    "Function/Timeout": ("Function", lambda aws: function(aws, Timeout=99)),
    "Function/MemorySize": ("Function", lambda aws: function(aws, MemorySize=1024)),
    "Function/Environment/Variables/MODE": (
        "Function",
        lambda aws: function(aws, Environment={"Variables": {"MODE": "loose"}}),
    ),
    "Function/DeadLetterConfig": ("Function", lambda aws: function(aws, DeadLetterConfig={"TargetArn": ""})),
    "Rule/State": ("Rule", lambda aws: aws("events").disable_rule(Name="drifting")),
    "Rule/Targets": ("Rule", lambda aws: aws("events").remove_targets(Rule="drifting", Ids=["queue"])),
    "Alarm/Threshold": ("Alarm", lambda aws: aws("cloudwatch").put_metric_alarm(**alarm(Threshold=99))),
    "Images/ImageTagMutability": (
        "Images",
        lambda aws: aws("ecr").put_image_tag_mutability(repositoryName="drifting", imageTagMutability="MUTABLE"),
    ),
    "Parameter/Value": (
        "Parameter",
        lambda aws: aws("ssm").put_parameter(Name="/drifting", Value="b", Type="String", Overwrite=True),
    ),
    "Models/Tags/system": (
        "Models",
        lambda aws: aws("sagemaker").add_tags(
            ResourceArn="arn:aws:sagemaker:eu-west-1:111111111111:model-package-group/drifting",
            Tags=[{"Key": "system", "Value": "other"}],
        ),
    ),
}
"""Changes that somebody makes by hand, by the property that they change, and its resource."""


def key(aws: Aws) -> str:
    return str(
        aws("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId="Key")["StackResourceDetail"][
            "PhysicalResourceId"
        ]
    )


def topic(aws: Aws, name: str, value: str) -> None:
    detail = aws("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId="Topic")
    arn = detail["StackResourceDetail"]["PhysicalResourceId"]
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)


def queue(aws: Aws, **attributes: str) -> None:
    url = aws("sqs").get_queue_url(QueueName="drifting")["QueueUrl"]
    aws("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)


def function(aws: Aws, **changes: object) -> None:
    aws("lambda").update_function_configuration(FunctionName="drifting", **changes)


def drifts(aws: Aws) -> dict[str, set[str]]:
    """Return the places that drift detection finds, by logical id."""
    cloudformation = aws("cloudformation")
    cloudformation.detect_stack_drift(StackName=STACK)
    found = cloudformation.describe_stack_resource_drifts(StackName=STACK, MaxResults=100)["StackResourceDrifts"]
    assert {each["LogicalResourceId"] for each in found} == set(RESOURCES)
    return {
        each["LogicalResourceId"]: {difference["PropertyPath"] for difference in each["PropertyDifferences"]}
        for each in found
        if each["StackResourceDriftStatus"] == "MODIFIED"
    }


def test_hand_made_changes_of_thirty_properties_are_all_found(aws: Aws, deploy: Deploy, cloud: LocalCloud) -> None:
    assert len(CHANGES) >= 30
    stack = deploy(RESOURCES, STACK)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    lines = [line for line in cloud.resources() if line["stack"] == STACK]
    assert {each["status"] for line in lines for each in line["properties"]} <= {"applied", "recorded"}
    assert drifts(aws) == {}
    for _, change in CHANGES.values():
        change(aws)
    found = drifts(aws)
    missed = [
        name
        for name, (logical_id, _) in CHANGES.items()
        if not any(path.startswith(f"/{name.partition('/')[2]}") for path in found.get(logical_id, ()))
    ]
    assert missed == []


def test_a_property_that_nobody_applies_fails_the_resource_and_leaves_nothing(aws: Aws, deploy: Deploy) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "half-made", **NOT_APPLIED}}
    stack = deploy({"Bucket": bucket})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stack["Failed"]["Bucket"].startswith(
        "The local cloud did not apply every property of Bucket (AWS::S3::Bucket): /InventoryConfigurations/*/"
    )
    assert "half-made" not in [each["Name"] for each in aws("s3").list_buckets()["Buckets"]]


def test_an_update_is_read_back_too(aws: Aws, deploy: Deploy, cloud: LocalCloud) -> None:
    def bucket(**properties: object) -> dict[str, Any]:
        return {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "changing", **properties}}}

    rule = {"Id": "Tidy", "Status": "Enabled", "ExpirationInDays": 3}
    name = "test-changing"
    deploy(bucket(LifecycleConfiguration={"Rules": [rule]}), name)
    stack = deploy(bucket(LifecycleConfiguration={"Rules": [{**rule, "ExpirationInDays": 7}]}), name)
    assert stack["StackStatus"] == "UPDATE_COMPLETE", stack["Failed"]
    rules = aws("s3").get_bucket_lifecycle_configuration(Bucket="changing")["Rules"]
    assert rules[0]["Expiration"] == {"Days": 7}
    line = next(line for line in cloud.resources() if line["stack"] == name)
    assert {each["path"]: each["status"] for each in line["properties"]}[
        "/LifecycleConfiguration/Rules/*/ExpirationInDays"
    ] == "recorded"  # read back, and nothing acts on it
    deploy(bucket(), name)
    with pytest.raises(aws("s3").exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        aws("s3").get_bucket_lifecycle_configuration(Bucket="changing")


def test_drift_of_a_resource_that_is_gone_is_deleted(aws: Aws, deploy: Deploy) -> None:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/gone", "Type": "String", "Value": "a"}}
    name = "test-gone"
    deploy({"Parameter": parameter}, name)
    aws("ssm").delete_parameter(Name="/gone")
    found = aws("cloudformation").detect_stack_resource_drift(StackName=name, LogicalResourceId="Parameter")
    assert found["StackResourceDrift"]["StackResourceDriftStatus"] == "DELETED"
