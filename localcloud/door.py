"""The door of the local cloud: who comes in.

Three questions, each with no for an answer where nothing says yes. Is the cloud called by a name of this machine?
Another name is a page that had its own name point here. Does a page of another site ask? Only a bucket or an API
whose own CORS configuration names that site answers it. Is the request signed, rightly? What AWS leaves open without a
signature is the list `OPEN`, with its reasons; the cloud's own paths, MiniStack's among them, take its secret instead.
"""

import base64
import contextlib
import hmac
import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from localcloud import mlflow_wire
from localcloud.hooks import apis
from localcloud.hooks.callers import credentials
from localcloud.hooks.callers.credentials import Request
from localcloud.hooks.requests.services import Answer

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
NAMES: Final = re.compile(r"127\.0\.0\.1|\[::1\]|([a-z0-9.-]+\.)?localhost")
"""Names of this machine; `<bucket>.s3.localhost` is S3's virtual host. No DNS server says where one of them leads."""
FORM_BYTES: Final = 65536
HEALTH: Final = "/_mdlc/health"
_CORS: Final = b"access-control-"


@dataclass(frozen=True)
class Way:
    """Requests that come in without a signature: what they are, why AWS leaves them open, how they are known.

    What `judges` reads signatures itself, and says which pages of other sites may ask.
    """

    what: str
    why: str
    leads: Callable[[Request], bool]
    judges: bool = False


def _path(method: str, form: str) -> Callable[[Request], bool]:
    methods, pattern = method.split(), re.compile(form, re.DOTALL)
    return lambda request: (not methods or request.method in methods) and bool(pattern.fullmatch(request.path))


def _operation(service: str, prefix: str) -> Callable[[Request], bool]:
    """Know an operation of a JSON service that AWS's model of it sends unsigned."""

    def leads(request: Request) -> bool:
        target, _, operation = request.headers.get("x-amz-target", "").partition(".")
        plain = (request.method, request.path, request.query) == ("POST", "/", {})
        return plain and target == prefix and operation in credentials.unsigned_operations(service)

    return leads


_PAGES: Final = _path("GET", r"/oauth2/authorize|/login|/logout")
_FORMS: Final = _path("POST", r"/oauth2/login|/login")
_OPENID: Final = _path(
    "GET POST OPTIONS",
    r"/oauth2/(token|userInfo|userinfo)|/[\w-]+_[0-9A-Za-z]+/\.well-known/(jwks\.json|openid-configuration)",
)
_STAGES: Final = _path("", r"/_aws/execute-api/[^/]+/.*|/restapis/[^/]+/[^/]+/_user_request_(/.*)?")
OPEN: Final[Sequence[Way]] = (
    Way(
        "stages of API Gateway",
        "each route has its own authorizer, IAM among them, which is asked",
        lambda request: _STAGES(request) or (apis.is_host(request.headers.get("host", "")) and not _own(request.path)),
        judges=True,
    ),
    Way(
        "function URLs",
        "the URL's own AuthType, IAM or NONE, is asked",
        _path("", r"/_aws/lambda-url/[^/]+(/.*)?"),
        judges=True,
    ),
    Way(
        "objects of S3",
        "a bucket policy or grant may name everybody, where the public access block permits; forms are signed inside",
        credentials.public,
    ),
    Way(
        "answers of custom resources and signals of wait conditions",
        "AWS hands out a presigned URL of S3; here the URL's unguessable end stands for the signature",
        _path("PUT", r"/_ministack/cfn-(response|signal)/[^/]{16,}"),
    ),
    Way(
        "users of Cognito's user pools",
        "who signs up or in has no credentials of AWS: AWS's model names these operations unsigned",
        _operation("cognito-idp", "AWSCognitoIdentityProviderService"),
    ),
    Way(
        "identities of Cognito's identity pools",
        "they hand out the first credentials: AWS's model names these operations unsigned",
        _operation("cognito-identity", "AWSCognitoIdentityService"),
    ),
    Way(
        "Cognito's hosted pages",
        "a browser opens them before anybody has signed in",
        lambda request: _PAGES(request) or _FORMS(request),
    ),
    Way(
        "OpenID Connect of Cognito's user pools",
        "an app in a browser asks them from its own site, with a code or a token of its user",
        _OPENID,
        judges=True,
    ),
    Way(
        "confirmations of SNS",
        "the link in a message carries the token that was sent to the subscriber",
        credentials.confirms_subscription,
    ),
)
"""What AWS leaves open. A service that is not here is closed."""
FEDERATED: Final = ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
"""Operations of STS that take another issuer's token for a signature; AWS's model names them unsigned."""


