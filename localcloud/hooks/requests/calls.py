"""Questions to MiniStack's services in this process: botocore writes and reads them, and no socket is between."""

import asyncio
import contextvars
import re
import threading
from collections.abc import Callable, Coroutine, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError
from ministack import app
from ministack.core import iam_evaluator, responses

from localcloud.readback.reading import Ask, Gone

Answer = tuple[int, Mapping[str, str], bytes | str]
_GONE = re.compile(r"NotFound|NoSuch|NonExistent|NotExist|Missing|UnknownResource|\b404\b")
_NOT_THERE = re.compile(r"does not exist|RecordNotFound")
"""In the words of services that have one code for everything."""
_SECONDS = 60
_ROOT = (
    "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
)
"""The root's, whom services look for in the header; its signature was to be verified before they are called."""


def asking(account: str, region: str) -> Ask:
    """Return what asks services as the root of an account sees them in a region. It may be used from any thread."""

    def ask(service: str, operation: str, /, **parameters: object) -> dict[str, Any]:
        made = _client(service, region)
        _place.value = account, region
        try:
            answer: dict[str, Any] = getattr(made, operation)(**parameters)
        except ClientError as error:
            if _GONE.search(error.response["Error"]["Code"]) or _NOT_THERE.search(str(error)):
                raise Gone(str(error)) from error
            raise
        return answer

    return ask


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()  # one, whose models and endpoints are read once


@cache
def _client(service: str, region: str) -> Any:  # noqa: ANN401 - botocore's
    made = _session().create_client(
        service,
        region_name=region,
        endpoint_url="http://in-process",
        config=Config(
            signature_version=UNSIGNED,
            parameter_validation=False,
            retries={"max_attempts": 0},
            s3={"addressing_style": "path"},
            inject_host_prefix=False,
        ),
    )
    name = made.meta.service_model.signing_name
    answer: Any = lambda request, **_: _answer(name, request)  # noqa: E731 - its stub does not know that it may answer
    made.meta.events.register("before-send", answer)
    return made


def _answer(service: str, request: AWSPreparedRequest) -> AWSResponse:
    url = urlsplit(request.url)
    headers = {
        key.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for key, value in request.headers.items()
    }
    given: Any = request.body or b""
    body: bytes = given.encode() if isinstance(given, str) else given.read() if hasattr(given, "read") else bytes(given)
    account, region = _place.value
    headers["authorization"] = _ROOT.format(account=account, region=region, service=service)

    async def handle() -> Answer:
        iam_evaluator._request_caller_arn.set(f"arn:aws:iam::{account}:root")
        with responses.request_scope(account, region):
            query = parse_qs(url.query, keep_blank_values=True)
            answer: Answer = await app.SERVICE_HANDLERS.get(service)(
                request.method, unquote(url.path), headers, body, query
            )
            return answer

    status, answered, content = _at_once(handle) or asyncio.run_coroutine_threadsafe(handle(), _loop()).result(_SECONDS)
    told = HTTPHeaders()
    for name, value in answered.items():
        told[name] = str(value)
    return AWSResponse(request.url, status, told, _Raw(content if isinstance(content, bytes) else content.encode()))


def _at_once(handle: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer | None:
    """Run what waits for nothing, as most handlers do, without another thread; None where it has to wait."""
    running, context = handle(), contextvars.copy_context()
    try:
        context.run(running.send, None)
    except StopIteration as ended:
        answer: Answer = ended.value
        return answer
    except RuntimeError:  # there is no event loop in this thread
        return None
    context.run(running.close)
    return None


class _Raw:
    """The body of an answer, as botocore reads one."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: object, **__: object) -> list[bytes]:
        """Yield the body."""
        return [self._content]

    def read(self, *_: object, **__: object) -> bytes:
        """Return the body once."""
        content, self._content = self._content, b""
        return content


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="calls", daemon=True).start()
    return loop


class _Place(threading.local):
    value: tuple[str, str] = ("", "")


_place = _Place()
