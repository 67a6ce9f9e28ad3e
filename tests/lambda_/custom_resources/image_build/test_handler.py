import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError

import boto3
import pytest
from botocore.exceptions import ClientError

from image_build import handler
from tests.lambda_.stub import answered_by

URI = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/dev-tabular:0a1b2c3d"
STACK = "arn:aws:cloudformation:eu-west-1:111122223333:stack/dev-images/1"
BUILD = "dev-images:b1"
QUEUE = "Cannot have more than 5 builds in queue for the account"
LINK = "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/build"


@dataclass
class CodeBuild:
    """A project whose builds show these states one after the other, the last one for good.

    It takes a build when it has refused as many as it is `full` for.
    """

    builds: list[dict[str, Any]] = field(default_factory=lambda: [{"buildStatus": "SUCCEEDED"}])
    started: list[dict[str, Any]] = field(default_factory=list)
    polls: int = 0
    full: int = 0
    error: ClientError | None = None

    def answer(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        if operation == "StartBuild" and self.full:
            self.full -= 1
            raise ClientError({"Error": {"Code": "AccountLimitExceededException", "Message": QUEUE}}, operation)
        if operation == "StartBuild":
            self.started.append(parameters)
            return {"build": {"id": BUILD, "buildStatus": "IN_PROGRESS"}}
        assert operation == "BatchGetBuilds"
        assert parameters == {"ids": [BUILD]}
        build = self.builds[min(self.polls, len(self.builds) - 1)]
        self.polls += 1
        return {"builds": [{"id": BUILD, **build}] if build else []}


@dataclass
class CloudFormation:
    """The pre-signed address: what was put there, and how often it fails before."""

    url: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)
    failures: int = 0


