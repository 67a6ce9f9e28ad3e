"""What AWS's services deliver to queues and topics of MiniStack under a customer's key: its key policy must let them.

A service that may not use the key delivers nothing; what it would have delivered goes to the dead-letter queue of the
rule or subscription, if that has one. Sources: SQS and SNS developer guides, "Key management" ("Configure KMS
permissions for AWS services": `kms:GenerateDataKey` and `kms:Decrypt` for `service.amazonaws.com`, on a customer
managed key); EventBridge user guide, "Using dead-letter queues to process undelivered events" (the attributes of a
message); SNS developer guide, "Dead-letter queues" (client-side errors are not retried).
"""

import contextvars
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ministack.services import cloudwatch, eventbridge, lambda_svc, s3, sns, sqs

from localcloud.hooks.compute import failures
from localcloud.hooks.kms import grants, keys

ACTIONS: Final = ("GenerateDataKey", "Decrypt")
_log = logging.getLogger("keys")
_target: contextvars.ContextVar[tuple[Mapping[str, Any], str]] = contextvars.ContextVar("target", default=({}, ""))
"""The target of the rule that EventBridge is serving, and the rule's ARN."""


def ask_key_policies() -> None:
    """Ask the key policy of a queue or topic before a service delivers to it."""
    _ask_for_events()
    _ask_for_notifications()
    _ask_for_objects()
    _ask_for_alarms()
    _ask_for_functions()


def refusal(target: str, sender: str, source: str, actions: Sequence[str] = ACTIONS) -> str:
    """Return why a service (`events.amazonaws.com`) may not deliver to a queue or topic (ARN); "" where it may.

    The sender is the role of a target, a schedule or a function that has one, as a principal.
    """
    found = sqs._queue_by_arn(target) if ":sqs:" in target else sns._topic_by_arn_any_scope(target)
    via = "sqs" if ":sqs:" in target else "sns"
    key = (found or {}).get("attributes", {}).get("KmsMasterKeyId")
    context = {"aws:sqs:arn" if via == "sqs" else "aws:sns:topicArn": target}
    try:
        if key:
            keys.use(keys.of(target, key), actions, keys.Via(via, context, source), sender)
    except keys.KeyDenied as denied:
        _log.warning("%s delivers nothing to %s: %s", sender, target, denied)
        return str(denied)
    return ""


def _ask_for_events() -> None:
    invoke, to_queue, to_topic = (
        eventbridge._invoke_target,
        eventbridge._dispatch_to_sqs,
        eventbridge._dispatch_to_sns,
    )

    def invoked(target: Mapping[str, Any], event: Any, rule: Mapping[str, Any], *rest: Any) -> Any:  # noqa: ANN401 - MiniStack's
        token = _target.set((target, str(rule.get("Arn", ""))))
        try:
            return invoke(target, event, rule, *rest)
        finally:
            _target.reset(token)

    def dispatched(dispatch: Callable[..., Any]) -> Callable[..., Any]:
        def asked(to: object, payload: str, *rest: Any) -> Any:  # noqa: ANN401 - MiniStack's
            target, rule = _target.get()
            sender = _sender(target)
            said = refusal(str(to), sender, rule)
            if not said:
                return dispatch(to, payload, *rest)
            if dead := (target.get("DeadLetterConfig") or {}).get("Arn", ""):
                _bury(dead, payload, sender, rule, _reasons(said, rule, str(to)))
            return None

        return asked

    eventbridge._invoke_target = invoked
    eventbridge._dispatch_to_sqs, eventbridge._dispatch_to_sns = dispatched(to_queue), dispatched(to_topic)


def _sender(target: Mapping[str, Any]) -> str:
    if not (role := target.get("RoleArn")):
        return "events.amazonaws.com"
    return grants.session(role, "EventBridge")


