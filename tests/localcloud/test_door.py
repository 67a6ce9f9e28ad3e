"""Nobody comes in unsigned, from another site, or by another name: over every operation of every service.

The door stands before an application that only notes who got in, so that what is refused has changed nothing.
"""

import ast
import asyncio
import base64
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import StructureShape
from botocore.parsers import create_parser

from localcloud import ministack
from localcloud.door import FEDERATED, OPEN, Door
from localcloud.hooks.callers import credentials
from tests.localcloud.every_request import NAMES, OURS, Sent, every_request

ACCOUNT, SECRET, PORT = "111111111111", "the secret of this cloud", 4566
HERE = f"127.0.0.1:{PORT}"
CODES = {
    "AccessDenied",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "MissingParameter",  # EC2: The request must contain the parameter AWSAccessKeyId
    "UnrecognizedClientException",  # Secrets Manager
}
"""What AWS says to a request without a signature: common errors of each API's reference."""
READS = ("Get", "List", "Describe", "Head", "Search", "Query", "Scan", "Lookup", "Select")


@dataclass(frozen=True)
class Told:
    """An answer; `inside` is whether the door let the request in."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    inside: bool


@pytest.fixture(scope="module")
def requests() -> Sequence[Sent]:
    """One request of every operation of every service."""
    return list(every_request(HERE))


@pytest.fixture(scope="module")
def changing(requests: Sequence[Sent]) -> Sequence[Sent]:
    """Those of operations whose name does not say that they read."""
    return [sent for sent in requests if not sent.operation.name.startswith(READS)]


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.setattr("ministack.core.iam_evaluator._is_root_key", lambda key: not key)  # as hooks.identity has it


def ask(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Told:
    """Ask the door."""
    reached: list[str] = []

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])
        assert (await receive())["body"] == body
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Access-Control-Allow-Origin", b"*")]})
        await send({"type": "http.response.body", "body": b"{}"})

    sent: list[Any] = []

    async def go() -> None:
        left = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return left.pop()

        async def send(message: Any) -> None:
            sent.append(message)

        parts = urlsplit(url)
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
        }
        await Door(inside, SECRET, PORT)(scope, receive, send)

    asyncio.run(go())
    answered = {key.decode().lower(): value.decode() for key, value in sent[0]["headers"]}
    return Told(sent[0]["status"], answered, sent[1]["body"], bool(reached))


def told(sent: Sent, **headers: str) -> Told:
    return ask(sent.method, sent.url, {**sent.headers, **headers}, sent.body)


def signed(sent: Sent, secret: str = SECRET) -> Sent:
    """Sign as the account's root."""
    request = AWSRequest(sent.method, sent.url, {k: v for k, v in sent.headers.items() if k != "Host"}, sent.body)
    SigV4Auth(Credentials(ACCOUNT, secret), sent.service.signing_name, "eu-west-1").add_auth(request)
    return replace(sent, headers={**request.headers, "Host": HERE})


def code(sent: Sent, answer: Told) -> str:
    """Name the error as botocore reads it."""
    parser = create_parser(sent.service.resolved_protocol)
    response = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
    shape = sent.operation.output_shape or StructureShape("Nothing", {"type": "structure"})
    return str(parser.parse(response, shape)["Error"]["Code"])


def is_open(sent: Sent) -> bool:
    return sent.operation.name in (*FEDERATED, *credentials.unsigned_operations(sent.service.service_name))


@pytest.mark.slow
def test_unsigned_is_nobody_in_every_operation_of_every_service(requests: Sequence[Sent]) -> None:
    """What botocore's models, which are AWS's, sign is refused unsigned; what they do not sign comes in."""
    answers = [(sent, told(sent)) for sent in requests]
    assert {sent.name for sent, answer in answers if answer.inside} == {s.name for s in requests if is_open(s)}
    refused = [(sent.name, code(sent, answer)) for sent, answer in answers if not answer.inside]
    assert [(name, said) for name, said in refused if said not in CODES] == []
    assert len({name.split(":")[0] for name, _ in refused}) > 90