@dataclass
class Context:
    seconds: float = 900

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@pytest.fixture
def codebuild(monkeypatch: pytest.MonkeyPatch, aws: None) -> CodeBuild:  # noqa: ARG001 - keys and region
    state = CodeBuild()
    client = answered_by(boto3.client("codebuild"), state.answer)
    monkeypatch.setattr(handler, "codebuild", lambda: client)
    return state


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the clock go on by what the handler sleeps, at once."""
    naps: list[float] = []
    monkeypatch.setattr("image_build.handler.time.sleep", naps.append)
    monkeypatch.setattr("image_build.handler.time.monotonic", lambda: sum(naps))
    return naps


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    state = CloudFormation()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            failed = state.failures > 0
            state.failures -= failed
            if not failed:
                state.answers.append(json.loads(body))
                state.content_types.append(self.headers["Content-Type"])
            self.send_response(503 if failed else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}/response?Signature=x"
    yield state
    server.shutdown()
    server.server_close()


def event(cloudformation: CloudFormation, kind: str = "Create", **changes: object) -> dict[str, Any]:
    request: dict[str, Any] = {
        "RequestType": kind,
        "ResponseURL": cloudformation.url,
        "StackId": STACK,
        "RequestId": "7bfe2d54710d48dcbc6f0b26fb68c9d1",
        "ResourceType": "Custom::ImageBuild",
        "LogicalResourceId": "TabularBuild",
        "ResourceProperties": {
            "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:image-build",
            "ProjectName": "dev-images",
            "ImageUri": URI,
            "SourceBucket": "cdk-assets",
            "SourceKey": "0a1b2c3d.zip",
            "Dockerfile": "tabular/Dockerfile",
        },
    }
    if kind != "Create":
        request["PhysicalResourceId"] = URI
    return {**request, **changes}


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_an_image_is_built_from_its_source(
    codebuild: CodeBuild, cloudformation: CloudFormation, slept: list[float], kind: str
) -> None:
    codebuild.builds = [{"buildStatus": "IN_PROGRESS"}, {"buildStatus": "IN_PROGRESS"}, {"buildStatus": "SUCCEEDED"}]
    handler.handler(event(cloudformation, kind), Context())
    assert codebuild.started == [
        {
            "projectName": "dev-images",
            "sourceTypeOverride": "S3",
            "sourceLocationOverride": "cdk-assets/0a1b2c3d.zip",
            "environmentVariablesOverride": [
                {"name": "IMAGE_URI", "value": URI, "type": "PLAINTEXT"},
                {"name": "DOCKERFILE", "value": "tabular/Dockerfile", "type": "PLAINTEXT"},
            ],
            "idempotencyToken": "7bfe2d54710d48dcbc6f0b26fb68c9d1",
        }
    ]
    assert cloudformation.answers == [
        {
            "Status": "SUCCESS",
            "PhysicalResourceId": URI,
            "StackId": STACK,
            "RequestId": "7bfe2d54710d48dcbc6f0b26fb68c9d1",
            "LogicalResourceId": "TabularBuild",
            "Data": {"ImageUri": URI},
        }
    ]
    assert cloudformation.content_types == [""]
    assert len(slept) == 2


def test_a_build_waits_for_those_that_the_account_runs_already(
    codebuild: CodeBuild, cloudformation: CloudFormation, slept: list[float]
) -> None:
    codebuild.full = 3
    handler.handler(event(cloudformation), Context())
    assert (cloudformation.answers[0]["Status"], len(codebuild.started), slept) == ("SUCCESS", 1, [10.0] * 3)


def test_an_account_that_takes_no_more_builds_is_named_in_time(
    codebuild: CodeBuild, cloudformation: CloudFormation, slept: list[float]
) -> None:
    codebuild.full = 1000
    handler.handler(event(cloudformation), Context())
    assert QUEUE in cloudformation.answers[0]["Reason"]
    assert sum(slept) <= 840


@pytest.mark.parametrize("status", ["FAILED", "FAULT", "STOPPED", "TIMED_OUT"])
@pytest.mark.usefixtures("slept")
def test_a_failed_build_says_where_and_why(codebuild: CodeBuild, cloudformation: CloudFormation, status: str) -> None:
    message = "COMMAND_EXECUTION_ERROR: docker build -f tabular/Dockerfile exited with status 1"
    codebuild.builds = [
        {
            "buildStatus": status,
            "phases": [
                {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED"},
                {"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [{"message": message}]},
                {"phaseType": "COMPLETED"},
            ],
            "logs": {"deepLink": LINK},
        }
    ]
    handler.handler(event(cloudformation), Context())
    [answer] = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == f"The build {BUILD} ended {status} in phase BUILD: {message}. Log: {LINK}"


@pytest.mark.usefixtures("slept")
def test_a_build_that_ends_without_a_phase_or_log_is_a_failure_too(
    codebuild: CodeBuild, cloudformation: CloudFormation
) -> None:
    codebuild.builds = [{"buildStatus": "STOPPED"}]
    handler.handler(event(cloudformation), Context())
    assert cloudformation.answers[0]["Reason"] == f"The build {BUILD} ended STOPPED."


@pytest.mark.parametrize(("seconds", "limit"), [(900, 840), (600, 540)])
def test_a_build_that_takes_too_long_is_answered_before_lambda_ends(
    codebuild: CodeBuild, cloudformation: CloudFormation, slept: list[float], seconds: float, limit: float
) -> None:
    codebuild.builds = [{"buildStatus": "IN_PROGRESS", "logs": {"deepLink": LINK}}]
    handler.handler(event(cloudformation), Context(seconds))
    [answer] = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(f"The build {BUILD} still runs after ")
    assert LINK in answer["Reason"]
    assert limit - 10 <= sum(slept) <= limit


def test_deleting_builds_nothing_whatever_the_properties(codebuild: CodeBuild, cloudformation: CloudFormation) -> None:
    handler.handler(event(cloudformation, "Delete", ResourceProperties={}), Context())
    assert not codebuild.started
    [answer] = cloudformation.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", URI)


def test_missing_properties_are_named(codebuild: CodeBuild, cloudformation: CloudFormation) -> None:
    handler.handler(event(cloudformation, ResourceProperties={"ImageUri": URI, "SourceKey": ""}), Context())
    [answer] = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == "The properties ProjectName, SourceBucket, SourceKey, Dockerfile are missing."
    assert answer["PhysicalResourceId"] == "TabularBuild"
    assert not codebuild.started


def test_a_refused_start_is_answered(codebuild: CodeBuild, cloudformation: CloudFormation) -> None:
    message = "not authorized to perform: codebuild:StartBuild"
    codebuild.error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": message}}, "StartBuild")
    handler.handler(event(cloudformation, "Update"), Context())
    [answer] = cloudformation.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", URI)
    assert "codebuild:StartBuild" in answer["Reason"]


@pytest.mark.usefixtures("slept")
def test_a_build_that_vanished_is_answered(codebuild: CodeBuild, cloudformation: CloudFormation) -> None:
    codebuild.builds = [{}]
    handler.handler(event(cloudformation), Context())
    assert cloudformation.answers[0]["Reason"] == f"The build {BUILD} is gone."


@pytest.mark.usefixtures("codebuild")
def test_an_unexpected_error_is_answered_and_cut_to_size(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_arguments: object) -> None:
        raise RuntimeError("x" * 5000)

    monkeypatch.setattr(handler, "_start", burst)
    handler.handler(event(cloudformation), Context())
    [answer] = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("RuntimeError: xxx")
    assert len(json.dumps(answer)) < 4096


@pytest.mark.usefixtures("codebuild", "slept")
def test_lambda_is_told_when_cloudformation_cannot_be_reached(cloudformation: CloudFormation) -> None:
    cloudformation.failures = 4
    with pytest.raises(HTTPError):
        handler.handler(event(cloudformation), Context())


@pytest.mark.usefixtures("codebuild", "slept")
def test_only_http_addresses_are_answered(cloudformation: CloudFormation) -> None:
    with pytest.raises(ValueError, match="no HTTP address"):
        handler.handler(event(cloudformation, ResponseURL="file:///etc/passwd"), Context())
