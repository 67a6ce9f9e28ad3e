"""A grant gives what policies do not, as far as it reaches, until it is taken back.

Source: KMS developer guide, "Grants in AWS KMS", "Creating grants", "Managing grants".
"""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.lifecycle import Running
from tests.localcloud.keyed import Aws, allow, fresh, make_key, refusal

pytestmark = pytest.mark.slow

OTHER = "222222222222"


@pytest.fixture
def somebody(user: Callable[..., Any]) -> Callable[..., tuple[Any, str]]:
    """A client of KMS of a user of whom policies say only this, and the user's ARN."""

    def make(*statements: dict[str, Any]) -> tuple[Any, str]:
        made = user(*statements)
        return made.client("kms"), made.arn

    return make


def test_a_grant_gives_until_it_is_revoked(aws: Aws, somebody: Callable[..., tuple[Any, str]]) -> None:
    key, (client, arn) = make_key(aws), somebody()
    data = {"KeyId": key, "KeySpec": "AES_256"}
    assert "is not authorized to perform: kms:GenerateDataKey" in refusal(client.generate_data_key, **data)
    made = aws("kms").create_grant(KeyId=key, GranteePrincipal=arn, Operations=["GenerateDataKey"])
    sealed = client.generate_data_key(**data)["CiphertextBlob"]
    assert "kms:Decrypt" in refusal(client.decrypt, CiphertextBlob=sealed)
    assert [each["GrantId"] for each in aws("kms").list_grants(KeyId=key)["Grants"]] == [made["GrantId"]]
    aws("kms").revoke_grant(KeyId=key, GrantId=made["GrantId"])
    assert "kms:GenerateDataKey" in refusal(client.generate_data_key, **data)


def test_a_denial_is_stronger_than_a_grant(aws: Aws, somebody: Callable[..., tuple[Any, str]]) -> None:
    client, arn = somebody({**allow("Encrypt"), "Effect": "Deny"})
    key = make_key(aws)
    aws("kms").create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"])
    assert "explicit deny" in refusal(client.encrypt, KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize(
    ("constraint", "context", "passes"),
    [
        ("EncryptionContextEquals", {"team": "fraud"}, True),
        ("EncryptionContextEquals", {"team": "fraud", "more": "x"}, False),
        ("EncryptionContextSubset", {"team": "fraud", "more": "x"}, True),
        ("EncryptionContextSubset", {"team": "knn"}, False),
        ("EncryptionContextSubset", {}, False),
    ],
)
def test_constraints_ask_for_an_encryption_context(
    aws: Aws, somebody: Callable[..., tuple[Any, str]], constraint: str, context: dict[str, str], *, passes: bool
) -> None:
    key, (client, arn) = make_key(aws), somebody()
    constraints = {constraint: {"team": "fraud"}}
    aws("kms").create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"], Constraints=constraints)
    encrypt = {"KeyId": key, "Plaintext": b"x", "EncryptionContext": context}
    if passes:
        client.encrypt(**encrypt)
    else:
        assert "kms:Encrypt" in refusal(client.encrypt, **encrypt)


def test_who_may_retire_a_grant(aws: Aws, somebody: Callable[..., tuple[Any, str]]) -> None:
    key, (grantee, arn), (retiring, of_retiring) = make_key(aws), somebody(), somebody()
    grants: Callable[..., Any] = aws("kms").create_grant
    for operations, named, retires in (
        (["Decrypt"], None, None),
        (["Decrypt", "RetireGrant"], None, grantee),
        (["Decrypt"], of_retiring, retiring),
    ):
        more = {"RetiringPrincipal": named} if named else {}
        token = grants(KeyId=key, GranteePrincipal=arn, Operations=operations, **more)["GrantToken"]
        for client in (grantee, retiring):
            if client is not retires:
                assert "kms:RetireGrant" in refusal(client.retire_grant, GrantToken=token)
        if retires:
            retires.retire_grant(GrantToken=token)
    assert len(aws("kms").list_grants(KeyId=key)["Grants"]) == 1
    by_id = aws("kms").list_grants(KeyId=key)["Grants"][0]["GrantId"]
    aws("kms").retire_grant(KeyId=key, GrantId=by_id)


def test_a_grantee_grants_no_more_than_they_have(aws: Aws, somebody: Callable[..., tuple[Any, str]]) -> None:
    key, (client, arn), (friend, of_friend) = make_key(aws), somebody(), somebody()
    own = {"EncryptionContextSubset": {"team": "fraud"}}
    operations = ["Encrypt", "CreateGrant"]
    aws("kms").create_grant(KeyId=key, GranteePrincipal=arn, Operations=operations, Constraints=own)
    child = {"KeyId": key, "GranteePrincipal": of_friend}
    assert "kms:CreateGrant" in refusal(client.create_grant, **child, Operations=["Decrypt"], Constraints=own)
    assert "kms:CreateGrant" in refusal(client.create_grant, **child, Operations=["Encrypt"])
    client.create_grant(**child, Operations=["Encrypt"], Constraints=own)
    friend.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "fraud"})


