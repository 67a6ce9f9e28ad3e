"""Lambda of MiniStack: events that nobody waits for an answer to, and what becomes of the answers.

Sources: developer guide of Lambda, "How Lambda handles errors and retries with asynchronous invocation" and "Capturing
records of Lambda asynchronous invocations".
"""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from ministack.services import eventbridge, lambda_svc, sns

from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation

SUCCESS: Final = "Lambda Function Invocation Result - Success"
_NOBODY_WAITS: ContextVar[bool] = ContextVar("nobody_waits", default=False)


class DestinationError(ValueError):
    """What Lambda does not take of a destination."""


def take_events_of_rules() -> None:
    """Let a rule's event be tried as often as any other that nobody waits for, and become a dead letter then."""

    def dispatch(arn: str, payload: str) -> None:
        try:
            event = json.loads(payload)
        except (ValueError, TypeError):
            event = {"body": payload}
        function, configuration, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and configuration:
            lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, configuration), event)

    eventbridge._dispatch_to_lambda = dispatch


def take_messages_of_topics() -> None:
    """Let a topic's message be tried as often as a rule's event, and become a dead letter of the function's then."""

    def delivered(arn: str, envelope: str, _topic: str, subscription: str, *_: object) -> None:
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": json.loads(envelope),
        }
        function, configuration, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and configuration:
            called = lambda_svc._execution_record_for_config(function, configuration)
            lambda_svc.invoke_async_with_retry(called, {"Records": [record]})

    sns._deliver_to_lambda = delivered


def hand_answers_on() -> None:
    """Give what a function answers to an event to the bus of EventBridge that is its destination for successes."""
    invoke, execute = lambda_svc.invoke_async_with_retry, lambda_svc._execute_function

    def invoked(function: Mapping[str, Any], event: Any) -> None:  # noqa: ANN401 - MiniStack's
        token = _NOBODY_WAITS.set(True)
        try:
            invoke(function, event)
        finally:
            _NOBODY_WAITS.reset(token)

    def executed(function: Mapping[str, Any], event: Any) -> Any:  # noqa: ANN401 - MiniStack's
        result = execute(function, event)
        if _NOBODY_WAITS.get() and not result.get("error"):
            _hand_on(function, event, result)
        return result

    lambda_svc.invoke_async_with_retry, lambda_svc._execute_function = invoked, executed
    cloudformation.before("AWS::Lambda::EventInvokeConfig", _check)


def _check(properties: Mapping[str, Any]) -> None:
    """Refuse a bus that the function's role may not put events on."""
    bus = _bus(properties)
    function, configuration, _ = lambda_svc._get_func_record_for_ref(str(properties.get("FunctionName", "")))
    role = str((configuration or {}).get("Role", "")) if function else ""
    if bus and identity.role_exists(role) and _denied(role, bus):
        raise DestinationError(f"The function's execution role does not have permissions to call PutEvents on {bus}")


def _bus(configuration: Mapping[str, Any]) -> str:
    target = str(((configuration.get("DestinationConfig") or {}).get("OnSuccess") or {}).get("Destination") or "")
    return target if ":events:" in target else ""


def _denied(role: str, bus: str) -> bool:
    return bool(identity.denial(identity.session_of(role, "lambda"), "events:PutEvents", bus, {}))


def _hand_on(function: Mapping[str, Any], event: object, result: Mapping[str, Any]) -> None:
    settings = function.get("event_invoke_config") or (function.get("event_invoke_configs") or {}).get("$LATEST") or {}
    configuration, bus = function.get("config") or function, _bus(settings)
    if not bus or _denied(str(configuration.get("Role", "")), bus):
        return
    arn = f"{configuration['FunctionArn']}:$LATEST"
    now = dt.datetime.now(dt.UTC)
    record = {
        "version": "1.0",
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z",
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": arn,
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": _answer(result.get("body")),
    }
    entry = {
        "EventBusName": bus,
        "Source": "lambda",
        "DetailType": SUCCESS,
        "Detail": json.dumps(record),
        "Resources": [bus, arn],
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _answer(body: Any) -> Any:  # noqa: ANN401 - whatever a function answers
    """Return a function's answer as JSON values."""
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    if not isinstance(body, str):
        return body
    try:
        return json.loads(body)
    except ValueError:
        return body
