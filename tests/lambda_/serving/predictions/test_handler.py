import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from predictions import handler
from predictions.request import MAX_BODY_BYTES
from predictions.settings import Settings
from tests.lambda_.conftest import Logged
from tests.lambda_.serving.predictions.conftest import Runtime, ask_at

REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
SECRET = "policy-4711-anna-smith"
Ask = Callable[..., dict[str, Any]]


def proxy_event(body: str | None, headers: dict[str, str] | None, *, encoded: bool = False) -> dict[str, Any]:
    """A REST API's proxy event, as API Gateway documents it."""
    return {
        "resource": "/fraud/predictions",
        "path": "/fraud/predictions",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": None if headers is None else {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "123456",
            "resourcePath": "/fraud/predictions",
            "httpMethod": "POST",
            "requestTime": "01/Mar/2026:12:34:56 +0000",
            "path": "/v1/fraud/predictions",
            "accountId": "111122223333",
            "protocol": "HTTP/1.1",
            "stage": "v1",
            "requestTimeEpoch": 1772368496000,
            "requestId": REQUEST_ID,
            "identity": {"sourceIp": "10.0.0.7", "userArn": "arn:aws:iam::111122223333:user/app"},
            "apiId": "1234567890",
        },
        "body": body,
        "isBase64Encoded": encoded,
    }


@pytest.fixture
def ask(context: LambdaContext) -> Ask:
    def send(
        body: str | None = "0,1,2.5", content_type: str | None = "text/csv", *, accept: str = "", encoded: bool = False
    ) -> dict[str, Any]:
        headers = {"Host": "api.example.com"}
        headers |= {"Content-Type": content_type} if content_type is not None else {}
        headers |= {"Accept": accept} if accept else {}
        answer: dict[str, Any] = handler.handler(proxy_event(body, headers, encoded=encoded), context)
        return answer

    return send


def error_of(answer: dict[str, Any]) -> tuple[int, str, str]:
    """Status, code and message; every error has the same form."""
    error = json.loads(answer["body"])["error"]
    assert set(error) == {"code", "message", "request_id"}
    assert error["request_id"] == REQUEST_ID
    assert answer["headers"]["Content-Type"] == "application/json"
    return answer["statusCode"], error["code"], error["message"]


def test_the_body_goes_to_the_endpoint_as_it_is(runtime: Runtime, ask: Ask) -> None:
    answer = ask('{"instances": [[0, 1]]}', "application/json; charset=utf-8", accept="application/jsonlines")
    [(path, headers, body)] = runtime.requests
    assert path == "/endpoints/dev-fraud/invocations"
    assert body == b'{"instances": [[0, 1]]}'
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["accept"] == "application/jsonlines"
    assert headers["x-amzn-sagemaker-inference-id"] == REQUEST_ID
    assert answer["statusCode"] == 200
    assert answer["body"] == runtime.body.decode()
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"]["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["", "*/*"])
def test_json_is_the_answer_when_nothing_else_is_wanted(runtime: Runtime, ask: Ask, accept: str) -> None:
    ask(accept=accept)
    assert runtime.requests[0][1]["accept"] == "application/json"


def test_the_type_of_the_answer_is_the_endpoints(runtime: Runtime, ask: Ask) -> None:
    runtime.headers, runtime.body = {"Content-Type": "text/csv"}, b"0.93\n"
    answer = ask(accept="text/csv")
    assert (answer["headers"]["Content-Type"], answer["body"]) == ("text/csv", "0.93\n")


def test_a_base64_body_is_decoded(runtime: Runtime, ask: Ask) -> None:
    ask(base64.b64encode("0,1,ö".encode()).decode(), encoded=True)
    assert runtime.requests[0][2] == "0,1,ö".encode()


def test_a_body_that_is_no_base64_is_refused(ask: Ask) -> None:
    assert error_of(ask("%%%", encoded=True))[:2] == (400, "bad_input")


