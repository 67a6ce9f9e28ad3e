"""KMS of MiniStack: the keys that AWS manages for its services can be described, and found by alias.

Sources: developer guide of KMS, "AWS managed keys"; answers that localstack/localstack recorded from AWS
(tests/aws/services/dynamodb/test_dynamodb.snapshot.json, Apache-2.0).
"""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb, kms

SERVICES: Mapping[str, str] = {
    "aws/backup": "Default key that protects my Backup data when no other key is defined",
    "aws/dynamodb": "Default key that protects my DynamoDB data when no other key is defined",
    "aws/ebs": "Default key that protects my EBS volumes when no other key is defined",
    "aws/elasticfilesystem": "Default key that protects my EFS filesystems when no other key is defined",
    "aws/kinesis": "Default key that protects my Kinesis data when no other key is defined",
    "aws/lambda": "Default key that protects my Lambda functions when no other key is defined",
    "aws/rds": "Default key that protects my RDS database volumes when no other key is defined",
    "aws/s3": "Default key that protects my S3 objects when no other key is defined",
    # pragma: allowlist nextline secret
    "aws/secretsmanager": "Default key that protects my Secrets Manager data when no other key is defined",
    "aws/sns": "Default key that protects my SNS data when no other key is defined",
    "aws/sqs": "Default key that protects my SQS messages when no other key is defined",
    "aws/ssm": "Default key that protects my SSM parameters when no other key is defined",
}
CREATED = 1_600_000_000
"""When the keys were made, in seconds of the epoch: before anything that is described beside them."""


def describe_managed_keys() -> None:
    """Describe AWS's own keys, and name that of DynamoDB by its ARN where a table is under it."""
    describe, encrypt = kms._describe_key, dynamodb._sse_description_from_spec

    def described(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        alias = managed(str(data.get("KeyId", "")))
        if not alias or kms._resolve_key(str(data["KeyId"])):
            return describe(data)
        return responses.json_response({"KeyMetadata": metadata(alias)})

    def encrypted(specification: Any) -> Any:  # noqa: ANN401 - MiniStack's
        told = encrypt(specification)
        if told and "alias/aws/dynamodb" in str(told.get("KMSMasterKeyArn")):
            told = {**told, "KMSMasterKeyArn": aws_managed("aws/dynamodb")}
        return told

    kms._describe_key, dynamodb._sse_description_from_spec = described, encrypted


def aws_managed(alias: str) -> str:
    """ARN of the key that AWS manages for a service (`aws/s3`) in the account and region of the request."""
    account, region = responses.get_account_id(), responses.get_region()
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{account}/{region}/{alias}")
    return f"arn:aws:kms:{region}:{account}:key/{identifier}"


def managed(key: str) -> str:
    """Return the alias (`aws/s3`) of AWS's key with this id, ARN or alias; nothing for any other key."""
    for alias in SERVICES:
        arn = aws_managed(alias)
        if key in {arn, arn.rpartition("/")[2], f"alias/{alias}"} or key.endswith(f":alias/{alias}"):
            return alias
    return ""


def metadata(alias: str) -> dict[str, object]:
    """Return what DescribeKey tells of AWS's key for a service."""
    arn = aws_managed(alias)
    return {
        "AWSAccountId": responses.get_account_id(),
        "Arn": arn,
        "CreationDate": CREATED,
        "CurrentKeyMaterialId": hashlib.sha256(arn.encode()).hexdigest(),
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Description": SERVICES[alias],
        "Enabled": True,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "KeyId": arn.rpartition("/")[2],
        "KeyManager": "AWS",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": False,
        "Origin": "AWS_KMS",
    }
