"""Rules of encryption: a key of the account for whatever holds data, and TLS for whoever asks."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ml_rules import policies
from ml_rules.data.state import replicas, without_cluster_members
from ml_rules.requests import DEFINED
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings, named_values

Found = Iterator[tuple[Resource, str]]

_OWN_KEY: Final = {
    "AWS::Athena::WorkGroup": "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.KmsKey",
    "AWS::Backup::BackupVault": "EncryptionKeyArn",
    "AWS::CodeArtifact::Domain": "EncryptionKey",
    "AWS::CodeBuild::Project": "EncryptionKey",
    "AWS::DocDB::DBCluster": "KmsKeyId",
    "AWS::DynamoDB::Table": "SSESpecification.KMSMasterKeyId",
    "AWS::EC2::Volume": "KmsKeyId",
    "AWS::ECR::Repository": "EncryptionConfiguration.KmsKey",
    "AWS::EFS::FileSystem": "KmsKeyId",
    "AWS::ElastiCache::ReplicationGroup": "KmsKeyId",
    "AWS::FSx::FileSystem": "KmsKeyId",
    "AWS::Kinesis::Stream": "StreamEncryption.KeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::Neptune::DBCluster": "KmsKeyId",
    "AWS::OpenSearchService::Domain": "EncryptionAtRestOptions.KmsKeyId",
    "AWS::RDS::DBCluster": "KmsKeyId",
    "AWS::RDS::DBInstance": "KmsKeyId",
    "AWS::Redshift::Cluster": "KmsKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SageMaker::Domain": "KmsKeyId",
    "AWS::SageMaker::EndpointConfig": "KmsKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",  # pragma: allowlist secret
}
"""Where each type of resource names the key that encrypts it."""
_SWITCHES: Final = {"AtRestEncryptionEnabled", "Encrypted", "StorageEncrypted", "SSEEnabled", "SqsManagedSseEnabled"}
"""Properties of any resource that turn its encryption off."""
_KEYLESS: Final = {"AWS_OWNED_CMK", "AWS_OWNED_KEY", "AWS_OWNED_KMS_KEY", "NoEncryption", "SSE-S3", "SSE_S3"}
"""How properties of any resource say that AWS's key encrypts, or none."""
_PLACES: Final = {"S3OutputLocation", "S3OutputPath"}
"""What tells where in S3 a resource writes results; the key that encrypts these stands beside it."""
_NARROW: Final = re.compile(r"kms:(ReEncrypt|GenerateDataKey|Describe|Get|List)[A-Za-z]*\*")
"""Wildcards of actions that only use a key, or look at it (KMS guide, "Default key policy")."""
_TLS: Final = 1.2
_CLEAR: Final = {
    "ClientBroker": {"plaintext", "tls_plaintext"},
    "EnforceHTTPS": {"false"},
    "InClusterEncryption": {"false"},
    "MinimumProtocolVersion": {"sslv3", "tlsv1", "tlsv1_2016", "tlsv1.1_2016"},
    "SecurityPolicy": {"tls_1_0"},
    "TLSSecurityPolicy": {"policy-min-tls-1-0-2019-07"},
    "TransitEncryption": {"disabled"},
    "TransitEncryptionEnabled": {"false"},
    "ViewerProtocolPolicy": {"allow-all"},
    "rds.force_ssl": {"0", "off", "false"},
    "require_secure_transport": {"0", "off", "false"},
    "require_ssl": {"0", "off", "false"},
    "tls": {"disabled"},
}
"""Properties and parameters of any resource, and their values that let it be asked in the clear."""


@rule
def own_key(templates: Templates) -> Found:
    """What holds data is encrypted with a key of this account."""
    for resource in without_cluster_members(templates.of(*_OWN_KEY)):
        key = str(resource.get(_OWN_KEY[resource.type]) or "")
        if not key:
            yield resource, f"{_OWN_KEY[resource.type]} is not set."
    for table, region, replica in replicas(templates):
        if not get(replica, "SSESpecification.KMSMasterKeyId"):
            yield table, f"Its replica in {region} names no key."
    for resource in templates.resources:
        for name, value in named_values(resource.properties):
            if "key" in name.lower() and "alias/aws/" in str(value):
                yield resource, f"{name} is {value}, a key of AWS's."
        for item in mappings(resource.properties) if resource.type not in DEFINED else ():
            if _PLACES & item.keys() and not any("kmskey" in name.lower() for name in item):
                yield resource, "Its results have no key."


@rule
def bucket_key(templates: Templates) -> Found:
    """A bucket encrypts with a key of this account what is written without one."""
    for bucket in templates.of("AWS::S3::Bucket"):
        rules = as_list(bucket.get("BucketEncryption.ServerSideEncryptionConfiguration"))
        default = [get(item, "ServerSideEncryptionByDefault", {}) for item in rules]
        keyed = any("alias/aws/" not in str(item.get("KMSMasterKeyID") or "alias/aws/s3") for item in default)
        if not keyed and not _takes_access_logs(templates, bucket):
            yield bucket, "Its default encryption names no key."
        if not any(default):
            yield bucket, "It has no default encryption."


