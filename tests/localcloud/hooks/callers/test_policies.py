"""Policies that AWS refuses, in requests and in templates."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow
Aws = Callable[..., Any]
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
NOBODY = {"AWS": "arn:aws:iam::111111111111:role/nobody"}


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def role(aws: Aws) -> str:
    aws("iam").create_role(RoleName="judged", AssumeRolePolicyDocument=text(TRUST))
    return "judged"


def test_inline_policies_of_a_role_have_a_limit_together(aws: Aws, role: str) -> None:
    long = text({**READ, "Resource": ["arn:aws:s3:::" + "x" * 5_000]})
    aws("iam").put_role_policy(RoleName=role, PolicyName="one", PolicyDocument=long)
    for _ in range(2):  # the second time it takes the place of the first
        aws("iam").put_role_policy(RoleName=role, PolicyName="two", PolicyDocument=long)
    with pytest.raises(
        ClientError, match=r"LimitExceeded.*Maximum policy size of 10240 bytes exceeded for role judged"
    ):
        aws("iam").put_role_policy(RoleName=role, PolicyName="three", PolicyDocument=text(READ))


def test_requests_with_policies_that_are_none(aws: Aws) -> None:
    with pytest.raises(ClientError, match=r"MalformedPolicyDocument.*Invalid principal in policy"):
        aws("iam").create_role(RoleName="x", AssumeRolePolicyDocument=text({**TRUST, "Principal": NOBODY}))
    with pytest.raises(ClientError, match=r"MalformedPolicyDocument.*must be in ARN format"):
        aws("iam").create_policy(PolicyName="x", PolicyDocument=text({**READ, "Resource": "b"}))
    aws("s3").create_bucket(Bucket="judged", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with pytest.raises(ClientError, match=r"MalformedPolicy.*Policy has invalid resource"):
        aws("s3").put_bucket_policy(Bucket="judged", Policy=text({**READ, "Principal": {"AWS": "111111111111"}}))
    queue = aws("sqs").create_queue(QueueName="judged")["QueueUrl"]
    with pytest.raises(ClientError, match=r"InvalidAttributeValue.*Invalid value for the parameter Policy"):
        aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": text(READ)})


def test_a_key_that_could_never_be_changed_again_is_not_made(aws: Aws) -> None:
    locked = text({**READ, "Action": "kms:Encrypt", "Resource": "*", "Principal": {"AWS": "111111111111"}})
    with pytest.raises(ClientError, match="will not allow you to update the key policy in the future"):
        aws("kms").create_key(Policy=locked)
    made = aws("kms").create_key(Policy=locked, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["KeyId"]
    assert aws("kms").get_key_policy(KeyId=made)["Policy"] == locked


def test_what_policies_of_a_role_have_together_counts_in_templates(deploy: Callable[..., dict[str, Any]]) -> None:
    def long(characters: int) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": [{**READ, "Resource": "arn:aws:s3:::" + "x" * characters}]}

    def role(*characters: int) -> dict[str, Any]:
        inline = [{"PolicyName": f"p{each}", "PolicyDocument": long(each)} for each in characters]
        return {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Statement": [TRUST]}, "Policies": inline},
        }

    properties = {"PolicyName": "more", "PolicyDocument": long(5_000), "Roles": [{"Ref": "Role"}]}
    policy = {"Type": "AWS::IAM::Policy", "Properties": properties}
    assert deploy({"Role": role(5_000), "Policy": policy})["StackStatus"] == "CREATE_COMPLETE"
    assert "size of 10240 bytes exceeded" in deploy({"Role": role(5_100), "Policy": policy})["Failed"]["Policy"]
    assert "size of 10240 bytes exceeded" in deploy({"Role": role(5_100, 5_000)})["Failed"]["Role"]


@pytest.mark.parametrize(
    ("kind", "properties", "words"),
    [
        ("IAM::Role", {"AssumeRolePolicyDocument": {"Statement": [{**TRUST, "Resource": "*"}]}}, "prohibited field"),
        (
            "IAM::Role",
            {
                "AssumeRolePolicyDocument": {"Statement": [TRUST]},
                "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [{**READ, "Resource": "b"}]}}],
            },
            "must be in ARN format",
        ),
        (
            "IAM::ManagedPolicy",
            {"PolicyDocument": {"Version": "2012-10-17", "Statement": [{**READ, "Action": "Get"}]}},
            "prefaced by a vendor",
        ),
        (
            "KMS::Key",
            {"KeyPolicy": {"Version": "2012-10-17", "Statement": [{**READ, "Action": "kms:*", "Principal": NOBODY}]}},
            "one or more invalid principals",
        ),
    ],
)
def test_templates_with_policies_that_are_none(
    deploy: Callable[..., dict[str, Any]], kind: str, properties: dict[str, Any], words: str
) -> None:
    stack = deploy({"Mine": {"Type": f"AWS::{kind}", "Properties": properties}})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert words in stack["Failed"]["Mine"]
