import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import boto3
import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore import handlers

from tests.service_model import require_valid

Logged = Callable[[Logger], Callable[[], list[dict[str, Any]]]]


@pytest.fixture(scope="module", autouse=True)
def _valid_requests() -> Iterator[None]:
    """Hold every request of every client that a test makes against AWS's own service model."""
    with pytest.MonkeyPatch.context() as patch:
        check = ("before-parameter-build", require_valid)
        patch.setattr(handlers, "BUILTIN_HANDLERS", [*handlers.BUILTIN_HANDLERS, check])
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        yield


@dataclass
class _Context:
    function_name: str = "function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:111122223333:function:function"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


@pytest.fixture
def context() -> LambdaContext:
    """The part of a Lambda context that functions use."""
    return cast("LambdaContext", _Context())


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Logged:
    """Catch what a logger writes from now on, as CloudWatch gets it: one JSON object a line."""

    def catch(logger: Logger) -> Callable[[], list[dict[str, Any]]]:
        stream = io.StringIO()
        monkeypatch.setattr(logger.registered_handler, "stream", stream)
        return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]

    return catch


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a Lambda function, with keys that are valid nowhere and no way to a real AWS."""
    for name, value in {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
