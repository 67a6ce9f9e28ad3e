"""Predictions: ask a system's API, or its endpoint where it has none."""

import json
from typing import Any

from botocore.exceptions import ClientError

from mdlc.aws import Answer, Cloud
from mdlc.errors import CommandError, InputError
from mdlc.systems import System


def ask(cloud: Cloud, system: System, environment: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to `request`; raise `CommandError` when it was refused, `InputError` for bad input.

    A system without an API is asked at its endpoint.
    """
    if not system.prediction_path:
        endpoint = cloud.output(environment, system.serving_stack, system.endpoint_output)
        return _ask_endpoint(cloud, endpoint, json.dumps(request).encode())
    api = cloud.output(environment, "api", system.api_output)
    answer = cloud.post(api, system.prediction_path, json.dumps(request).encode(), "application/json")
    return _read_answer(answer)


def _ask_endpoint(cloud: Cloud, endpoint: str, body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(cloud.invoke(endpoint, body, "application/json", "application/json"))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ModelError":
            raise
        said = _message(_parsed(str(error.response.get("OriginalMessage", "")))) or "no reason given"
        problem = f"The model answered {error.response.get('OriginalStatusCode')}: {said}"
        bad = error.response.get("OriginalStatusCode") in {400, 413, 415}
        raise (InputError if bad else CommandError)(problem) from None
    except ValueError:
        raise CommandError("The model's answer is no JSON.") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("predictions"), list):
        raise CommandError("The model's answer has no predictions.")
    return answer


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _read_answer(answer: Answer) -> dict[str, Any]:
    body = _parsed(answer.body.decode(errors="replace"))
    if answer.status == 200 and isinstance(body, dict) and isinstance(body.get("predictions"), list):  # noqa: PLR2004 - HTTP OK
        return body
    said = _message(body) or answer.body[:500].decode(errors="replace") or "no body"
    problem = f"The API answered {answer.status}: {said}"
    raise InputError(problem) if answer.status in {400, 413, 415} else CommandError(problem)


def _message(body: object) -> str:
    """Return the sentence in an error body: ours, `{"error": {"message"}}`, or API Gateway's own, `{"message"}`."""
    if not isinstance(body, dict):
        return ""
    error = body.get("error", body)
    message = error.get("message", error.get("Message", "")) if isinstance(error, dict) else ""
    return str(message)