@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        ({"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}}, True),
        ({"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}}, False),
        ({"StringEquals": {"kms:GranteePrincipal": "arn:aws:iam::111111111111:user/else"}}, False),
        ({"StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}}, False),
        ({"Bool": {"kms:GrantIsForAWSResource": "true"}}, False),
    ],
    ids=str,
)
def test_policies_see_the_grant_that_is_asked_for(
    aws: Aws, somebody: Callable[..., tuple[Any, str]], condition: dict[str, Any], *, passes: bool
) -> None:
    client, arn = somebody(allow("CreateGrant", **condition))
    asked = {"KeyId": make_key(aws), "GranteePrincipal": arn, "Operations": ["Encrypt"]}
    if passes:
        client.create_grant(**asked)
    else:
        assert "kms:CreateGrant" in refusal(client.create_grant, **asked)


def test_policies_see_the_encryption_context(aws: Aws, somebody: Callable[..., tuple[Any, str]]) -> None:
    client, _ = somebody(allow("Encrypt", StringEquals={"kms:EncryptionContext:team": "fraud"}))
    key = make_key(aws)
    client.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "fraud"})
    assert "kms:Encrypt" in refusal(client.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"team": "knn"})


def test_what_a_service_does_for_a_grantee_is_given_too(aws: Aws, user: Callable[..., Any]) -> None:
    key, bucket = make_key(aws), fresh()
    aws("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    sealed = {"Bucket": bucket, "Key": "x", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    aws("s3").put_object(**sealed, Body=b"data")
    reader = user({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    assert "kms:Decrypt" in refusal(reader.client("s3").get_object, Bucket=bucket, Key="x")
    aws("kms").create_grant(KeyId=key, GranteePrincipal=reader.arn, Operations=["Decrypt"])
    assert reader.client("s3").get_object(Bucket=bucket, Key="x")["Body"].read() == b"data"


def test_a_grant_reaches_into_another_account(aws: Aws, running: Running) -> None:
    key, other = make_key(aws), aws("iam", OTHER, running.secret)
    arn = other.create_user(UserName=fresh())["User"]["Arn"]
    made = other.create_access_key(UserName=arn.rpartition("/")[2])["AccessKey"]
    client = aws("kms", made["AccessKeyId"], made["SecretAccessKey"])
    with pytest.raises(ClientError, match="AccessDenied"):
        client.encrypt(KeyId=key, Plaintext=b"x")
    aws("kms").create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"])
    client.encrypt(KeyId=key, Plaintext=b"x")


def test_who_may_retire_what_is_listed_page_by_page(aws: Aws, user: Callable[..., Any]) -> None:
    key, retiring = make_key(aws), user().arn
    grant = {"KeyId": key, "GranteePrincipal": user().arn, "Operations": ["Decrypt"]}
    made = {aws("kms").create_grant(**grant, Name=name, RetiringPrincipal=retiring)["GrantId"] for name in "abc"}
    aws("kms").create_grant(**grant)
    pages = (
        aws("kms")
        .get_paginator("list_retirable_grants")
        .paginate(RetiringPrincipal=retiring, PaginationConfig={"PageSize": 2})
    )
    found = [[each["GrantId"] for each in page["Grants"]] for page in pages]
    assert [len(page) for page in found] == [2, 1]
    assert {each for page in found for each in page} == made
