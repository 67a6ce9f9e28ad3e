import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO, TextIOWrapper
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import FakeAws, refuse

ANSWER = {"predictions": [{"score": 0.25, "predicted_label": 0}]}


@dataclass
class Api:
    """An HTTP server that answers everything alike and remembers what it was asked."""

    status: int = 200
    body: bytes = json.dumps(ANSWER).encode()
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def api(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    state = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append((self.path, dict(self.headers), body))
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", state.url)
    aws.stacks["dev-api"] = {"ApiUrl": "https://abc123.execute-api.eu-west-1.amazonaws.com/v1/"}
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def question(tmp_path: Path) -> Path:
    (tmp_path / "claim.json").write_text('{"instances": [{"customer_age": 31}]}')
    return tmp_path / "claim.json"


def test_a_signed_post_reaches_the_api_at_the_clouds_address(mdlc: Mdlc, api: Api, question: Path) -> None:
    ran = mdlc("predict", "fraud", str(question), "--json")
    assert (ran.code, json.loads(ran.stdout)) == (0, ANSWER)
    ((path, headers, body),) = api.asked
    assert path == "/_aws/execute-api/abc123/v1/fraud/predictions"
    assert json.loads(body) == {"instances": [{"customer_age": 31}]}
    assert (headers["Content-Type"], headers["Accept"]) == ("application/json", "application/json")
    assert "/eu-west-1/execute-api/aws4_request" in headers["Authorization"]
    plain = mdlc("predict", "fraud", str(question))
    assert plain.stdout == '{"score": 0.25, "predicted_label": 0}\n'
    assert plain.stderr.splitlines()[-1] == "0 is honest."
    assert "honest" not in ran.stderr


def test_each_system_has_its_path_below_the_one_api(mdlc: Mdlc, api: Api, question: Path) -> None:
    assert mdlc("predict", "knn", str(question)).code == 0
    assert api.asked[0][0] == "/_aws/execute-api/abc123/v1/knn/predictions"


def test_standard_input_is_read(mdlc: Mdlc, api: Api, question: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(question.read_bytes())))
    assert mdlc("predict", "fraud").code == 0
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(question.read_bytes())))
    assert mdlc("predict", "fraud", "-").code == 0
    assert len(api.asked) == 2


def test_people_read_letters_as_they_are(mdlc: Mdlc, api: Api, question: Path) -> None:
    api.body = b'{"predictions": [{"score": 0.5, "missing": ["gr\\u00f6\\u00dfe_(cm)"]}]}'
    assert mdlc("predict", "fraud", str(question)).stdout == '{"score": 0.5, "missing": ["größe_(cm)"]}\n'


@pytest.mark.parametrize(
    ("packages", "sentence"),
    [
        (
            [],
            (
                "fraud has no approved version in dev in {cloud} (eu-west-1), so nothing is in service: mdlc pipeline"
                " start fraud -e dev trains one, mdlc model approve fraud VERSION -e dev --wait rolls it out."
            ),
        ),
        (["1"], "The API answered 503: The model is not in service now"),
        (None, "The API answered 503: The model is not in service now"),
    ],
)
def test_why_nothing_is_in_service(  # noqa: PLR0913, PLR0917 - fixtures and cases
    mdlc: Mdlc, api: Api, aws: FakeAws, question: Path, packages: list[str] | None, sentence: str
) -> None:
    """Until a version is approved there is no endpoint; who may not look hears what the API says."""
    aws.stacks["dev-training"] = {"FraudModelPackageGroupName": "dev-fraud"}

    def listed(asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["ModelApprovalStatus"] == "Approved"
        if packages is None:
            raise refuse("ListModelPackages", "AccessDeniedException", "not authorized")
        return {"ModelPackageSummaryList": packages}

    aws.answers["ListModelPackages"] = listed
    api.status, api.body = 503, b'{"error": {"code": "x", "message": "The model is not in service now"}}'
    ran = mdlc("predict", "fraud", str(question))
    assert (ran.code, ran.stderr.splitlines()[-1]) == (1, f"mdlc: {sentence.format(cloud=api.url)}")


@pytest.mark.parametrize(
    ("status", "body", "code", "sentence"),
    [
        (400, b'{"error": {"code": "BadInput", "message": "no column"}}', 2, "The API answered 400: no column"),
        (403, b'{"message": "Forbidden"}', 1, "The API answered 403: Forbidden"),
        (503, b'{"error": {"code": "x", "message": "no endpoint"}}', 1, "The API answered 503: no endpoint"),
        (502, b"<html>", 1, "The API answered 502: <html>"),
        (200, b'{"scores": []}', 1, "The model's answer has no predictions."),
        (200, b"<html>", 1, "The model's answer is no JSON."),
        (504, b"", 1, "The API answered 504: no body"),
    ],
)
def test_errors_of_the_api_are_told(  # noqa: PLR0913, PLR0917 - fixtures and cases
    mdlc: Mdlc, api: Api, question: Path, status: int, body: bytes, code: int, sentence: str
) -> None:
    api.status, api.body = status, body
    ran = mdlc("predict", "fraud", str(question))
    assert (ran.code, ran.stderr.splitlines()[-1]) == (code, f"mdlc: {sentence}")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no JSON"),
        (b"[1]", 'must be a JSON object {"instances": […]} with at least one instance.'),
        (b'{"instances": []}', "with at least one instance."),
        (b'{"instances": "x"}', "with at least one instance."),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON: maximum recursion depth exceeded"),
        (b'"' + b"x" * (6 * 1024 * 1024) + b'"', "is larger than 6 MiB"),
    ],
)
def test_what_is_no_question_is_not_sent(mdlc: Mdlc, api: Api, question: Path, content: bytes, sentence: str) -> None:
    question.write_bytes(content)
    ran = mdlc("predict", "fraud", str(question))
    assert ran.code == 2
    assert sentence in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert not api.asked


