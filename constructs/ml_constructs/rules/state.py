"""Rules of what holds data: kept, protected, private and encrypted with a key of the account."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_constructs.rules import policies
from ml_constructs.rules.rule import rule
from ml_constructs.rules.templates import Resource, Templates, as_list, get, is_true, named, number

Found = Iterator[tuple[Resource, str]]

STATEFUL: Final = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::CodeArtifact::Domain",
        "AWS::CodeArtifact::Repository",
        "AWS::Cognito::UserPool",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::ECR::Repository",
        "AWS::EFS::FileSystem",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::OpenSearchService::Domain",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::S3::Bucket",
        "AWS::SageMaker::Domain",
        "AWS::SageMaker::FeatureGroup",
        "AWS::SageMaker::MlflowTrackingServer",
        "AWS::SageMaker::ModelPackageGroup",
        "AWS::SecretsManager::Secret",
    }
)
"""What a user could not make again by deploying again."""
YEAR: Final = 365
_KEPT: Final = {"Retain", "RetainExceptOnCreate", "Snapshot"}
_PROTECTED: Final = {
    "AWS::DynamoDB::Table": ("DeletionProtectionEnabled", {"true"}),
    "AWS::RDS::DBCluster": ("DeletionProtection", {"true"}),
    "AWS::RDS::DBInstance": ("DeletionProtection", {"true"}),
    "AWS::Cognito::UserPool": ("DeletionProtection", {"active"}),
}
"""The property that refuses a deletion by hand, and its values."""
_OWN_KEY: Final = {
    "AWS::Backup::BackupVault": "EncryptionKeyArn",
    "AWS::DynamoDB::Table": "SSESpecification.KMSMasterKeyId",
    "AWS::EC2::Volume": "KmsKeyId",
    "AWS::ECR::Repository": "EncryptionConfiguration.KmsKey",
    "AWS::EFS::FileSystem": "KmsKeyId",
    "AWS::Kinesis::Stream": "StreamEncryption.KeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::OpenSearchService::Domain": "EncryptionAtRestOptions.KmsKeyId",
    "AWS::RDS::DBCluster": "KmsKeyId",
    "AWS::RDS::DBInstance": "KmsKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SageMaker::Domain": "KmsKeyId",
    "AWS::SageMaker::EndpointConfig": "KmsKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",  # pragma: allowlist secret
}
"""Where each type of resource names the key that encrypts it."""
_SWITCHES: Final = {"Encrypted", "StorageEncrypted", "SSEEnabled", "SqsManagedSseEnabled"}
"""Properties of any resource that turn its encryption off."""


@rule
def retained(templates: Templates) -> Found:
    """What holds state outlives its stack and its replacement, where the environment is to last."""
    for resource in templates.of(*STATEFUL):
        if resource.environment.lasting:
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                if resource.attributes.get(policy) not in _KEPT:
                    yield resource, f"Its {policy} is {resource.attributes.get(policy, 'not set')}."


@rule
def deletion_protected(templates: Templates) -> Found:
    """What can refuse to be deleted by hand does, where the environment is to last."""
    for resource in templates.of(*_PROTECTED):
        path, values = _PROTECTED[resource.type]
        if resource.environment.lasting and str(resource.get(path)).lower() not in values:
            yield resource, f"{path} is {resource.get(path, 'not set')}."
    for table, region, replica in _replicas(templates):
        if table.environment.lasting and not is_true(replica.get("DeletionProtectionEnabled")):
            yield table, f"DeletionProtectionEnabled of {region} is not on."


@rule
def recoverable(templates: Templates) -> Found:
    """What is overwritten by mistake can be had back: buckets keep versions, tables can be restored to any second."""
    for bucket in templates.of("AWS::S3::Bucket"):
        if bucket.get("VersioningConfiguration.Status") != "Enabled":
            yield bucket, "It keeps no versions."
    for table in templates.of("AWS::DynamoDB::Table"):
        if not is_true(table.get("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled")):
            yield table, "Point-in-time recovery is off."
    for table, region, replica in _replicas(templates):
        if not is_true(get(replica, "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled")):
            yield table, f"Point-in-time recovery of {region} is off."


@rule
def own_key(templates: Templates) -> Found:
    """What holds data is encrypted with a key of this account."""
    for resource in templates.of(*_OWN_KEY):
        key = str(resource.get(_OWN_KEY[resource.type]) or "")
        if not key or "alias/aws/" in key:
            yield resource, f"{_OWN_KEY[resource.type]} is {key or 'not set'}."
    for bucket in templates.of("AWS::S3::Bucket"):
        rules = as_list(bucket.get("BucketEncryption.ServerSideEncryptionConfiguration"))
        default = [get(item, "ServerSideEncryptionByDefault", {}) for item in rules]
        keys = [str(item.get("KMSMasterKeyID") or "alias/aws/s3") for item in default]
        if not any("alias/aws/" not in key for key in keys) and not _takes_access_logs(templates, bucket):
            yield bucket, "Its default encryption names no key."
        if not any(default):
            yield bucket, "It has no default encryption."
    for resource in templates.resources:
        switches = ((name, str(value).lower()) for name, value in named(resource.properties) if name in _SWITCHES)
        off = [name for name, value in switches if value == "false"]
        if off and not resource.get("KmsMasterKeyId"):
            yield resource, f"It is not encrypted: {', '.join(off)} is off."


@rule
def key_rotated(templates: Templates) -> Found:
    """Keys are rotated, and wait a week or more before they are deleted."""
    for key in templates.of("AWS::KMS::Key"):
        symmetric = str(key.get("KeySpec", "SYMMETRIC_DEFAULT")) == "SYMMETRIC_DEFAULT"
        if symmetric and not is_true(key.get("EnableKeyRotation")):
            yield key, "It is never rotated."


@rule
def key_policy(templates: Templates) -> Found:
    """A key's policy gives all actions to this account alone; a service gets the actions that it needs, by name."""
    for key in templates.of("AWS::KMS::Key"):
        for statement in policies.read(key.get("KeyPolicy")):
            everything = any("*" in action.removeprefix("kms:ReEncrypt") for action in statement.actions)
            names = statement.principals or ("",)
            if statement.allows and everything and (len(names) > 1 or not names[0].endswith(":root")):
                yield key, "Somebody beside the account may do everything with it."


