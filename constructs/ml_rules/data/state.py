"""Rules of what holds data: kept, protected and private; `encryption` has the rules of its keys."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules import policies
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, number, parse_json

Found = Iterator[tuple[Resource, str]]

STATEFUL: Final = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::CodeArtifact::Domain",
        "AWS::CodeArtifact::Repository",
        "AWS::Cognito::UserPool",
        "AWS::DocDB::DBCluster",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::ECR::Repository",
        "AWS::EFS::FileSystem",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::FSx::FileSystem",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::Neptune::DBCluster",
        "AWS::OpenSearchService::Domain",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
        "AWS::S3::Bucket",
        "AWS::S3Tables::TableBucket",
        "AWS::S3Vectors::VectorBucket",
        "AWS::SageMaker::Domain",
        "AWS::SageMaker::FeatureGroup",
        "AWS::SageMaker::MlflowApp",
        "AWS::SageMaker::MlflowTrackingServer",
        "AWS::SageMaker::ModelPackageGroup",
        "AWS::SecretsManager::Secret",
    }
)
"""What a user could not make again by deploying again."""
YEAR: Final = 365
EVIDENCE_YEARS: Final = 5
"""After so many years what was kept as evidence may go."""
WEEK: Final = 7
LEAST_IMAGES: Final = 5
"""How many images a repository keeps at least, of those that have a tag."""
_OF_NOBODY: Final = re.compile(r"(build-?)?(cache|tmp|temp|scratch)")
"""Tags that nothing is deployed by."""
_EXCEPTED: Final = "ImageTagMutabilityExclusionFilters"
_LOGGING: Final = {"logging", "delivery", "cloudtrail", "config", "vpc-flow-logs", "logdelivery"}
"""Services that write logs to a bucket: logging.s3.amazonaws.com, delivery.logs.amazonaws.com."""
_KEPT: Final = {"Retain", "RetainExceptOnCreate", "Snapshot"}
_PROTECTED: Final = {
    "AWS::DocDB::DBCluster": ("DeletionProtection", {"true"}),
    "AWS::Neptune::DBCluster": ("DeletionProtection", {"true"}),
    "AWS::DynamoDB::Table": ("DeletionProtectionEnabled", {"true"}),
    "AWS::RDS::DBCluster": ("DeletionProtection", {"true"}),
    "AWS::RDS::DBInstance": ("DeletionProtection", {"true"}),
    "AWS::Cognito::UserPool": ("DeletionProtection", {"active"}),
}
"""The property that refuses a deletion by hand, and its values."""


@rule
def retained(templates: Templates) -> Found:
    """What holds state outlives its stack and its replacement, where the environment is to last."""
    for resource in without_cluster_members(templates.of(*STATEFUL)):
        if resource.environment.lasting:
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                if resource.attributes.get(policy) not in _KEPT:
                    yield resource, f"Its {policy} is {resource.attributes.get(policy, 'not set')}."


@rule
def deletion_protected(templates: Templates) -> Found:
    """What can refuse to be deleted by hand does, where the environment is to last."""
    for resource in without_cluster_members(templates.of(*_PROTECTED)):
        path, values = _PROTECTED[resource.type]
        if resource.environment.lasting and str(resource.get(path)).lower() not in values:
            yield resource, f"{path} is {resource.get(path, 'not set')}."
    for table, region, replica in replicas(templates):
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
    for table, region, replica in replicas(templates):
        if not is_true(get(replica, "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled")):
            yield table, f"Point-in-time recovery of {region} is off."
    for database in templates.resources:
        if number(database.get("BackupRetentionPeriod")) == 0:
            yield database, "It is not backed up."


@rule
def bucket_private(templates: Templates) -> Found:
    """A bucket blocks public access in all four ways, its access points do not let it in, and access lists are off."""
    for point in templates.of("AWS::S3::AccessPoint", "AWS::S3::MultiRegionAccessPoint"):
        block = point.get("PublicAccessBlockConfiguration") or point.get("PublicAccessBlock") or {}
        if off := [name for name, value in block.items() if not is_true(value)]:
            yield point, f"{', '.join(off)} is not on."
    for bucket in templates.of("AWS::S3::Bucket"):
        block = bucket.get("PublicAccessBlockConfiguration", {})
        switches = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        if off := [name for name in switches if not is_true(block.get(name))]:
            yield bucket, f"{', '.join(off)} is not on."
        for item in as_list(bucket.get("OwnershipControls.Rules")):
            if item.get("ObjectOwnership") != "BucketOwnerEnforced":
                yield bucket, "Access lists are on: its ObjectOwnership is not BucketOwnerEnforced."
        if str(bucket.get("AccessControl", "Private")).startswith(("Public", "Authenticated")):
            yield bucket, f"Its AccessControl is {bucket.get('AccessControl')}."


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
        excepted = [
            str(get(each, "ImageTagMutabilityExclusionFilterValue")) for each in as_list(repository.get(_EXCEPTED))
        ]
        fixed = repository.get("ImageTagMutability") == "IMMUTABLE"
        if not repository.environment.name and repository.get("ImageTagMutability") == "IMMUTABLE_WITH_EXCLUSION":
            fixed = bool(excepted) and all(map(_OF_NOBODY.match, excepted))
        if not fixed:
            yield repository, "Its tags can be overwritten."
        if not is_true(repository.get("ImageScanningConfiguration.ScanOnPush")):
            yield repository, "Its images are not scanned."


@rule
def bucket_logged(templates: Templates) -> Found:
    """A bucket that is not itself for logs writes down who asked for what (Security Hub, S3.9)."""
    for bucket in templates.of("AWS::S3::Bucket"):
        target = bucket.get("LoggingConfiguration.DestinationBucketName")
        if not bucket.get("LoggingConfiguration") and not _takes_logs(templates, bucket):
            yield bucket, "Nobody can say who read it: it has no access log."
        if target is not None and templates.find(target) == bucket:
            yield bucket, "It logs into itself, and so without end."


def _takes_logs(templates: Templates, bucket: Resource) -> bool:
    """Return whether AWS's services write logs to `bucket`."""
    if any(
        templates.find(b.get("LoggingConfiguration.DestinationBucketName")) == bucket for b in templates.of(bucket.type)
    ):
        return True
    return any(
        statement.allows and any(service.split(".")[0] in _LOGGING for service in statement.services)
        for policy in templates.of("AWS::S3::BucketPolicy")
        if templates.find(policy.get("Bucket")) == bucket
        for statement in policies.read(policy.get("PolicyDocument"))
    )