def test_every_service_of_ours_is_asked() -> None:
    """What `localcloud.ministack` registers beside MiniStack's services."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(ministack))) if isinstance(node, ast.Call)]
    registered = [call.args[0] for call in calls if ast.unparse(call.func) == "services.register"]
    names = {str(name.value) for name in registered if isinstance(name, ast.Constant)}
    assert {"sagemaker", "ce", "servicequotas"} <= names
    assert len(names) == len(registered)
    assert {NAMES.get(name, name) for name in names} <= {*OURS}


@pytest.mark.slow
def test_a_signature_that_is_not_right_is_nobodys(changing: Sequence[Sent]) -> None:
    forged = [signed(sent, "a guess") for sent in changing]
    assert [sent.name for sent in forged if told(sent).inside and not is_open(sent)] == []


@pytest.mark.slow
def test_a_page_of_another_site_is_refused_though_signed(changing: Sequence[Sent]) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example:4566"):
        some = changing if origin.startswith("https") else changing[::50]
        assert [sent.name for sent in map(signed, some) if told(sent, Origin=origin).inside] == []


@pytest.mark.slow
def test_another_name_is_refused_though_signed(changing: Sequence[Sent]) -> None:
    for host in ("evil.example:4566", "127.0.0.1:1", "localhost", "", "evil.example"):
        some = changing if host.startswith("evil.example:") else changing[::50]
        assert [sent.name for sent in map(signed, some) if told(sent, Host=host).inside] == []


@pytest.mark.slow
def test_who_signs_rightly_comes_in(changing: Sequence[Sent]) -> None:
    assert [sent.name for sent in map(signed, changing) if not told(sent).inside] == []
    for origin in (f"http://{HERE}", f"http://localhost:{PORT}"):
        answer = told(signed(changing[0]), Origin=origin)
        assert answer.inside
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("scheme", ["Bearer x", "Basic QVdTOng=", "AWS4-HMAC-SHA256", "AWS x:y", "Digest"])
def test_another_kind_of_authorization_is_none(scheme: str) -> None:
    """MiniStack takes a request with a header that it does not know for the root's."""
    headers = {"Host": HERE, "X-Amz-Target": "SageMaker.ListModels", "Content-Type": "application/x-amz-json-1.1"}
    answer = ask("POST", "/", {**headers, "Authorization": scheme}, b"{}")
    assert not answer.inside
    assert answer.status in {400, 403}