def test_a_picture_goes_to_the_endpoint_where_the_model_takes_pictures(
    runtime: Runtime, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Settings.of_environment({"ENDPOINT_NAME": "dev-images", "CONTENT_TYPES": "image/png,application/json"})
    monkeypatch.setattr(handler, "settings", lambda: taken)
    content = bytes(range(256))
    assert ask(base64.b64encode(content).decode(), "image/png", encoded=True)["statusCode"] == 200
    assert runtime.requests[0][1]["content-type"] == "image/png"
    assert runtime.requests[0][2] == content
    assert error_of(ask("0,1", "text/csv"))[0] == 415


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data", "", None])
def test_other_content_types_are_refused(runtime: Runtime, ask: Ask, content_type: str | None) -> None:
    status, code, message = error_of(ask(content_type=content_type))
    assert (status, code) == (415, "unsupported_media_type")
    assert "text/csv, application/json, application/jsonlines" in message
    assert not runtime.requests


def test_a_request_without_any_header_is_refused(context: LambdaContext) -> None:
    assert error_of(handler.handler(proxy_event("0,1", None), context))[0] == 415


@pytest.mark.parametrize("body", [None, "", " \n\t"])
def test_an_empty_body_is_refused(runtime: Runtime, ask: Ask, body: str | None) -> None:
    assert error_of(ask(body)) == (400, "empty_body", "The body is empty.")
    assert not runtime.requests


def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not(runtime: Runtime, ask: Ask) -> None:
    # Two bytes a letter: the limit counts bytes.
    status, code, message = error_of(ask("ö" * (MAX_BODY_BYTES // 2) + "x"))
    assert (status, code) == (413, "too_large")
    assert message == "The body has 6291457 bytes; at most 6291456 are accepted."
    assert not runtime.requests
    assert ask("ö" * (MAX_BODY_BYTES // 2))["statusCode"] == 200


@pytest.mark.parametrize(
    ("container", "status", "code"),
    [
        (400, 400, "bad_input"),
        (422, 400, "bad_input"),
        (406, 406, "not_acceptable"),
        (413, 413, "too_large"),
        (415, 415, "unsupported_media_type"),
        (404, 424, "model_error"),
        (429, 429, "throttled"),
        (500, 424, "model_error"),
        (502, 424, "model_error"),
        (503, 424, "model_error"),
        (504, 504, "model_timeout"),
    ],
)
def test_errors_of_the_model_container(runtime: Runtime, ask: Ask, container: int, status: int, code: str) -> None:
    said = json.dumps({"error": {"code": "x", "message": "row 1 has 3 columns, not 47"}})
    message = f'Received error ({container}) from primary with message "{said}". See https://console.aws.amazon.com/...'
    runtime.fail(424, "ModelError", message, OriginalStatusCode=container, OriginalMessage=said, LogStreamArn="arn:x")
    answer = error_of(ask())
    assert answer[:2] == (status, code)
    if code in ("bad_input", "not_acceptable", "too_large", "unsupported_media_type"):
        assert answer[2] == "row 1 has 3 columns, not 47"
    else:
        assert "row 1" not in answer[2]
        assert "console" not in answer[2]


@pytest.mark.parametrize("said", ["no numbers in row 3", '"no numbers in row 3"', '{"detail": "no numbers in row 3"}'])
def test_a_container_that_writes_no_json_error_is_quoted(runtime: Runtime, ask: Ask, said: str) -> None:
    runtime.fail(424, "ModelError", said, OriginalStatusCode=400, OriginalMessage=said)
    assert "no numbers in row 3" in error_of(ask())[2]


def test_a_model_that_is_silent_for_a_minute_is_a_timeout(runtime: Runtime, ask: Ask) -> None:
    message = (
        'Received server error (0) from primary with message "Your invocation timed out while waiting for a response '
        'from container primary. Review the latency metrics for each container in Amazon CloudWatch."'
    )
    runtime.fail(424, "ModelError", message, OriginalStatusCode=0, OriginalMessage="")
    assert error_of(ask())[:2] == (504, "model_timeout")


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        ((400, "ValidationError", "Endpoint dev-fraud of account 111122223333 not found."), (503, "unavailable")),
        ((400, "ValidationError", "1 validation error detected: Value at 'accept' failed"), (400, "bad_input")),
        ((400, "ThrottlingException", None), (429, "throttled")),
        ((429, "ModelNotReadyException", "not ready"), (503, "unavailable")),
        ((503, "ServiceUnavailable", "try later"), (503, "unavailable")),
        ((500, "InternalFailure", "oops"), (503, "unavailable")),
        ((530, "InternalDependencyException", "oops"), (503, "unavailable")),
        ((403, "AccessDeniedException", "User: arn:aws:sts::1:assumed-role/x is not authorized"), (500, "internal")),
    ],
)
def test_errors_of_sagemaker(
    runtime: Runtime, ask: Ask, answered: tuple[int, str, str | None], expected: tuple[int, str]
) -> None:
    runtime.fail(*answered)
    answer = ask()
    assert error_of(answer)[:2] == expected
    assert ("Retry-After" in answer["headers"]) == (expected[0] in (429, 503))
    assert "assumed-role" not in answer["body"]
    assert len(runtime.requests) == 1


def test_a_read_that_times_out_is_not_tried_again(runtime: Runtime, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_at(runtime.address, monkeypatch, Config(read_timeout=0.2))
    runtime.delay_seconds = 0.4
    assert error_of(ask())[:2] == (504, "model_timeout")
    assert len(runtime.requests) == 1


@pytest.mark.usefixtures("aws")
def test_no_way_to_the_endpoint_is_unavailable(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_at("http://127.0.0.1:9", monkeypatch)
    assert error_of(ask())[:2] == (503, "unavailable")


@pytest.mark.usefixtures("aws")
def test_the_client_gives_up_before_the_api_does_and_never_retries() -> None:
    config = vars(handler.runtime().meta.config)
    assert (config["read_timeout"], config["connect_timeout"]) == (24, 2)
    assert config["retries"]["total_max_attempts"] == 1


def test_an_answer_that_is_no_text_is_an_error_of_the_model(runtime: Runtime, ask: Ask) -> None:
    runtime.headers, runtime.body = {"Content-Type": "application/octet-stream"}, b"\xff\xfe"
    assert error_of(ask())[:2] == (424, "model_error")


@pytest.mark.parametrize("container", [None, 400, 500])
def test_nothing_of_a_body_gets_into_the_logs(
    runtime: Runtime, ask: Ask, container: int | None, logged: Logged, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = logged(handler.logger)
    if container is None:
        runtime.body = json.dumps({"predictions": [{"echo": SECRET}]}).encode()
    else:
        runtime.fail(424, "ModelError", f"bad: {SECRET}", OriginalStatusCode=container, OriginalMessage=SECRET)
    ask(f"{SECRET},1")
    ask(base64.b64encode(SECRET.encode()).decode() + "%", encoded=True)
    ask(SECRET, content_type=f"text/{SECRET}")
    written = capsys.readouterr()
    assert SECRET not in json.dumps(lines()) + written.out + written.err
    assert {line["correlation_id"] for line in lines()} == {REQUEST_ID}


def test_statuses_are_counted(runtime: Runtime, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    ask()
    runtime.fail(400, "ThrottlingException", None)
    ask()
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [sorted(name for name in line if name.startswith("Status")) for line in counted] == [
        ["Status200"],
        ["Status429"],
    ]
