"""Policies that AWS refuses, in the words of IAM and of the services that keep policies of resources.

The grammar is moto's, and its tests have IAM's answers. Of the rest: IAM user guide, "IAM JSON policy elements" and
"IAM and AWS STS quotas"; re:Post and the S3 user guide, "Action does not apply to any resource(s) in statement";
developer guide of KMS, "Default key policy"; API reference of KMS, PutKeyPolicy.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from localcloud import policy_documents as policies
from localcloud.policy_documents import PolicyError

ACCOUNT = "111122223333"
ROLE, NOBODY = f"arn:aws:iam::{ACCOUNT}:role/there", f"arn:aws:iam::{ACCOUNT}:role/nobody"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
OPEN = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}}


def exists(arn: str) -> bool:
    return arn == ROLE


def policy(*statements: Mapping[str, Any], version: str | None = "2012-10-17") -> dict[str, Any]:
    return {**({"Version": version} if version else {}), "Statement": list(statements)}


def of_size(characters: int) -> str:
    """Return a policy of so many characters, beside white space that does not count."""
    empty = json.dumps(policy({**READ, "Resource": ["arn:aws:s3:::"]}))
    short = policies.size(empty)
    return empty.replace("arn:aws:s3:::", "arn:aws:s3:::" + "x" * (characters - short))


@pytest.mark.parametrize(
    "statement",
    [
        READ,
        {**READ, "Action": ["s3:*", "kms:Decrypt"], "Resource": "*"},
        {**READ, "Resource": ["arn:aws:iam::111122223333:*", "arn:aws:s3:eu-west-1:111122223333:job/*"]},
        {**READ, "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}},
        {**READ, "Condition": {"Bool": {"aws:SecureTransport": True}}, "Sid": "Read1"},
        {**READ, "Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}},
        {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:iam::*:role/a"},
    ],
)
@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17", None])
def test_policies_of_identities(statement: dict[str, Any], version: str | None) -> None:
    policies.check_identity(policy(statement, version=version))
    policies.check_identity(json.dumps(policy(statement, version=version)))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{oops", "Syntax errors in policy."),
        (policy({**READ, "Action": "GetObject"}), "Actions/Conditions must be prefaced by a vendor"),
        (policy({**READ, "Resource": "b/*"}), r"Resource b/\* must be in ARN format"),
        (policy({"Effect": "Allow", "Action": "s3:*"}), "Policy statement must contain resources."),
        (policy({"Effect": "Allow", "Resource": "*"}), "Policy statement must contain actions."),
        (policy({**READ, "Principal": "*"}), "Policy document should not specify a principal."),
        (policy({**READ, "Condition": {"StringEqual": {"a": "b"}}}), "Syntax errors in policy."),
        (policy({**READ, "Sid": "a b"}), r"Statement IDs \(SID\) must be alpha-numeric."),
        (
            policy({**READ, "Sid": "a"}, {**READ, "Sid": "a"}),
            "in a single policy must be unique",
        ),
    ],
)
def test_policies_of_identities_that_are_none(document: Any, words: str) -> None:
    with pytest.raises(PolicyError, match=words) as refused:
        policies.check_identity(document)
    assert refused.value.code == "MalformedPolicyDocument"


def test_a_managed_policy_says_its_version() -> None:
    for version in ("2008-10-17", None):
        with pytest.raises(PolicyError, match="Policy document must be version 2012-10-17 or greater"):
            policies.check_identity(policy(READ, version=version), is_managed=True)


def test_sizes_that_policies_may_have_and_one_character_more() -> None:
    policies.check_identity(of_size(6144), is_managed=True)
    with pytest.raises(PolicyError, match="Cannot exceed quota for PolicySize: 6144"):
        policies.check_identity(of_size(6145), is_managed=True)
    policies.check_inline([of_size(240), of_size(10_000)], "role", "r")
    with pytest.raises(PolicyError, match="Maximum policy size of 10240 bytes exceeded for role r") as refused:
        policies.check_inline([of_size(241), of_size(10_000)], "role", "r")
    assert refused.value.code == "LimitExceeded"
    for kind, most in (("user", 2048), ("group", 5120)):
        policies.check_inline([of_size(most)], kind, "u")
        with pytest.raises(PolicyError, match=f"of {most} bytes exceeded for {kind} u"):
            policies.check_inline([of_size(most + 1)], kind, "u")


@pytest.mark.parametrize(
    "statement",
    [
        TRUST,
        {**TRUST, "Principal": {"AWS": ROLE}},
        {**TRUST, "Principal": {"AWS": [ACCOUNT, "arn:aws:iam::444455556666:root"]}},
        {
            **TRUST,
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
        },
        {**TRUST, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetContext"]},
    ],
)
def test_trust(statement: dict[str, Any]) -> None:
    policies.check_trust(policy(statement, version="2008-10-17"), exists)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "This policy contains invalid Json"),
        (policy({**TRUST, "Resource": "*"}), "Has prohibited field Resource"),
        (policy({**TRUST, "Action": "s3:GetObject"}), "AssumeRole policy may only specify STS AssumeRole actions."),
        (policy({"Effect": "Allow", "Action": "sts:AssumeRole"}), "Missing required field Principal"),
        (policy({**TRUST, "Principal": None}), "Missing required field Principal"),
        # IAM's words as MiniStack's own tests have them (test_iam_role_trust_policy_not_principal_refused)
        (
            policy({"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": "*"}),
            "Allow with NotPrincipal is not",
        ),
        (policy({"Effect": "Deny", "Action": "sts:AssumeRole", "NotPrincipal": "*"}), "must not contain NotPrincipal"),
        ({"Version": ["2012-10-17"], "Statement": [TRUST]}, "Syntax errors in policy."),
        (policy({**TRUST, "Principal": {"AWS": NOBODY}}), f'Invalid principal in policy: "AWS":"{NOBODY}"'),
        (policy({**TRUST, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}}), "Invalid principal in policy"),
        (policy({**TRUST, "Principal": {"Servce": "a"}}), 'Invalid principal in policy: "Servce":"a"'),
        (policy({**TRUST, "Principal": {"Service": ["x" * 2048]}}), "Cannot exceed quota for ACLSizePerRole: 2048"),
    ],
)
def test_trust_that_is_none(document: Any, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        policies.check_trust(document, exists)


@pytest.mark.parametrize(
    "statement",
    [
        {**OPEN, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        {**OPEN, "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]},
        {**OPEN, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Effect": "Deny", "Principal": "*"},
        {**OPEN, "Action": "s3:GetBucketObjectLockConfiguration", "Resource": "arn:aws:s3:::b"},
        {**OPEN, "Principal": {"AWS": ROLE}, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Sid": "a b"},
    ],
)
def test_policies_of_a_bucket(statement: dict[str, Any]) -> None:
    policies.check_bucket(policy(statement), "b", exists)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("[]", "Policies must be valid JSON"),
        (policy({**OPEN, **READ, "Resource": "arn:aws:s3:::other/*"}), "Policy has invalid resource"),
        (policy({**OPEN, **READ, "Resource": "arn:aws:s3:::b2"}), "Policy has invalid resource"),
        (policy(READ), "Missing required field Principal"),
        (policy({**OPEN, "Action": "s3:GetObject"}), "Missing required field Resource"),
        (policy({**OPEN, **READ, "Action": "sqs:SendMessage"}), "Policy has invalid action"),
        (policy({**OPEN, **READ, "Action": "s3:ListBucket"}), "Action does not apply to any resource"),
        (policy({**OPEN, **READ, "Resource": "arn:aws:s3:::b"}), "Action does not apply to any resource"),
        (policy({**OPEN, **READ, "Principal": {"AWS": NOBODY}}), "Invalid principal in policy"),
    ],
)
def test_policies_of_a_bucket_that_are_none(document: Any, words: str) -> None:
    with pytest.raises(PolicyError, match=words) as refused:
        policies.check_bucket(json.dumps(document) if isinstance(document, dict) else document, "b", exists)
    assert refused.value.code == "MalformedPolicy"


def key(**differs: Any) -> dict[str, Any]:
    root = f"arn:aws:iam::{ACCOUNT}:root"
    return {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*", **differs}


def test_policies_of_a_key() -> None:
    policies.check_key(policy(key()), ACCOUNT, exists, caller=ROLE)
    policies.check_key(policy(key(Principal={"AWS": ROLE}, Action=["kms:Put*"])), ACCOUNT, exists, caller=ROLE)
    policies.check_key(policy(key(Principal={"AWS": ROLE})), ACCOUNT, exists)
    policies.check_key(policy(key(Action="kms:Encrypt")), ACCOUNT, exists, caller=None)
    policies.check_key(policy(key(), key(Principal={"Service": "sns.amazonaws.com"})), ACCOUNT, exists)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (policy(key(Action="kms:Encrypt")), "will not allow you to update the key policy in the future"),
        (policy(key(Effect="Deny")), "will not allow you to update the key policy in the future"),
        (policy(key(Principal={"AWS": ROLE})), "will not allow you to update the key policy in the future"),
        (policy(key(Principal={"AWS": NOBODY})), "one or more invalid principals"),
        (policy({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}), "one or more invalid principals"),
        (policy(key(Principal=None)), "one or more invalid principals"),
        ("{", "not valid JSON"),
    ],
)
def test_policies_of_a_key_that_are_none_or_lock_it(document: Any, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        policies.check_key(document, ACCOUNT, exists, caller=f"arn:aws:iam::{ACCOUNT}:root")


@pytest.mark.parametrize(
    ("statement", "is_one"),
    [
        ({**OPEN, "Action": "sqs:SendMessage", "Resource": "*"}, True),
        ({**OPEN, "Action": "SQS:SendMessage", "Resource": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"}, True),
        ({**OPEN, "Action": "sqs:SendMessage", "Resource": "'$sqs_queue_arn'"}, True),
        ({**OPEN, "Action": "s3:GetObject", "Resource": "*"}, False),
        ({**OPEN, "Action": "sqs:SendMessage", "Resource": "*", "Principal": {"AWS": NOBODY}}, False),
        ({"Effect": "allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}, False),
    ],
)
def test_policies_of_a_queue(statement: dict[str, Any], *, is_one: bool) -> None:
    if is_one:
        policies.check_queue(policy(statement), exists)
    else:
        with pytest.raises(PolicyError, match="Invalid value for the parameter Policy"):
            policies.check_queue(policy(statement), exists)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ({**OPEN, "Action": "sns:Publish", "Resource": "*"}, ""),
        ({**OPEN, "Action": "sqs:SendMessage", "Resource": "*"}, "Policy statement action out of service scope!"),
        ({**OPEN, "Action": "sns:Publish", "Resource": "*", "Principal": {"AWS": NOBODY}}, "PrincipalNotFound"),
    ],
)
def test_policies_of_a_topic(statement: dict[str, Any], words: str) -> None:
    if not words:
        policies.check_topic(policy(statement), exists)
        return
    with pytest.raises(PolicyError, match=words):
        policies.check_topic(policy(statement), exists)
