"""S3 buckets, DynamoDB tables and ECR repositories."""

from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Gone, Reader, optional, pascal, renamed


def bucket(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a bucket by the operations for each of its configurations."""
    del properties
    ask("s3", "head_bucket", Bucket=name)

    def part(operation: str, member: str = "") -> Any:  # noqa: ANN401 - JSON
        answer = optional(ask, "s3", f"get_bucket_{operation}", Bucket=name)
        return answer.get(member) if member else answer

    block = optional(ask, "s3", "get_public_access_block", Bucket=name)
    logging = part("logging", "LoggingEnabled")
    lifecycle, cors = part("lifecycle_configuration", "Rules"), part("cors", "CORSRules")
    lock = optional(ask, "s3", "get_object_lock_configuration", Bucket=name).get("ObjectLockConfiguration")
    return {
        "BucketName": name,
        "BucketEncryption": part("encryption", "ServerSideEncryptionConfiguration")
        and _encryption(part("encryption", "ServerSideEncryptionConfiguration")),
        "LifecycleConfiguration": lifecycle and {"Rules": [_lifecycle_rule(rule) for rule in lifecycle]},
        "LoggingConfiguration": logging
        and renamed(logging, DestinationBucketName="TargetBucket", LogFilePrefix="TargetPrefix"),
        "OwnershipControls": part("ownership_controls", "OwnershipControls"),
        "PublicAccessBlockConfiguration": block.get("PublicAccessBlockConfiguration"),
        "VersioningConfiguration": {"Status": part("versioning", "Status")},
        "Tags": part("tagging", "TagSet"),
        "CorsConfiguration": cors and {"CorsRules": [_cors_rule(rule) for rule in cors]},
        "WebsiteConfiguration": _website(part("website")),
        "MetricsConfigurations": [
            _metrics(each)
            for each in ask("s3", "list_bucket_metrics_configurations", Bucket=name).get("MetricsConfigurationList", ())
        ],
        "NotificationConfiguration": _notifications(part("notification_configuration")),
        "ObjectLockEnabled": bool(lock),
        "ObjectLockConfiguration": lock,
    }


def _metrics(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration of metrics in the words of the template: the filter's members are its own."""
    found = configuration.get("Filter", {})
    found = {**found, **found.get("And", {})}
    tags = found.get("Tags") or ([found["Tag"]] if "Tag" in found else None)
    members = {"Prefix": found.get("Prefix"), "AccessPointArn": found.get("AccessPointArn"), "TagFilters": tags}
    return {"Id": configuration["Id"], **{name: value for name, value in members.items() if value}}


def _encryption(configuration: Mapping[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in configuration["Rules"]:
        default = renamed(rule["ApplyServerSideEncryptionByDefault"], KMSMasterKeyID="KMSMasterKeyID")
        kept = {key: value for key, value in rule.items() if key != "ApplyServerSideEncryptionByDefault"}
        rules.append({**kept, "ServerSideEncryptionByDefault": default})
    return {"ServerSideEncryptionConfiguration": rules}


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule in the words of the template: the filter's members are the rule's own."""
    condition = rule.get("Filter", {})
    condition = {**condition, **condition.get("And", {})}
    expiration = rule.get("Expiration", {})
    members = {
        "Id": rule.get("ID"),
        "Status": rule["Status"],
        "Prefix": condition.get("Prefix", rule.get("Prefix")),
        "TagFilters": condition.get("Tags") or ([condition["Tag"]] if "Tag" in condition else None),
        "ObjectSizeGreaterThan": condition.get("ObjectSizeGreaterThan"),
        "ObjectSizeLessThan": condition.get("ObjectSizeLessThan"),
        "ExpirationInDays": expiration.get("Days"),
        "ExpirationDate": expiration.get("Date"),
        "ExpiredObjectDeleteMarker": expiration.get("ExpiredObjectDeleteMarker"),
        "NoncurrentVersionExpiration": rule.get("NoncurrentVersionExpiration"),
        "NoncurrentVersionExpirationInDays": rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays"),
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
        "Transitions": [renamed(each, TransitionInDays="Days") for each in rule.get("Transitions", ())],
        "NoncurrentVersionTransitions": [
            renamed(each, TransitionInDays="NoncurrentDays") for each in rule.get("NoncurrentVersionTransitions", ())
        ],
    }
    return {name: value for name, value in members.items() if value}


def _cors_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return renamed(rule, Id="ID", ExposedHeaders="ExposeHeaders", MaxAge="MaxAgeSeconds")


def _website(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **answer,
        "IndexDocument": answer.get("IndexDocument", {}).get("Suffix"),
        "ErrorDocument": answer.get("ErrorDocument", {}).get("Key"),
    }


def _notifications(answer: Mapping[str, Any]) -> dict[str, Any]:
    def targets(member: str, target: str, arn: str) -> list[dict[str, Any]]:
        return [
            {target: each[arn], "Event": event, "Filter": _notification_filter(each.get("Filter", {}))}
            for each in answer.get(member, ())
            for event in each["Events"]
        ]

    return {
        "LambdaConfigurations": targets("LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
        "QueueConfigurations": targets("QueueConfigurations", "Queue", "QueueArn"),
        "TopicConfigurations": targets("TopicConfigurations", "Topic", "TopicArn"),
        "EventBridgeConfiguration": {"EventBridgeEnabled": "EventBridgeConfiguration" in answer},
    }


def _notification_filter(answer: Mapping[str, Any]) -> dict[str, Any]:
    rules = answer.get("Key", {}).get("FilterRules")
    return {"S3Key": {"Rules": [renamed(rule, Name="Name") for rule in rules]}} if rules else {}


def bucket_policy(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read the policy of the bucket."""
    del physical_id
    name = properties["Bucket"]
    return {"Bucket": name, "PolicyDocument": ask("s3", "get_bucket_policy", Bucket=name)["Policy"]}


def table(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a table, its recovery, its time to live and its tags."""
    del properties
    described = ask("dynamodb", "describe_table", TableName=name)["Table"]
    backups = ask("dynamodb", "describe_continuous_backups", TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    ttl = ask("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
    encryption = described.get("SSEDescription", {})
    stream = described.get("StreamSpecification", {})
    return {
        "TableName": described["TableName"],
        "KeySchema": described["KeySchema"],
        "AttributeDefinitions": described["AttributeDefinitions"],
        "BillingMode": described.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "ProvisionedThroughput": described.get("ProvisionedThroughput"),
        "OnDemandThroughput": described.get("OnDemandThroughput"),
        "DeletionProtectionEnabled": described.get("DeletionProtectionEnabled", False),
        "GlobalSecondaryIndexes": described.get("GlobalSecondaryIndexes"),
        "LocalSecondaryIndexes": described.get("LocalSecondaryIndexes"),
        "TableClass": described.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        "StreamSpecification": {"StreamViewType": stream["StreamViewType"]} if stream.get("StreamEnabled") else None,
        "SSESpecification": {
            "SSEEnabled": encryption.get("Status") == "ENABLED",
            "SSEType": encryption.get("SSEType"),
            "KMSMasterKeyId": encryption.get("KMSMasterKeyArn"),
        },
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
            "RecoveryPeriodInDays": recovery.get("RecoveryPeriodInDays"),
        },
        "TimeToLiveSpecification": {
            "AttributeName": ttl.get("AttributeName"),
            "Enabled": ttl.get("TimeToLiveStatus") == "ENABLED",
        },
        "Tags": ask("dynamodb", "list_tags_of_resource", ResourceArn=described["TableArn"]).get("Tags"),
    }


def repository(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a repository of images, its policies and its tags."""
    del properties
    found = ask("ecr", "describe_repositories", repositoryNames=[name])["repositories"]
    if not found:
        raise Gone
    described = found[0]
    policy = optional(ask, "ecr", "get_repository_policy", repositoryName=name).get("policyText")
    lifecycle = optional(ask, "ecr", "get_lifecycle_policy", repositoryName=name).get("lifecyclePolicyText")
    encryption = described.get("encryptionConfiguration", {})
    return {
        "RepositoryName": described["repositoryName"],
        "ImageTagMutability": described["imageTagMutability"],
        "ImageScanningConfiguration": pascal(described.get("imageScanningConfiguration")),
        "EncryptionConfiguration": {
            "EncryptionType": encryption.get("encryptionType"),
            "KmsKey": encryption.get("kmsKey"),
        },
        "RepositoryPolicyText": policy,
        "LifecyclePolicy": lifecycle and {"LifecyclePolicyText": lifecycle},
        "Tags": ask("ecr", "list_tags_for_resource", resourceArn=described["repositoryArn"]).get("tags"),
    }


READERS: Mapping[str, Reader] = {
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::DynamoDB::Table": table,
    "AWS::ECR::Repository": repository,
}
