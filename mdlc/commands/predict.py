"""mdlc predict: ask a system's API."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError

from mdlc import systems
from mdlc.aws import Answer, Cloud
from mdlc.commands.options import Environment, Json, SystemName, connect
from mdlc.errors import CommandError, InputError
from mdlc.output import Output
from mdlc.systems import System

LARGEST_BODY = 6 * 1024 * 1024


def predict(
    system: SystemName,
    file: Annotated[
        Path, typer.Argument(metavar="[FILE]", help='JSON {"instances": [{…record…}]}; "-" reads standard input.')
    ] = Path("-"),
    environment: Environment = "dev",
    *,
    as_json: Json = False,
) -> None:
    """Ask the HTTP API of a system for predictions, or its endpoint where it has none."""
    output = Output(as_json)
    chosen = systems.find(system)
    request = _read_request(file)
    cloud = connect(environment)
    with output.progress(f"asking {chosen.name} in {cloud.description}"):
        answer = ask(cloud, chosen, environment, request)
    output.result(answer, "\n".join(json.dumps(prediction) for prediction in answer["predictions"]))


def _read_request(file: Path) -> dict[str, Any]:
    name = "standard input" if str(file) == "-" else str(file)
    if str(file) != "-" and (not file.exists() or file.is_dir()):
        raise InputError(f"{file} is not a file.")
    text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    if len(text) > LARGEST_BODY:
        raise InputError(f"{name} is larger than 6 MiB, the most that the API takes.")
    try:
        request = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is no JSON: {error}.") from None
    if not isinstance(request, dict) or not isinstance(request.get("instances"), list) or not request["instances"]:
        raise InputError(f'{name} must be a JSON object {{"instances": […]}} with at least one instance.')
    return request


def ask(cloud: Cloud, system: System, environment: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to `request`; raise `CommandError` when it was refused, `InputError` for bad input.

    A system without an API is asked at its endpoint.
    """
    if not system.prediction_path:
        endpoint = cloud.output(environment, system.serving_stack, system.endpoint_output)
        return _ask_endpoint(cloud, endpoint, json.dumps(request).encode())
    api = cloud.output(environment, "api", "ApiUrl")
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