class Door:
    """Lets requests in to `inside`, or answers them itself."""

    def __init__(self, inside: Application, secret: str, port: int) -> None:
        self._inside, self._secret, self._port = inside, secret, port

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection of ASGI."""
        if scope["type"] not in {"http", "websocket"}:
            await self._inside(scope, receive, send)
            return
        request = _request(scope)
        way = next((way for way in OPEN if (way.judges or not request.signed) and way.leads(request)), None)
        answer = self._foreign(request, way)
        if answer is None and scope["type"] == "websocket":
            answer = None if way is OPEN[0] else credentials.missing(request)
        elif answer is None and way is None:
            answer, receive = await self._judge(request, receive)
        if answer is None:
            owned = (way is not None and way.judges) or credentials.cors_allows(request)
            await self._inside(scope, receive, send if owned else _without_cors(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send_answer(answer, send)

    def _foreign(self, request: Request, way: Way | None) -> Answer | None:
        """Refuse a name that is not this machine's, and a page of another site."""
        host = request.headers.get("host", "")
        if not self._is_here(host):
            message = f"{host or 'a request without a Host header'} is no name of this machine and the cloud's port"
            return 403, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode()
        origin = request.headers.get("origin")
        if origin is None or (origin.startswith("http://") and self._is_here(urlsplit(origin).netloc)):
            return None
        if (way is not None and way.judges) or credentials.cors_allows(request):
            return None
        return credentials.denied(request, f"A page of {origin} asks, and no CORS configuration names it.")

    async def _judge(self, request: Request, receive: Receive) -> tuple[Answer | None, Receive]:
        """Judge a request that is on no open way; the second is where its body is read from afterwards."""
        if _own(request.path):
            return self._keyhole(request), receive
        if not request.signed and not _form(request):
            return credentials.missing(request), receive
        body = await mlflow_wire.read_body(receive, sys.maxsize if request.signed else FORM_BYTES)
        if request.signed:
            return credentials.refusal(request, body), again(body, receive)
        federated = parse_qs(body.decode(errors="replace")).get("Action", [""])[0] in FEDERATED
        closed = None if federated and request.service(body) == "sts" else credentials.missing(request, body)
        return closed, again(body, receive)

    def _keyhole(self, request: Request) -> Answer | None:
        """Refuse who does not know the cloud's secret; a signature, which jobs and functions have, is not enough."""
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            with contextlib.suppress(ValueError):
                given = base64.b64decode(given).decode().partition(":")[2]
        known = kind in {"Basic", "Bearer"} and hmac.compare_digest(given.encode(), self._secret.encode())
        # MLflow's own client has basic authentication, which is verified inside
        if known or request.path == HEALTH or request.path.startswith(mlflow_wire.PATH):
            return None
        said = {"message": "only this cloud's own command line, which knows its secret, may do that"}
        return 403, {"Content-Type": "application/json"}, json.dumps(said).encode()

    def _is_here(self, host: str) -> bool:
        name, _, port = host.lower().rpartition(":")
        return port == str(self._port) and bool(NAMES.fullmatch(name))


def _request(scope: Message) -> Request:
    raw = scope.get("headers", ())
    query = credentials.query(scope)
    path = credentials.raw_path(scope)
    return Request(scope.get("method", "GET"), scope["path"], path, query, credentials.headers(raw), raw)


def _own(path: str) -> bool:
    """Return whether a path is the cloud's own, one of MiniStack's switches, or its image registry."""
    return path.startswith("/_") or path == "/health" or credentials.is_registry(path)


def _form(request: Request) -> bool:
    kind = request.headers.get("content-type", "")
    plain = (request.method, request.path, request.query) == ("POST", "/", {})
    return plain and kind.startswith("application/x-www-form-urlencoded") and "x-amz-target" not in request.headers


def again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read to who reads it next, then what comes after it."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def read() -> Message:
        return left.pop() if left else await receive()

    return read


def _without_cors(send: Send) -> Send:
    """Take from an answer what would let pages of other sites read it."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if not pair[0].lower().startswith(_CORS)]
            message = {**message, "headers": kept}
        await send(message)

    return sent


async def send_answer(answer: Answer, send: Send) -> None:
    """Answer a request, and close the connection."""
    status, headers, body = answer
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    pairs += [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
