"""The request of an API Gateway REST proxy event."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from predictions.problems import Problem, Unanswered

MAX_BODY_BYTES = 6 * 1024 * 1024
"""InvokeEndpoint's own limit for a real-time endpoint's payload."""

ACCEPT_DEFAULT = "application/json"

SENDABLE = re.compile(r"[\t\x20-\x7e]{0,1024}")
"""What InvokeEndpoint takes as ContentType and Accept, and HTTP as a header's value."""


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
    headers = {name.lower(): value for name, value in _mapping(event.headers).items()}
    content_type = _header(headers, "Content-Type")
    media_type = content_type.split(";")[0].strip().lower()
    if media_type not in known:
        sent = f"not {_excerpt(media_type)}" if media_type else "and there is none"
        message = f"The Content-Type must be one of {', '.join(known)}, {sent}."
        raise _refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    _require_sendable("Content-Type", content_type)
    encoding = _header(headers, "Content-Encoding")
    if encoding.lower() not in ("", "identity"):
        message = f"The body is encoded with {_excerpt(encoding)}: send it as it is."
        raise _refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    body = _body(event)
    if not body.strip():
        raise _refusal(HTTPStatus.BAD_REQUEST, "empty_body", "The body is empty.")
    if len(body) > MAX_BODY_BYTES:
        message = f"The body has {len(body)} bytes; at most {MAX_BODY_BYTES} are accepted."
        raise _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)
    accept = _header(headers, "Accept")
    _require_sendable("Accept", accept)
    return PredictionRequest(body, content_type, ACCEPT_DEFAULT if accept in ("", "*/*") else accept)


def _refusal(status: HTTPStatus, code: str, message: str) -> Unanswered:
    return Unanswered(Problem(status, code, message))


def _mapping(headers: object) -> dict[str, object]:
    return headers if isinstance(headers, dict) else {}


def _header(headers: Mapping[str, object], name: str) -> str:
    value = headers.get(name.lower(), "")
    return value.strip() if isinstance(value, str) else ""


def _require_sendable(name: str, value: str) -> None:
    if not SENDABLE.fullmatch(value):
        message = f"The {name} must have at most 1,024 characters, all of them printable ASCII."
        raise _refusal(HTTPStatus.BAD_REQUEST, "bad_input", message)


def _excerpt(text: str) -> str:
    """Return what is wrong as a sentence shows it: the beginning, and nothing that a terminal or a log would obey."""
    return "".join(sign if sign.isprintable() else "�" for sign in text[:80])


def _body(event: APIGatewayProxyEvent) -> bytes:
    text = event.body or ""
    try:
        return base64.b64decode(text, validate=True) if event.is_base64_encoded else text.encode()
    except UnicodeEncodeError:
        message = "The body has a character that UTF-8 cannot write: send bytes in base64."
    except AttributeError:
        message = "The body is no text."
    except ValueError:
        message = "The body is no valid base64."
    raise _refusal(HTTPStatus.BAD_REQUEST, "bad_input", message)