@rule
def kept_as_long(templates: Templates) -> Found:
    """A lifecycle throws away what is old and not what is used: current data, tagged images, new versions."""
    for bucket in templates.of("AWS::S3::Bucket"):
        for item in as_list(bucket.get("LifecycleConfiguration.Rules")):
            if item.get("Status") != "Enabled":
                yield bucket, "A rule of its lifecycle is not enabled."
                continue
            narrow = any(item.get(key) for key in ("Prefix", "TagFilters", "ObjectSizeLessThan"))
            expires = item.get("ExpirationInDays") or item.get("ExpirationDate")
            days = number(item.get("ExpirationInDays"))
            lasting = days is not None and days >= EVIDENCE_YEARS * YEAR
            if expires and not narrow and not lasting and not _takes_logs(templates, bucket):
                yield bucket, "Its lifecycle deletes everything in it."
            elif expires and not narrow and days and days < YEAR and bucket.environment.production:
                yield bucket, f"Its logs are deleted after {days:g} days."
            old = number(
                get(item, "NoncurrentVersionExpiration.NoncurrentDays", item.get("NoncurrentVersionExpirationInDays"))
            )
            if old is not None and old < WEEK and bucket.environment.lasting:
                yield bucket, f"What is overwritten by mistake can be had back for {old:g} days only."
    for repository in templates.of("AWS::ECR::Repository"):
        policy = parse_json(repository.get("LifecyclePolicy.LifecyclePolicyText"))
        for item in as_list(get(policy, "rules")):
            chosen = get(item, "selection", {})
            few = number(chosen.get("countNumber")) or 0
            if chosen.get("tagStatus") in {"any", "tagged"} and (
                chosen.get("countType") == "sinceImagePushed" or few < LEAST_IMAGES
            ):
                yield repository, "Its lifecycle deletes images that an endpoint may have to go back to."


@rule
def table_scales(templates: Templates) -> Found:
    """A table has the capacity that is asked of it: on demand, or by a scaling target of its own (DynamoDB.1)."""
    for table in templates.of("AWS::DynamoDB::Table"):
        scaled = any(
            target.get("ServiceNamespace") == "dynamodb" and templates.find(str(target.get("ResourceId"))[6:]) == table
            for target in templates.of("AWS::ApplicationAutoScaling::ScalableTarget")
        )
        if table.get("BillingMode", "PROVISIONED") == "PROVISIONED" and not scaled:
            yield table, "Requests above its capacity are refused: it neither scales nor is on demand."


def without_cluster_members(resources: Iterator[Resource]) -> Iterator[Resource]:
    """Yield the resources but instances of a database cluster, which keep nothing themselves."""
    return (
        resource for resource in resources if not resource.get("DBClusterIdentifier") or "Instance" not in resource.type
    )


def replicas(templates: Templates) -> Iterator[tuple[Resource, str, Mapping[str, Any]]]:
    """Yield every copy of a global table, and its region."""
    for table in templates.of("AWS::DynamoDB::GlobalTable"):
        for replica in as_list(table.get("Replicas")):
            yield table, str(replica.get("Region")), replica


RULES: Final = (
    retained,
    table_scales,
    deletion_protected,
    recoverable,
    bucket_private,
    log_group_expires,
    images_fixed,
    bucket_logged,
    kept_as_long,
)
