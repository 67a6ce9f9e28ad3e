"""What a caller is told when there is no prediction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

MESSAGE_CHARACTERS = 500


@dataclass(frozen=True)
class Problem:
    """An error answer: HTTP status, a code for programs and a sentence for people."""

    status: HTTPStatus
    code: str
    message: str
    retry_after: int | None = None  # seconds


class Unanswered(Exception):  # noqa: N818 - an answer to the caller, no programming error
    """There is no prediction, for the reason in `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


BAD_INPUT = {
    400: (HTTPStatus.BAD_REQUEST, "bad_input"),
    406: (HTTPStatus.NOT_ACCEPTABLE, "not_acceptable"),
    413: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"),
    415: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
    422: (HTTPStatus.BAD_REQUEST, "bad_input"),
}
"""Statuses of the model container that are the caller's fault."""

THROTTLING = ("ThrottlingException", "Throttling", "TooManyRequestsException")
UNAVAILABLE = ("ServiceUnavailable", "ModelNotReadyException", "InternalFailure", "InternalDependencyException")

TIMED_OUT = Problem(HTTPStatus.GATEWAY_TIMEOUT, "model_timeout", "The model did not answer in time.")
OVERLOADED = Problem(
    HTTPStatus.TOO_MANY_REQUESTS, "throttled", "The model gets too many requests; try again later.", retry_after=1
)
NOT_THERE = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "The model is not in service now; try again later.", retry_after=30
)
MODEL_ERROR = Problem(HTTPStatus.FAILED_DEPENDENCY, "model_error", "The model failed on this request.")
INTERNAL = Problem(
    HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "The prediction service failed; this is no fault of the request."
)


def of_client_error(error: ClientError) -> Problem:
    """Tell the caller what an error of InvokeEndpoint means."""
    code = error.response["Error"]["Code"]
    message = error.response["Error"].get("Message", "")
    if code == "ModelError":
        return _of_model(error.response)
    if code in THROTTLING:
        return OVERLOADED
    if code in UNAVAILABLE:
        return NOT_THERE
    if code in ("ValidationError", "ValidationException"):
        if "not found" in message:  # "Endpoint … of account … not found."
            return NOT_THERE
        return Problem(HTTPStatus.BAD_REQUEST, "bad_input", message[:MESSAGE_CHARACTERS])
    return INTERNAL


def of_transport_error(error: BotoCoreError) -> Problem:
    """Tell the caller what a failure on the way to the endpoint means."""
    if isinstance(error, ReadTimeoutError):
        return TIMED_OUT
    if isinstance(error, ConnectTimeoutError | EndpointConnectionError | ConnectionClosedError):
        return NOT_THERE
    return INTERNAL


def _of_model(response: Mapping[str, Any]) -> Problem:
    """Pass on what the container says of bad input; keep its other errors to ourselves."""
    status = response.get("OriginalStatusCode")
    if status in BAD_INPUT:
        answer, code = BAD_INPUT[status]
        return Problem(answer, code, _message_of(response.get("OriginalMessage", "")) or answer.phrase)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return OVERLOADED
    # SageMaker reports a container that is silent for 60 seconds as status 0 with this message.
    if status == HTTPStatus.GATEWAY_TIMEOUT or "timed out" in response["Error"].get("Message", ""):
        return TIMED_OUT
    return MODEL_ERROR


def _message_of(original: str) -> str:
    """Return the sentence in a container's `{"error": {"code", "message"}}`, or its text as it is."""
    try:
        parsed = json.loads(original)
        said = parsed["error"]["message"]
    except (ValueError, KeyError, TypeError):
        said = original
    return str(said)[:MESSAGE_CHARACTERS]