@rule
def bucket_private(templates: Templates) -> Found:
    """A bucket blocks public access in all four ways, and access lists are off."""
    for bucket in templates.of("AWS::S3::Bucket"):
        block = bucket.get("PublicAccessBlockConfiguration", {})
        switches = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        if off := [name for name in switches if not is_true(block.get(name))]:
            yield bucket, f"{', '.join(off)} is not on."
        for item in as_list(bucket.get("OwnershipControls.Rules")):
            if item.get("ObjectOwnership") != "BucketOwnerEnforced":
                yield bucket, "Access lists are on: its ObjectOwnership is not BucketOwnerEnforced."
        if str(bucket.get("AccessControl", "Private")).startswith("Public"):
            yield bucket, f"Its AccessControl is {bucket.get('AccessControl')}."


@rule
def transport_encrypted(templates: Templates) -> Found:
    """Buckets, queues and topics refuse requests that are not made over TLS."""
    kinds: Mapping[str, tuple[str, str]] = {
        "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket"),
        "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
        "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
    }
    for resource in templates.of(*kinds):
        policy_type, target = kinds[resource.type]
        guarded = any(
            _refuses_plain_text(statement, resource)
            for policy in templates.of(policy_type)
            if any(templates.find(name) == resource for name in as_list(policy.get(target)))
            for statement in policies.read(policy.get("PolicyDocument"))
        )
        if not guarded:
            yield resource, "It answers without TLS."


@rule
def log_group_expires(templates: Templates) -> Found:
    """Logs are kept for a time that is said; in production for a year or more (Security Hub, CloudWatch.16)."""
    for group in templates.of("AWS::Logs::LogGroup"):
        days = number(group.get("RetentionInDays"))
        if not days:
            yield group, "It is kept for ever."
        elif group.environment.production and days < YEAR:
            yield group, f"It is kept for {days:g} days."


@rule
def images_fixed(templates: Templates) -> Found:
    """A tag of an image never changes its meaning, and images are scanned when they are pushed."""
    for repository in templates.of("AWS::ECR::Repository"):
        if repository.get("ImageTagMutability") != "IMMUTABLE":
            yield repository, "Its tags can be overwritten."
        if not is_true(repository.get("ImageScanningConfiguration.ScanOnPush")):
            yield repository, "Its images are not scanned."


def _refuses_plain_text(statement: policies.Statement, resource: Resource) -> bool:
    """Return whether a statement denies whatever anybody asks of `resource` in the clear."""
    only = {key: [value.lower() for value in values] for key, values in statement.condition_keys.items()}
    everything = resource.type == "AWS::SNS::Topic" or any(action.endswith("*") for action in statement.actions)
    of_objects = {name == "*" or name.endswith("/*") for name in statement.resources}
    whole = resource.type != "AWS::S3::Bucket" or "*" in statement.resources or of_objects == {True, False}
    refused = not statement.allows and statement.anonymous and only == {"aws:securetransport": ["false"]}
    return refused and everything and whole


def _replicas(templates: Templates) -> Iterator[tuple[Resource, str, Mapping[str, Any]]]:
    """Yield every copy of a global table, and its region."""
    for table in templates.of("AWS::DynamoDB::GlobalTable"):
        for replica in as_list(table.get("Replicas")):
            yield table, str(replica.get("Region")), replica


def _takes_access_logs(templates: Templates, bucket: Resource) -> bool:
    """Return whether S3 writes access logs to `bucket`, which it does with its own keys alone (S3 user guide)."""
    return any(
        templates.find(other.get("LoggingConfiguration.DestinationBucketName")) == bucket
        for other in templates.of("AWS::S3::Bucket")
    )


RULES: Final = (
    retained,
    deletion_protected,
    recoverable,
    own_key,
    key_rotated,
    key_policy,
    bucket_private,
    transport_encrypted,
    log_group_expires,
    images_fixed,
)