@rule
def encryption_on(templates: Templates) -> Found:
    """Nothing turns encryption off, or leaves it to a key that is not of the account."""
    for resource in templates.resources:
        for name, value in named_values(resource.properties):
            off = name in _SWITCHES and str(value).lower() == "false" and not resource.get("KmsMasterKeyId")
            bare = name == "Ebs" and not is_true(get(value, "Encrypted"))
            if off or bare or (isinstance(value, str) and value in _KEYLESS):
                yield resource, f"{name} is not encrypted with a key of the account."
    for queue in templates.of("AWS::SQS::Queue"):
        if not queue.get("KmsMasterKeyId") and "SqsManagedSseEnabled" not in queue.properties:
            yield queue, "It says nothing of encryption."


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
            everything = any("*" in action and not _NARROW.fullmatch(action) for action in statement.actions)
            names = statement.principals or ("",)
            if statement.allows and everything and (len(names) > 1 or not names[0].endswith(":root")):
                yield key, "Somebody beside the account may do everything with it."


@rule
def transport_encrypted(templates: Templates) -> Found:
    """Buckets, queues and topics refuse requests that are not made over TLS, and nothing else allows them."""
    kinds: Mapping[str, tuple[str, str]] = {
        "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket"),
        "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
        "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
    }
    for resource in templates.of(*kinds):
        policy_type, target = kinds[resource.type]
        guarded = any(
            _refuses_plain_text(templates, statement, resource)
            for policy in templates.of(policy_type)
            if any(templates.find(name) == resource for name in as_list(policy.get(target)))
            for statement in policies.read(policy.get("PolicyDocument"))
        )
        if not guarded:
            yield resource, "It answers without TLS."
        elif (
            resource.environment.name
            and resource.type == "AWS::S3::Bucket"
            and not _refuses_old_tls(templates, resource)
        ):
            yield resource, "It answers TLS before 1.2."
    for resource in templates.resources:
        for name, value in named_values(resource.properties):
            if str(value).lower() in _CLEAR.get(name, ()):
                yield resource, f"{name} is {value}: it answers without TLS, or an old one."
    for speaker in templates.of("AWS::SNS::Subscription", "AWS::ElasticLoadBalancingV2::Listener"):
        led_on = any(get(action, "Type") == "redirect" for action in as_list(speaker.get("DefaultActions")))
        if str(speaker.get("Protocol")).lower() == "http" and not led_on:
            yield speaker, "It speaks HTTP without TLS."


def _refuses_plain_text(templates: Templates, statement: policies.Statement, resource: Resource) -> bool:
    """Return whether a statement denies whatever anybody asks of `resource` in the clear."""
    only = {key: [value.lower() for value in values] for key, values in statement.condition_keys.items()}
    tested = {operator.lower().removesuffix("ifexists") for operator in statement.conditions} <= {
        "bool",
        "stringequals",
    }
    everything = resource.type == "AWS::SNS::Topic" or any(action.endswith("*") for action in statement.actions)
    meant = [name for name in statement.resources if _means(templates, name, resource)]
    of_objects = {name.endswith("/*") for name in meant if name != "*"}
    whole = bool(meant) and (resource.type != "AWS::S3::Bucket" or "*" in meant or of_objects == {True, False})
    refused = not statement.allows and statement.anonymous and tested and only == {"aws:securetransport": ["false"]}
    return refused and everything and whole


def _refuses_old_tls(templates: Templates, bucket: Resource) -> bool:
    """Return whether a statement denies whatever is asked of `bucket` by a version of TLS before 1.2."""
    return any(
        not statement.allows
        and statement.anonymous
        and statement.condition_keys.keys() == {"s3:tlsversion"}
        and float(statement.condition_keys["s3:tlsversion"][0]) >= _TLS
        and {"s3:*", "*"} & set(statement.actions)
        for policy in templates.of("AWS::S3::BucketPolicy")
        if templates.find(policy.get("Bucket")) == bucket
        for statement in policies.read(policy.get("PolicyDocument"))
    )


def _means(templates: Templates, name: str, resource: Resource) -> bool:
    """Return whether `name`, in a policy of `resource`, is the resource or its objects; a pattern may be any."""
    target = name.removesuffix("/*")
    return "*" in target or templates.find(target) == resource


def _takes_access_logs(templates: Templates, bucket: Resource) -> bool:
    """Return whether S3 writes access logs to `bucket`, which it does with its own keys alone (S3 user guide)."""
    admitted = (
        name
        for policy in templates.of("AWS::S3::BucketPolicy")
        if templates.find(policy.get("Bucket")) == bucket
        for statement in policies.read(policy.get("PolicyDocument"))
        for name in statement.services
        if any(re.fullmatch(r"[^/]*(\$\{[^}]*\})?[^/]*/\*", each) for each in statement.resources)
    )
    return "logging.s3.amazonaws.com" in admitted or any(
        templates.find(other.get("LoggingConfiguration.DestinationBucketName")) == bucket
        for other in templates.of("AWS::S3::Bucket")
    )


RULES: Final = (own_key, bucket_key, encryption_on, key_rotated, key_policy, transport_encrypted)
