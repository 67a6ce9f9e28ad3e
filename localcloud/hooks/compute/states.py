"""Step Functions of MiniStack, in whose place ours stands: routing, authorization, and who starts executions."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack import app
from ministack.core import iam_actions
from ministack.services import stepfunctions
from ministack.services.cloudformation import drift

from localcloud.hooks.requests import services
from localcloud.hooks.stacks import cloudformation
from localsagemaker.errors import ServiceError

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
_ARNS = (
    "resourceArn",
    "stateMachineArn",
    "stateMachineAliasArn",
    "stateMachineVersionArn",
    "executionArn",
    "mapRunArn",
    "activityArn",
)


def use_service(handler: services.Handler) -> None:
    """Send requests for Step Functions to `handler`, once MiniStack has verified and authorized them."""
    app.SERVICE_HANDLERS["states"] = handler


def authorize_by_resource() -> None:
    """Check calls on the resource that the Service Authorization Reference has; MiniStack knows some of them."""
    extract = iam_actions.extract_resource_arn

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:  # noqa: ANN401 - MiniStack's
        if service != "states":
            return str(extract(service, method, path, headers, body, *rest))
        _, region, account = rest
        return _resource(headers.get("x-amz-target", "").rpartition(".")[2], _parameters(body), region, account)

    iam_actions.extract_resource_arn = resource


def start_executions(start: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """Let rules of EventBridge and pipes start executions through `start`, which takes the request's parameters."""

    def begin(request: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
        try:
            return 200, {}, json.dumps(start(request), default=str).encode()
        except ServiceError as error:
            return error.status, {}, json.dumps({"__type": error.code, "message": str(error)}).encode()

    stepfunctions._start_execution = begin
    stepfunctions._resolve_state_machine_arn = lambda arn: arn  # `start` refuses what is not there


def register(kind: cloudformation.ResourceType, exists: Callable[[str], bool]) -> None:
    """Let CloudFormation make state machines by `kind`, and ask `exists` for one by its ARN."""
    cloudformation.register(STATE_MACHINE, kind, ("StateMachineName", "StateMachineType"))
    drift._DRIFT_READERS[STATE_MACHINE] = (lambda arn, _: {} if exists(arn) else None, frozenset())


def _parameters(body: bytes) -> Mapping[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parameters if isinstance(parameters, dict) else {}


def _resource(operation: str, parameters: Mapping[str, Any], region: str, account: str) -> str:
    """Return the ARN that an operation acts on; `*` where the reference has none."""
    for name in _ARNS:
        if arn := parameters.get(name):
            return str(arn)
    if routes := parameters.get("routingConfiguration"):
        return str(routes[0].get("stateMachineVersionArn", "*")).rpartition(":")[0]
    kind = {"CreateStateMachine": "stateMachine", "CreateActivity": "activity"}.get(operation)
    return f"arn:aws:states:{region}:{account}:{kind}:{parameters.get('name')}" if kind else "*"
