"""SNS of MiniStack: messages arrive as AWS delivers them.

Sources: developer guide of SNS, "Message delivery details for FIFO topics", "Dead-letter queues", "Parsing message
formats", "Payload-based message filtering"; developer guide of Lambda, "Using Lambda with Amazon SNS"; answers that
localstack/localstack recorded from AWS (tests/aws/services/sns/test_sns.snapshot.json, Apache-2.0).
"""

import asyncio
import contextvars
import functools
import json
import logging
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from ministack.core import responses
from ministack.services import sns

_LOG = logging.getLogger("sns")
_SIGNATURE = ("SignatureVersion", "Signature", "SigningCertURL")
_receiver: contextvars.ContextVar[Mapping[str, Any] | None] = contextvars.ContextVar("receiver", default=None)


def deliver_as_aws() -> None:
    """Deliver messages in AWS's form, in order for FIFO topics, and to the dead-letter queue where that fails."""
    matches, build, to_queue, to_function = (
        sns._matches_filter_policy,
        sns._build_envelope,
        sns._deliver_to_sqs,
        sns._deliver_to_lambda,
    )

    def matched(subscription: Mapping[str, Any], *arguments: Any) -> Any:  # noqa: ANN401 - MiniStack's
        _receiver.set(subscription)
        return matches(subscription, *arguments)

    def built(topic: str, *arguments: Any) -> Any:  # noqa: ANN401 - MiniStack's
        envelope, (*_, attributes, is_raw) = build(topic, *arguments), arguments
        return envelope if is_raw else json.dumps(_enveloped(json.loads(envelope), topic, attributes))

    def queued(endpoint: str, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - MiniStack's
        _to_queue(to_queue, endpoint, *arguments, **named)

    def invoked(endpoint: str, envelope: str, *arguments: Any) -> None:  # noqa: ANN401 - MiniStack's
        function, configuration, _ = sns._lambda_svc._get_func_record_for_ref(endpoint)
        if function and configuration:
            to_function(endpoint, json.dumps(_for_function(json.loads(envelope))), *arguments)
        elif target := _dead_letters():
            to_queue(target, envelope, raw=False, raw_message=envelope, topic_arn=arguments[0])

    sns._matches_filter_policy, sns._build_envelope = matched, built

    def posted(endpoint: str, envelope: str) -> Any:  # noqa: ANN401 - a coroutine, for a thread of its own
        topic, context = (_receiver.get() or {}).get("topic_arn", ""), contextvars.copy_context()
        bury = functools.partial(to_queue, envelope=envelope, raw=False, raw_message=envelope, topic_arn=topic)
        return _post(endpoint, envelope, _dead_letters(), functools.partial(context.run, bury))

    sns._deliver_to_sqs, sns._deliver_to_lambda, sns._deliver_to_http = queued, invoked, posted
    sns._resolve_message_for_protocol = for_protocol
    sns._body_lookup = body_lookup


async def _post(endpoint: str, envelope: str, target: str, bury: Callable[[str], None]) -> None:
    """Send a message over HTTP; where nobody takes it, it goes to the dead letters, if there are any."""
    try:
        await asyncio.to_thread(sns._http_post_sync, endpoint, envelope, "Notification")
    except (OSError, HTTPException) as error:
        _LOG.warning("SNS could not deliver to %s: %s", endpoint, error)
        if target:
            bury(target)


def _enveloped(envelope: dict[str, Any], arn: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    topic, receiver = sns._topic_by_arn_any_scope(arn), _receiver.get()
    for name, attribute in attributes.items():
        if "BinaryValue" in attribute:
            envelope["MessageAttributes"][name]["Value"] = attribute["BinaryValue"]
    if receiver is not None:
        address = envelope["UnsubscribeURL"].partition("&SubscriptionArn=")[0]
        envelope["UnsubscribeURL"] = f"{address}&SubscriptionArn={receiver['arn']}"
    if topic is None or not sns._is_fifo_topic(topic):
        return envelope
    numbered = {"SequenceNumber": str(topic["fifo_seq"]).zfill(20), **envelope}
    return {name: value for name, value in numbered.items() if name not in _SIGNATURE}


def _for_function(envelope: dict[str, Any]) -> dict[str, Any]:
    renamed = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}
    return {
        "Subject": None,
        "MessageAttributes": {},
        **{renamed.get(name, name): value for name, value in envelope.items()},
    }


def _dead_letters() -> str:
    receiver = _receiver.get() or {"attributes": {}}
    target: str = json.loads(receiver["attributes"].get("RedrivePolicy") or "{}").get("deadLetterTargetArn", "")
    return target


def _to_queue(deliver: Callable[..., None], endpoint: str, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - MiniStack's
    queue = sns._sqs._queue_by_arn(endpoint)
    source = named.get("topic_arn", "")
    account = source.split(":")[4] if source else responses.get_account_id()
    is_open = queue and sns._sqs.queue_policy_allows(endpoint, "sns.amazonaws.com", source, account)
    target = endpoint if is_open else _dead_letters()
    if not target:
        deliver(endpoint, *arguments, **named)
        return
    if source.endswith(".fifo") and not target.endswith(".fifo"):
        named = {**named, "message_group_id": "", "message_dedup_id": ""}
    deliver(target, *arguments, **named)
    found = sns._sqs._queue_by_arn(target)
    if found and found["is_fifo"] and found["messages"] and not found["messages"][-1].get("seq"):
        found["fifo_seq"] += 1
        found["messages"][-1]["seq"] = str(found["fifo_seq"]).zfill(20)


def for_protocol(message: str, structure: str, protocol: str) -> str:
    """Return what of a message with a structure goes to a protocol: its own text, or the default one."""
    if structure != "json":
        return message
    texts = json.loads(message)
    own = texts.get(protocol)
    return str(own if isinstance(own, str) else texts["default"])


def body_lookup(body: Mapping[str, Any], path: str = "") -> Any:  # noqa: ANN401 - MiniStack's
    """Look for the values of a key in a body: nested ones also by their dotted path, in arrays of objects in each."""
    leaves: dict[str, list[Any]] = {}
    _flatten(body, "", leaves)

    def lookup(key: str) -> tuple[bool, list[Any], bool]:
        values = [value for value in leaves.get(f"{path}{key}", ()) if value is not None]
        return bool(values), values, bool(body)

    def child(key: str) -> Any:  # noqa: ANN401 - MiniStack's
        below = f"{path}{key}."
        return body_lookup(body, below) if any(name.startswith(below) for name in leaves) else None

    lookup.child = child  # type: ignore[attr-defined]
    return lookup


def _flatten(value: object, path: str, leaves: dict[str, list[Any]]) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _flatten(inner, f"{path}.{key}" if path else key, leaves)
    elif isinstance(value, list):
        for inner in value:
            _flatten(inner, path, leaves)
    else:
        leaves.setdefault(path, []).append(value)
