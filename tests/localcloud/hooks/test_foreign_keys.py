"""A key of another account: the key policy and the caller's own policies must both allow.

Source: KMS developer guide, "Allowing users in other accounts to use a KMS key".
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from localcloud.lifecycle import Running

pytestmark = pytest.mark.slow
OTHER = "222222222222"


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
        other("kms").put_key_policy(KeyId=shared, Policy="{}")


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
