"""Predictions: ask a system's API, or its endpoint where the environment has no API."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from botocore.exceptions import ClientError

from mdlc.client.aws import Answer, Cloud
from mdlc.errors import CommandError, InputError
from mdlc.systems import System

JSON: Final = "application/json"
BAD_INPUT: Final = frozenset({400, 413, 415})


def ask(cloud: Cloud, system: System, environment: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to a JSON request; see `send`."""
    return send(cloud, system, environment, json.dumps(request).encode())


def send(  # noqa: PLR0913 - a request
    cloud: Cloud, system: System, environment: str, body: bytes, *, content_type: str = JSON, accept: str = JSON
) -> dict[str, Any]:
    """Return the answer `{"predictions": [...]}` to a body of `content_type`; `accept` is a form of JSON.

    Raise `InputError` when the body was refused, `CommandError` when there is no answer.
    """
    if api := _api(cloud, system, environment):
        text = _read_api(cloud.post(api, system.prediction_path, body, content_type, accept))
    else:
        text = _ask_endpoint(cloud, _endpoint(cloud, system, environment), body, content_type, accept)
    try:
        answer = json.loads(text)
    except ValueError:
        raise CommandError("The model's answer is no JSON.") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("predictions"), list):
        raise CommandError("The model's answer has no predictions.")
    return answer


def path(cloud: Cloud, system: System, environment: str) -> str:
    """Return where `send` posts to: below the API's stage, or with a slash first at SageMaker itself."""
    if _api(cloud, system, environment):
        return system.prediction_path
    return f"/endpoints/{_endpoint(cloud, system, environment)}/invocations"


def _api(cloud: Cloud, system: System, environment: str) -> str | None:
    return cloud.find_output(environment, "api", "ApiUrl") if system.prediction_path else None


def _endpoint(cloud: Cloud, system: System, environment: str) -> str:
    return cloud.output(environment, system.serving_stack, system.endpoint_output)


def _read_api(answer: Answer) -> bytes:
    if answer.status == HTTPStatus.OK:
        return answer.body
    text = answer.body.decode(errors="replace")
    said = _message(text) or text[:500] or "no body"
    raise _refusal(answer.status, f"The API answered {answer.status}: {said}")


def _ask_endpoint(cloud: Cloud, endpoint: str, body: bytes, content_type: str, accept: str) -> bytes:
    try:
        return cloud.invoke(endpoint, body, content_type, accept)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ModelError":
            raise
        response: Mapping[str, Any] = error.response  # with two members that only this error has
        status, said = response.get("OriginalStatusCode", 0), _message(response.get("OriginalMessage", ""))
        raise _refusal(status, f"The model answered {status}: {said or 'no reason given'}") from None


def _refusal(status: int, problem: str) -> CommandError | InputError:
    return InputError(problem) if status in BAD_INPUT else CommandError(problem)


def _message(text: str) -> str:
    """Return the sentence in an error body: ours, `{"error": {"message"}}`, or API Gateway's own, `{"message"}`."""
    try:
        body = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    error = body.get("error", body)
    message = error.get("message", error.get("Message", "")) if isinstance(error, dict) else ""
    return str(message)
