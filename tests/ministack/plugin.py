"""A pytest plugin that lets MiniStack's own tests ask the local cloud, which is closed and looks roles up.

The tests are in MiniStack's source distribution, their `conftest.py` in its repository. In the folder above `tests`:

    eval "$(mdlc local env)"    # of a cloud of `mdlc local up --account 000000000000 --region us-east-1`
    MINISTACK_ENDPOINT=$AWS_ENDPOINT_URL PYTHONPATH=<this project> pytest -p tests.ministack.plugin tests/test_sqs.py

What `docs/differences.md` says of these tests was measured so.
"""

import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore import credentials
from botocore.exceptions import ClientError

KEY, SECRET = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
ENDPOINT = os.environ.get("MINISTACK_ENDPOINT", "")
SERVICES = ("lambda", "states", "events", "apigateway", "scheduler", "pipes", "firehose")
MAKING = ("lambda.CreateFunction", "stepfunctions.CreateStateMachine", "sfn.CreateStateMachine")
"""Operations that name a role, which MiniStack never looks up."""
_made: set[str] = set()


def pytest_configure() -> None:
    """Sign as this cloud's root, find hosts below `localhost`, and make the roles that tests name."""
    begin: Any = credentials.Credentials.__init__
    resolve: Any = socket.getaddrinfo

    def signed(self: Any, access_key: str, secret_key: str, *rest: Any, **named: Any) -> None:
        key = KEY if access_key == "test" else access_key
        begin(self, key, SECRET if str(key).isdigit() else secret_key, *rest, **named)

    def resolved(host: Any, *rest: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **named)

    credentials.Credentials.__init__ = signed  # type: ignore[method-assign]
    socket.getaddrinfo = resolved
    boto3.setup_default_session()
    session: Any = boto3.DEFAULT_SESSION
    for operation in MAKING:
        session.events.register(f"provide-client-params.{operation}", _make_role)


def pytest_collection(session: pytest.Session) -> None:
    """Give their conftest what newer tests import of it; what looks into MiniStack's own process is skipped."""
    del session
    if theirs := sys.modules.get("conftest"):
        theirs.__getattr__ = _lacking  # type: ignore[method-assign]


def _lacking(name: str) -> Any:
    if name.startswith(("_", "pytest", "collect")):
        raise AttributeError(name)
    return (
        _allow if name.startswith("sqs_policy_allow_") else lambda *_, **__: pytest.fail(f"their conftest lacks {name}")
    )


def _allow(queue: str, source: str | None = None, *_: str) -> dict[str, Any]:
    """Return a policy by which services may send to a queue, from a topic or a bucket if one is named."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}
    if source:
        arn = source if source.startswith("arn:") else f"arn:aws:s3:::{source}"
        statement["Condition"] = {"ArnEquals": {"aws:SourceArn": arn}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _make_role(params: Mapping[str, Any], **_: object) -> None:
    """Make the role of a request, with every right."""
    arn = str(params.get("Role") or params.get("roleArn") or "")
    if ":role/" not in arn or arn in _made:
        return
    _made.add(arn)
    name = arn.rpartition("/")[2]
    iam: Any = boto3.Session(arn.split(":")[4], SECRET).client("iam", endpoint_url=ENDPOINT, region_name="us-east-1")
    principal = {"Service": [f"{service}.amazonaws.com" for service in SERVICES]}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    rights = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    with suppress(ClientError):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_document(rights))


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
