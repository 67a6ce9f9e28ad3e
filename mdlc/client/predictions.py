"""Predictions: ask a system's API, or its endpoint where the environment has no API."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from botocore.exceptions import ClientError

from mdlc.client.aws import Answer
from mdlc.client.deployed import ENDPOINT, MODEL_GROUP, Deployed
from mdlc.errors import CommandError, InputError

JSON: Final = "application/json"
BAD_INPUT: Final = frozenset({400, 413, 415})


def ask(deployed: Deployed, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to a JSON request; see `send`."""
    return send(deployed, json.dumps(request).encode())


def send(deployed: Deployed, body: bytes, *, content_type: str = JSON, accept: str = JSON) -> dict[str, Any]:
    """Return the answer `{"predictions": [...]}` to a body of `content_type`; `accept` is a form of JSON.

    Raise `InputError` when the body was refused, `CommandError` when there is no answer.
    """
    cloud, system = deployed.cloud, deployed.system
    if api := _api(deployed):
        answer = cloud.post(api, system.prediction_path, body, content_type, accept)
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            _check_served(deployed)
        text = _read_api(answer)
    else:
        text = _ask_endpoint(deployed, body, content_type, accept)
    try:
        said = json.loads(text)
    except ValueError:
        raise CommandError("The model's answer is no JSON.") from None
    if not isinstance(said, dict) or not isinstance(said.get("predictions"), list):
        raise CommandError("The model's answer has no predictions.")
    return said


def path(deployed: Deployed) -> str:
    """Return where `send` posts to: below the API's stage, or with a slash first at SageMaker itself."""
    if _api(deployed):
        return deployed.system.prediction_path
    return f"/endpoints/{deployed.need(ENDPOINT)}/invocations"


def _api(deployed: Deployed) -> str | None:
    has_route = deployed.system.prediction_path and not deployed.is_compared_alone
    return deployed.cloud.find_output(deployed.environment, "ApiUrl") if has_route else None


def _read_api(answer: Answer) -> bytes:
    if answer.status == HTTPStatus.OK:
        return answer.body
    text = answer.body.decode(errors="replace")
    said = _message(text) or text[:500] or "no body"
    raise _refusal(answer.status, f"The API answered {answer.status}: {said}")


def _ask_endpoint(deployed: Deployed, body: bytes, content_type: str, accept: str) -> bytes:
    try:
        return deployed.cloud.invoke(deployed.need(ENDPOINT), body, content_type, accept)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            _check_served(deployed)
        if error.response["Error"]["Code"] != "ModelError":
            raise
        response: Mapping[str, Any] = error.response  # with two members that only this error has
        status, said = response.get("OriginalStatusCode", 0), _message(response.get("OriginalMessage", ""))
        raise _refusal(status, f"The model answered {status}: {said or 'no reason given'}") from None


def _check_served(deployed: Deployed) -> None:
    """Raise `CommandError` where the system has an endpoint to come and no version that was approved for it."""
    group = deployed.find(MODEL_GROUP)
    if group is None:
        return
    try:
        found = deployed.cloud.sagemaker.list_model_packages(
            ModelPackageGroupName=group, ModelApprovalStatus="Approved", MaxResults=1
        )
    except ClientError:  # who may ask a model may not look at the registry: what was answered stands
        return
    if not found["ModelPackageSummaryList"]:
        name, environment = deployed.system.name, deployed.environment
        raise CommandError(
            f"{name} has no approved version in {deployed.cloud.place(environment)}, so nothing is in service: mdlc"
            f" pipeline start {name} -e {environment} trains one, mdlc model approve {name} VERSION -e {environment}"
            " --wait rolls it out."
        )


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
