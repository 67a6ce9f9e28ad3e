"""Fixtures of the command line's tests: an AWS in this process, and the program run as its console script runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from botocore.client import BaseClient

from mdlc import cli
from tests.mdlc.fake_aws import FakeAws
from tests.service_model import require_valid


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    """Every request is held against AWS's service model, then answered from Python."""
    fake = FakeAws()

    def call(client: BaseClient, operation: str, parameters: Mapping[str, object]) -> dict[str, object]:
        require_valid(client.meta.service_model.operation_model(operation), dict(parameters))
        return fake.answer(operation, dict(parameters))

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return fake


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str


Mdlc = Callable[..., Ran]


@pytest.fixture
def mdlc(capsys: pytest.CaptureFixture[str]) -> Mdlc:
    """Run the command line as its console script does."""

    def run(*arguments: str) -> Ran:
        capsys.readouterr()

        code = cli.main(arguments)
        written = capsys.readouterr()
        return Ran(code, written.out, written.err)

    return run
