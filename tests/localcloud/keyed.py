"""Keys of KMS, and users who may do with them what statements say."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[..., Any]
ACCOUNT = "111111111111"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}


def make_key(aws: Aws, *statements: dict[str, Any]) -> str:
    """ARN of a new key whose policy leaves it to the account, and says this."""
    policy = {"Version": "2012-10-17", "Statement": [ROOT, *statements]}
    return str(aws("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"])


def allow(*actions: str, **conditions: dict[str, Any]) -> dict[str, Any]:
    """A statement that allows these actions of KMS."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": [f"kms:{action}" for action in actions], "Resource": "*"}
    return {**statement, "Condition": conditions} if conditions else statement


def serving(service: str, *actions: str, **conditions: dict[str, Any]) -> dict[str, Any]:
    """A statement of a key policy that lets a service do these actions."""
    return {**allow(*actions, **conditions), "Principal": {"Service": service}}


def refusal(call: Callable[..., object], **parameters: object) -> str:
    """What a call is refused with."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value)


def fresh(prefix: str = "keyed") -> str:
    """A name that nothing has."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"