def test_an_api_that_does_not_answer_ends_1(
    mdlc: Mdlc, api: Api, question: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    ran = mdlc("predict", "fraud", str(question))
    assert ran.code == 1
    assert "got no answer" in ran.stderr
    assert not api.asked


def test_a_file_that_is_not_there(mdlc: Mdlc) -> None:
    ran = mdlc("predict", "fraud", "absent.json")
    assert (ran.code, ran.stderr) == (2, "mdlc: absent.json is not a file.\n")


def answers(aws: FakeAws, body: bytes) -> None:
    aws.stacks["dev-knn"] = {"KnnEndpointName": "dev-knn"}
    aws.answers["InvokeEndpoint"] = lambda _: {"Body": StreamingBody(BytesIO(body), len(body))}


def test_where_the_environment_has_no_api_the_endpoint_is_asked(mdlc: Mdlc, aws: FakeAws, question: Path) -> None:
    answers(aws, b'{"predictions": [{"predicted_label": 2.0}]}')
    ran = mdlc("predict", "knn", str(question), "--json")
    assert (ran.code, json.loads(ran.stdout)) == (0, {"predictions": [{"predicted_label": 2.0}]})
    (asked,) = aws.called("InvokeEndpoint")
    assert asked["EndpointName"] == "dev-knn"
    assert json.loads(asked["Body"]) == {"instances": [{"customer_age": 31}]}


def test_a_species_is_named_beside_the_answer_that_stays_the_built_in_algorithms(
    mdlc: Mdlc, aws: FakeAws, question: Path
) -> None:
    """Source of the answer: developer guide, "k-NN Request and Response Formats"."""
    labels = (2.0, 0.0, 2.0, 7.0)
    answers(aws, json.dumps({"predictions": [{"predicted_label": label} for label in labels]}).encode())
    ran = mdlc("predict", "knn", str(question))
    assert ran.stdout.splitlines() == [f'{{"predicted_label": {label}}}' for label in labels]
    assert ran.stderr.splitlines()[-1] == "2 is virginica, 0 is setosa."


@pytest.mark.parametrize(
    ("body", "sentence"),
    [(b"<html>", "The model's answer is no JSON."), (b'{"scores": []}', "The model's answer has no predictions.")],
)
def test_a_models_strange_answer_is_told(mdlc: Mdlc, aws: FakeAws, question: Path, body: bytes, sentence: str) -> None:
    answers(aws, body)
    ran = mdlc("predict", "knn", str(question))
    assert (ran.code, ran.stderr.splitlines()[-1]) == (1, f"mdlc: {sentence}")


@pytest.mark.parametrize(
    ("status", "original", "code", "sentence"),
    [
        (400, '{"error": {"code": "x", "message": "Row 1 is short."}}', 2, "The model answered 400: Row 1 is short."),
        (500, "<html>", 1, "The model answered 500: no reason given"),
    ],
)
def test_errors_of_the_model_are_told(  # noqa: PLR0913, PLR0917 - fixtures and cases
    mdlc: Mdlc, aws: FakeAws, question: Path, status: int, original: str, code: int, sentence: str
) -> None:
    answers(aws, b"")

    def fail(_: dict[str, Any]) -> dict[str, Any]:
        response: Any = {"Error": {"Code": "ModelError", "Message": "x"}}
        raise ClientError(response | {"OriginalStatusCode": status, "OriginalMessage": original}, "InvokeEndpoint")

    aws.answers["InvokeEndpoint"] = fail
    ran = mdlc("predict", "knn", str(question))
    assert (ran.code, ran.stderr.splitlines()[-1]) == (code, f"mdlc: {sentence}")


def test_an_endpoint_that_is_not_there_is_told(mdlc: Mdlc, aws: FakeAws, question: Path) -> None:
    answers(aws, b"")

    def fail(_: dict[str, Any]) -> dict[str, Any]:
        raise refuse("InvokeEndpoint", "ValidationError", "Endpoint dev-knn of account 1 not found.")

    aws.answers["InvokeEndpoint"] = fail
    ran = mdlc("predict", "knn", str(question))
    assert ran.code == 1
    assert "Endpoint dev-knn of account 1 not found." in ran.stderr