@pytest.mark.parametrize(
    "path",
    [
        "/_ministack/reset",
        "/_ministack/config",
        "/_ministack/health",
        "/_ministack/lambda-code/x/y/z",
        "/_ministack/rds/iam-auth",
        "/_ministack/eks-auth/111111111111/x/y/0123456789abcdef",
        "/_localstack/health",
        "/_localstack/init",
        "/health",
        "/_aws/ses",
        "/_aws/sqs/messages",
        "/_mdlc/resources",
        "/_mdlc/stacks",
        "/_mdlc/faults",
        "/_mdlc/log-groups",
        "/_mdlc/interruptions",
        "/v2/",
        "/v2/team/image/blobs/uploads/",
        "/v2/team/image/manifests/latest",
    ],
)
def test_paths_of_the_cloud_itself_take_its_secret_alone(path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        assert ask(method, path, {"Host": HERE}).status == 403
        assert ask(method, path, {"Host": HERE, "Authorization": "Bearer guess"}).status == 403
        assert ask(method, path, {"Host": HERE, "Authorization": f"Bearer {SECRET}"}).inside
        request = AWSRequest(method, f"http://{HERE}{path}")
        SigV4Auth(Credentials(ACCOUNT, SECRET), "sagemaker", "eu-west-1").add_auth(request)
        assert not ask(method, path, {**request.headers, "Host": HERE}).inside
    basic = base64.b64encode(f"AWS:{SECRET}".encode()).decode()
    assert ask("GET", path, {"Host": HERE, "Authorization": f"Basic {basic}"}).inside


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/_ministack/cfn-response/6f0d1f6a-0f35-4a2c-9b86-6f2f6f1f6f1f"),
        ("GET", "/eu-west-1_abc/.well-known/jwks.json"),
        ("POST", "/oauth2/token"),
        ("GET", "/oauth2/authorize?client_id=x"),
        ("GET", "/oauth2/userInfo"),
        ("POST", "/_aws/execute-api/abc/v1/fraud"),
        ("GET", "/_aws/lambda-url/abc"),
        ("GET", "/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:1:t&Token=x&Version=2010-03-31"),
        ("GET", "/_mdlc/health"),
    ],
)
def test_what_aws_leaves_open_is_open(method: str, path: str) -> None:
    assert ask(method, f"http://{HERE}{path}", {"Host": HERE}).inside


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/v2/x/blobs/uploads/", {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}),
        ("POST", "/?Action=CreateUser", {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}),
        ("POST", "/", {"X-Amz-Target": "AWSCognitoIdentityProviderService.AdminDeleteUser"}),
        ("POST", "/", {"X-Amz-Target": "SageMaker.SignUp"}),
        ("GET", "/_aws/execute-api/abc", {"X-Amz-Target": "SageMaker.ListModels"}),
        ("POST", "/restapis/abc/resources", {}),
        ("DELETE", "/_ministack/cfn-response/6f0d1f6a-0f35-4a2c-9b86-6f2f6f1f6f1f", {}),
        ("GET", "/?Action=Unsubscribe&SubscriptionArn=x", {}),
        ("GET", "/latest/meta-data/iam/security-credentials/", {}),
        ("GET", "/", {}),
        ("PUT", "/a-new-bucket", {}),
        ("PUT", "/v20180820/bucket/x/policy", {}),
        ("GET", "/iceberg/v1/config", {}),
        ("OPTIONS", "/", {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}),
    ],
)
def test_an_open_way_leads_nowhere_else(method: str, path: str, headers: Mapping[str, str]) -> None:
    assert not ask(method, f"http://{HERE}{path}", {"Host": HERE, **headers}).inside


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/eu-west-1_abc/.well-known/openid-configuration"),
        ("GET", "/eu-west-1_abc/.well-known/jwks.json"),
        ("POST", "/oauth2/token"),
        ("OPTIONS", "/oauth2/userInfo"),
        ("GET", "/oauth2/userInfo"),
    ],
)
def test_an_app_in_a_browser_signs_its_users_in_from_its_own_site(method: str, path: str) -> None:
    """Cognito's quickstart for single-page apps, react-oidc-context, fetches these from the app's own origin."""
    answer = ask(method, f"http://{HERE}{path}", {"Host": HERE, "Origin": "https://app.example"})
    assert answer.inside
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_sign_in_with_another_issuer_is_closed() -> None:
    """MiniStack verifies no assertion of SAML and no token of another issuer."""
    for path in ("/saml2/idpresponse", "/oauth2/idpresponse"):
        for method in ("GET", "POST"):
            assert not ask(method, f"http://{HERE}{path}", {"Host": HERE}).inside


@pytest.mark.parametrize("path", ["/v1/fraud", "/"])
def test_an_api_has_a_host_of_its_own(path: str) -> None:
    host = f"0123abcd.execute-api.localhost:{PORT}"
    assert ask("GET", f"http://{host}{path}", {"Host": host, "Origin": "https://app.example"}).inside


@pytest.mark.parametrize("path", ["/_ministack/reset", "/health", "/v2/", "/_mdlc/resources"])
def test_the_host_of_an_api_leads_to_no_path_of_the_cloud(path: str) -> None:
    host = f"0123abcd.execute-api.localhost:{PORT}"
    assert not ask("POST", f"http://{host}{path}", {"Host": host}).inside


def test_every_open_way_has_its_reason() -> None:
    assert all(way.what and way.why for way in OPEN)
    assert len({way.what for way in OPEN}) == len(OPEN)
