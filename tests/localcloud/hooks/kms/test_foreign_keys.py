"""A key of another account: the key policy and the caller's own policies must both allow.

Source: KMS developer guide, "Allowing users in other accounts to use a KMS key".
"""

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.console import Running

pytestmark = pytest.mark.slow
OTHER = "222222222222"
READ, WRITE = "kms:Decrypt", "kms:GenerateDataKey"


@pytest.fixture
def other(aws: Callable[..., Any], running: Running) -> Callable[[str], Any]:
    """Clients of a user of another account, who may use every key as far as that account is concerned."""
    iam, name = aws("iam", OTHER, running.secret), f"u{uuid4().hex}"
    iam.create_user(UserName=name)
    allow = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:PutKeyPolicy", "kms:GenerateDataKey"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return lambda service: aws(service, key["AccessKeyId"], key["SecretAccessKey"])


@pytest.fixture
def key(aws: Callable[..., Any]) -> Callable[..., str]:
    """ARN of a key of this account that the other one may use so."""

    def make(*actions: str) -> str:
        own = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "kms:*"}
        shared = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": list(actions)}
        statements = [{**each, "Resource": "*"} for each in ([own, shared] if actions else [own])]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        return str(aws("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"])

    return make


@pytest.fixture
def other_role(aws: Callable[..., Any], running: Running) -> Callable[..., Any]:
    """A client of S3 of a role of another account, which may do these actions with every key."""

    def make(*actions: str) -> Any:
        iam, name = aws("iam", OTHER, running.secret), f"r{uuid4().hex}"
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "sts:AssumeRole"}
        allowed = {"Effect": "Allow", "Action": ["s3:*", *actions], "Resource": "*"}
        trusted, policy = (json.dumps({"Version": "2012-10-17", "Statement": [each]}) for each in (trust, allowed))
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
        found = aws("sts", OTHER, running.secret).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        signed = (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
        return boto3.Session(*signed, region_name=running.region).client("s3", endpoint_url=running.endpoint)

    return make


OWN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "kms:*", "Resource": "*"}],
    }
)


def test_both_policies_must_allow(
    aws: Callable[..., Any], other: Callable[[str], Any], key: Callable[..., str]
) -> None:
    shared = key("kms:Decrypt", "kms:Encrypt", "kms:PutKeyPolicy")
    sealed = aws("kms").encrypt(KeyId=shared, Plaintext=b"model")["CiphertextBlob"]
    assert other("kms").decrypt(KeyId=shared, CiphertextBlob=sealed)["Plaintext"] == b"model"
    with pytest.raises(ClientError, match="no identity-based policy allows the kms:Encrypt action"):
        other("kms").encrypt(KeyId=shared, Plaintext=b"x")
    with pytest.raises(ClientError, match="no resource-based policy allows the kms:GenerateDataKey action"):
        other("kms").generate_data_key(KeyId=shared, KeySpec="AES_256")
    with pytest.raises(ClientError, match="NotFound"):  # keys are managed in their own account alone
        other("kms").put_key_policy(KeyId=shared, Policy=OWN)


def test_a_key_that_is_not_shared_is_not_used(
    aws: Callable[..., Any], other: Callable[[str], Any], key: Callable[..., str], running: Running
) -> None:
    own = key()
    sealed = aws("kms").encrypt(KeyId=own, Plaintext=b"model")["CiphertextBlob"]
    for kms in (other("kms"), aws("kms", OTHER, running.secret)):
        with pytest.raises(ClientError, match="AccessDenied"):
            kms.decrypt(KeyId=own, CiphertextBlob=sealed)
        with pytest.raises(ClientError):
            kms.decrypt(CiphertextBlob=sealed)


@pytest.mark.parametrize(
    ("shared", "own", "refused"),
    [
        ((WRITE, READ), (WRITE, READ), None),
        ((WRITE,), (WRITE, READ), f"no resource-based policy allows the {READ} action"),
        ((WRITE, READ), (WRITE,), f"no identity-based policy allows the {READ} action"),
        ((READ,), (WRITE, READ), f"no resource-based policy allows the {WRITE} action"),
        ((WRITE, READ), (READ,), f"no identity-based policy allows the {WRITE} action"),
        ((), (WRITE, READ), f"no resource-based policy allows the {WRITE} action"),
    ],
)
def test_a_role_uses_objects_under_a_key_of_another_account_by_both_policies(
    other_role: Callable[..., Any], key: Callable[..., str], shared: Sequence[str], own: Sequence[str], refused: str
) -> None:
    s3, where = other_role(*own), {"Bucket": f"b{uuid4().hex}", "Key": "x"}
    s3.create_bucket(Bucket=where["Bucket"], CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key(*shared)}
    with pytest.raises(ClientError, match=refused) if refused else nullcontext():
        s3.put_object(**where, **sealed, Body=b"model")
        assert s3.get_object(**where)["Body"].read() == b"model"


def test_a_key_that_is_not_there_seals_nothing(aws: Callable[..., Any]) -> None:
    bucket, key = f"b{uuid4().hex}", "arn:aws:kms:eu-west-1:111111111111:key/7c1a8f9e-0000-4000-8000-000000000000"
    aws("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with pytest.raises(ClientError, match=r"KMS\.NotFoundException"):
        aws("s3").put_object(Bucket=bucket, Key="x", Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)


@pytest.mark.parametrize("shared", [True, False])
def test_a_queue_of_another_account_is_under_the_key_that_that_account_names(
    aws: Callable[..., Any], running: Running, key: Callable[..., str], *, shared: bool
) -> None:
    """A queue names its key by an id that is its own account's; who sends to it is of another one."""
    own, name = key(*([READ, WRITE] if shared else [])), f"q{uuid4().hex}"
    anybody = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
        "Action": "sqs:*",
        "Resource": "*",
    }
    attributes = {
        "KmsMasterKeyId": own.rpartition("/")[2],
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": [anybody]}),
    }
    url = aws("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    sender = aws("sqs", OTHER, running.secret)
    with nullcontext() if shared else pytest.raises(ClientError, match=r"KMS\.AccessDenied"):
        sender.send_message(QueueUrl=url, MessageBody="x")
        assert aws("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == "x"