def _ask_for_notifications() -> None:
    to_queue = sns._deliver_to_sqs

    def delivered(endpoint: str, envelope: str, *rest: Any, topic_arn: str = "", **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        if not refusal(endpoint, "sns.amazonaws.com", topic_arn):
            return to_queue(endpoint, envelope, *rest, topic_arn=topic_arn, **named)
        if dead := _dead_letters_of_subscription(topic_arn, endpoint):
            _bury(dead, envelope, "sns.amazonaws.com", topic_arn, {})
        return None

    sns._deliver_to_sqs = delivered


def _ask_for_objects() -> None:
    def delivered(deliver: Callable[..., Any]) -> Callable[..., Any]:
        def asked(arn: str, payload: Any, region: str, bucket_name: str = "") -> Any:  # noqa: ANN401 - MiniStack's
            said = refusal(arn, "s3.amazonaws.com", f"arn:aws:s3:::{bucket_name}")
            return None if said else deliver(arn, payload, region, bucket_name)

        return asked

    s3._deliver_event_to_sqs = delivered(s3._deliver_event_to_sqs)
    s3._deliver_event_to_sns = delivered(s3._deliver_event_to_sns)


def _ask_for_alarms() -> None:
    dispatch = cloudwatch._dispatch_alarm_actions
    lists = ("AlarmActions", "OKActions", "InsufficientDataActions")

    def dispatched(alarm: Mapping[str, Any], *rest: Any) -> Any:  # noqa: ANN401 - MiniStack's
        source = str(alarm.get("AlarmArn", ""))
        told = {name: [each for each in alarm.get(name) or () if not _is_refused_topic(each, source)] for name in lists}
        return dispatch({**alarm, **told}, *rest)

    cloudwatch._dispatch_alarm_actions = dispatched


def _ask_for_functions() -> None:
    """Ask the role of a function: of one that failed, for its dead letter, and of one that is given messages.

    Sources: Lambda developer guide, "Adding a dead-letter queue" (the execution role sends it); SQS developer guide,
    "Configuring a queue to trigger a Lambda function" (`kms:Decrypt` of the execution role, or Lambda does not poll).
    """
    route, receive = lambda_svc._route_async_failure, sqs._receive_messages_for_esm

    def routed(target: str, name: str, *rest: Any) -> Any:  # noqa: ANN401 - MiniStack's
        role = lambda_svc._functions.get(name, {}).get("config", {}).get("Role")
        return None if role and refusal(target, grants.session(role, name), "") else route(target, name, *rest)

    def received(url: str, most: int) -> Any:  # noqa: ANN401 - MiniStack's
        queue = sqs._queues.get(url) or {}
        arn = queue.get("attributes", {}).get("QueueArn", "")
        names = [each["FunctionName"] for each in lambda_svc._esms.values() if each.get("EventSourceArn") == arn]
        roles = [
            (lambda_svc._functions[name]["config"]["Role"], name) for name in names if name in lambda_svc._functions
        ]
        shut = [role for role, name in roles if refusal(arn, grants.session(role, name), "", ("Decrypt",))]
        return [] if roles and len(shut) == len(roles) else receive(url, most)

    lambda_svc._route_async_failure, sqs._receive_messages_for_esm = routed, received


def _is_refused_topic(action: str, alarm: str) -> bool:
    return ":sns:" in action and bool(refusal(action, "cloudwatch.amazonaws.com", alarm))


def _dead_letters_of_subscription(topic: str, endpoint: str) -> str:
    subscriptions = (sns._topic_by_arn_any_scope(topic) or {}).get("subscriptions", ())
    policies = [
        each.get("attributes", {}).get("RedrivePolicy") for each in subscriptions if each["endpoint"] == endpoint
    ]
    return str(json.loads(policies[0])["deadLetterTargetArn"]) if policies and policies[0] else ""


def _bury(queue: str, body: str, sender: str, source: str, attributes: Mapping[str, Any]) -> None:
    """Put what was not delivered into a dead-letter queue, if the sender may use the key of that."""
    if not refusal(queue, sender, source):
        failures.put(queue, body, attributes)


def _reasons(said: str, rule: str, target: str) -> dict[str, Any]:
    """Return the attributes that EventBridge gives a dead letter."""
    texts = {
        "RULE_ARN": rule,
        "TARGET_ARN": target,
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": said,
        "EXHAUSTED_RETRY_CONDITION": "NoRetry",
    }
    told = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items() if text}
    return {**told, "RETRY_ATTEMPTS": {"DataType": "Number", "StringValue": "0"}}
