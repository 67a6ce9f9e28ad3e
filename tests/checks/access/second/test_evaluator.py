"""Decisions: IAM user guide, "Policy evaluation logic"; KMS developer guide, "Key policies"; each with the simulator's.

What AWS says is the expectation; that the simulator says it too is asserted beside it.
"""

from typing import Any

import pytest

from checks.access.second.evaluator import decide
from checks.access.simulation import simulate

OWN, OTHER = "111122223333", "999999999999"
ROLE = f"arn:aws:iam::{OWN}:role/worker"
OBJECT = "arn:aws:s3:::bucket/key"
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/0a1b2c3d-0000-4000-8000-000000000000"
TARGET = f"arn:aws:iam::{OWN}:role/target"


def statement(effect: str, action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def request(  # noqa: PLR0913 - every kind of policy that decides
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    *,
    principal: Any = ROLE,
    owner: str = OWN,
    identity: dict[str, Any] | None = None,
    of_resource: dict[str, Any] | None = None,
    endpoint: dict[str, Any] | None = None,
    boundary: dict[str, Any] | None = None,
    **context: str,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "request": {
            "principal": principal,
            "action": action,
            "resource": {"resource": resource, "accountId": owner},
            "contextVariables": {name.replace("__", ":"): value for name, value in context.items()},
        },
        "identityPolicies": [{"name": "role", "policy": identity}] if identity else [],
    }
    if of_resource:
        found["resourcePolicy"] = of_resource
    if endpoint:
        found["vpcEndpointPolicies"] = [{"name": "endpoint", "policy": endpoint}]
    if boundary:
        found["permissionBoundaryPolicies"] = [{"name": "boundary", "policy": boundary}]
    return found


READS = policy(statement("Allow", "s3:GetObject", "arn:aws:s3:::bucket/*"))
ALL = policy(statement("Allow", "*"))


def to(principal: Any, action: str = "s3:GetObject", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    resource = {} if action == "sts:AssumeRole" else {"Resource": "*"}
    return {"Effect": effect, "Principal": principal, "Action": action, **resource, **more}


ROOT = {"AWS": f"arn:aws:iam::{OWN}:root"}
CASES = {
    "nothing allows": (request(), False),
    "an identity policy allows": (request(identity=READS), True),
    "another action": (request("s3:PutObject", identity=READS), False),
    "a deny overrides": (request(identity=policy(*READS["Statement"], statement("Deny", "s3:*"))), False),
    "NotAction leaves out": (
        request(identity=policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})),
        True,
    ),
    "NotAction names it": (request(identity=policy({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})), False),
    "NotResource leaves out": (
        request(identity=policy({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::other/*"})),
        True,
    ),
    "NotResource names it": (
        request(identity=policy({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::bucket/*"})),
        False,
    ),
    "the bucket names the role, the role has nothing": (request(of_resource=policy(to({"AWS": ROLE}))), True),
    "the bucket lets the account in, the role has nothing": (request(of_resource=policy(to(ROOT))), False),
    "the bucket names another role": (request(of_resource=policy(to({"AWS": f"{ROLE}-2"}))), False),
    "the bucket denies everybody": (
        request(identity=READS, of_resource=policy(to("*", effect="Deny"))),
        False,
    ),
    "a denial whose condition does not hold": (
        request(
            identity=READS,
            of_resource=policy(to("*", effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})),
            aws__SecureTransport="true",
        ),
        True,
    ),
    "another account that the bucket does not know": (
        request(principal=f"arn:aws:iam::{OTHER}:role/r", identity=ALL),
        False,
    ),
    "another account that the bucket lets in": (
        request(
            principal=f"arn:aws:iam::{OTHER}:role/r",
            identity=ALL,
            of_resource=policy(to({"AWS": f"arn:aws:iam::{OTHER}:root"})),
        ),
        True,
    ),
    "another account that the bucket lets in, and whose role has nothing": (
        request(
            principal=f"arn:aws:iam::{OTHER}:role/r", of_resource=policy(to({"AWS": f"arn:aws:iam::{OTHER}:root"}))
        ),
        False,
    ),
    "somebody who has not signed, and a bucket for all": (
        request(principal={"type": "Anonymous"}, of_resource=policy(to("*"))),
        True,
    ),
    "somebody who has not signed, and a bucket for the account": (
        request(principal={"type": "Anonymous"}, of_resource=policy(to(ROOT))),
        False,
    ),
    "a key whose policy lets the account in": (
        request("kms:Decrypt", KEY, identity=ALL, of_resource=policy(to(ROOT, "kms:*"))),
        True,
    ),
    "a key whose policy does not: no policy of the role counts": (
        request("kms:Decrypt", KEY, identity=ALL, of_resource=policy(to({"AWS": f"{ROLE}-2"}, "kms:*"))),
        False,
    ),
    "a role that names the other, and the other has nothing": (
        request("sts:AssumeRole", TARGET, of_resource=policy(to({"AWS": ROLE}, "sts:AssumeRole"))),
        True,
    ),
    "a role that trusts a service alone": (
        request(
            "sts:AssumeRole",
            TARGET,
            identity=ALL,
            of_resource=policy(to({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")),
        ),
        False,
    ),
    "a service that the role trusts for its account": (
        request(
            "sts:AssumeRole",
            TARGET,
            principal="lambda.amazonaws.com",
            of_resource=policy(
                to(
                    {"Service": "lambda.amazonaws.com"},
                    "sts:AssumeRole",
                    Condition={"StringEquals": {"aws:SourceAccount": OWN}},
                )
            ),
            aws__SourceAccount=OTHER,
        ),
        False,
    ),
    "an endpoint that lets it through": (request(identity=READS, endpoint=policy(to("*", "s3:*"))), True),
    "an endpoint that lets other things through": (request(identity=READS, endpoint=policy(to("*", "ec2:*"))), False),
    "an endpoint whose condition does not hold": (
        request(
            identity=READS,
            endpoint=policy(to("*", "s3:*", Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}})),
            aws__PrincipalAccount=OWN,
        ),
        False,
    ),
    "a boundary that allows less": (
        request(identity=READS, boundary=policy(statement("Allow", "ec2:*"))),
        False,
    ),
    "a boundary that allows it": (request(identity=READS, boundary=ALL), True),
}


@pytest.mark.parametrize("name", CASES)
def test_a_decision(name: str) -> None:
    asked, allowed = CASES[name]
    assert decide(asked).allowed == allowed


@pytest.mark.slow
def test_the_simulator_says_the_same() -> None:
    said = simulate([asked for asked, _ in CASES.values()])
    assert dict(zip(CASES, said, strict=True)) == {name: allowed for name, (_, allowed) in CASES.items()}


def test_the_statements_that_decide_are_named() -> None:
    denied = to("*", effect="Deny")
    assert decide(request(identity=READS)).by == tuple(READS["Statement"])
    assert decide(request(identity=READS, of_resource=policy(denied))).by == (denied,)
    assert decide(request()).by == ()
