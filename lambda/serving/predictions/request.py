"""The request of an API Gateway REST proxy event."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from predictions.problems import Problem, Unanswered

MAX_BODY_BYTES = 6 * 1024 * 1024
"""InvokeEndpoint's own limit for a real-time endpoint's payload."""

ACCEPT_DEFAULT = "application/json"


@dataclass(frozen=True)
class PredictionRequest:
    """What the endpoint is asked: a body, its content type, and the type of answer wanted."""

    body: bytes = field(repr=False)
    content_type: str
    accept: str


def parse(event: APIGatewayProxyEvent, known: Sequence[str]) -> PredictionRequest:
    """Read the request in `event`; raises `Unanswered` where it cannot be a prediction request.

    `known` are the media types that the model takes.
    """
    headers = {name.lower(): value for name, value in event.headers.items()}
    content_type = headers.get("content-type", "").strip()
    media_type = content_type.split(";")[0].strip().lower()
    if media_type not in known:
        sent = f"not {media_type[:80]}" if media_type else "and there is none"
        message = f"The Content-Type must be one of {', '.join(known)}, {sent}."
        raise Unanswered(Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message))
    body = _body(event)
    if not body.strip():
        raise Unanswered(Problem(HTTPStatus.BAD_REQUEST, "empty_body", "The body is empty."))
    if len(body) > MAX_BODY_BYTES:
        message = f"The body has {len(body)} bytes; at most {MAX_BODY_BYTES} are accepted."
        raise Unanswered(Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message))
    accept = headers.get("accept", "").strip()
    return PredictionRequest(body, content_type, ACCEPT_DEFAULT if accept in ("", "*/*") else accept)


def _body(event: APIGatewayProxyEvent) -> bytes:
    text = event.body or ""
    if not event.is_base64_encoded:
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Unanswered(Problem(HTTPStatus.BAD_REQUEST, "bad_input", "The body is no valid base64.")) from error
