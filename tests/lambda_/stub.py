"""Real botocore clients whose requests are answered in this process: validated, serialized and parsed, never sent."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.model import OperationModel

Answer = Callable[[str, dict[str, Any]], Mapping[str, Any]]
Client = TypeVar("Client", bound=BaseClient)


class _Raw:
    """The part of an HTTP response that botocore reads."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_options: object) -> list[bytes]:
        return [self._body]


def answered_by(client: Client, answer: Answer) -> Client:
    """Let `answer` stand in for a JSON-protocol service: it gets operation and parameters, or raises `ClientError`."""

    def send(request: AWSPreparedRequest, **_event: object) -> AWSResponse:
        operation = _text(request.headers["X-Amz-Target"]).split(".")[-1]
        try:
            status, body = 200, dict(answer(operation, json.loads(_text(request.body))))
        except ClientError as error:
            said = error.response["Error"]
            status, body = 400, {"__type": said["Code"], "message": said["Message"]}
        headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.1"})
        return AWSResponse(request.url, status, headers, _Raw(json.dumps(body, default=_timestamp).encode()))

    client.meta.events.register("before-send", cast("Callable[..., None]", send))
    return client


@dataclass(frozen=True)
class _Received:
    """The part of an HTTP response that a client reads after it was parsed."""

    status_code: int = 200


def answered_with(client: Client, fake: object) -> Client:
    """Let the methods of `fake` (`get_object`) stand in for a service of any protocol: members in, answer out."""

    def remember(params: dict[str, Any], context: dict[str, Any], **_event: object) -> None:
        context["members"] = dict(params)

    def answer(model: OperationModel, context: dict[str, Any], **_event: object) -> tuple[_Received, dict[str, Any]]:
        method = getattr(fake, xform_name(model.name))
        return _Received(), dict(method(**context["members"]) or {})

    client.meta.events.register("provide-client-params", cast("Callable[..., None]", remember))
    client.meta.events.register("before-call", cast("Callable[..., None]", answer))
    return client


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _timestamp(value: object) -> float:
    """Write times as the JSON protocol does: seconds since 1970."""
    assert isinstance(value, datetime)
    return value.timestamp()
