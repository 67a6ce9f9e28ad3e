"""SNS of MiniStack: topics and subscriptions have AWS's attributes, and messages arrive as AWS delivers them.

Sources: developer guide of SNS, "Message delivery details for FIFO topics", "Dead-letter queues", "Parsing message
formats", "Payload-based message filtering"; developer guide of Lambda, "Using Lambda with Amazon SNS"; answers that
localstack/localstack recorded from AWS (tests/aws/services/sns/test_sns.snapshot.json, Apache-2.0).
"""

import base64
import contextvars
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_evaluator, responses
from ministack.services import sns

from localcloud import filter_policies
from localcloud.hooks import topics

PAGE = 100
OWNER_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)
DELIVERY = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}
_SIGNATURE = ("SignatureVersion", "Signature", "SigningCertURL")
_OK = 200
_receiver: contextvars.ContextVar[Mapping[str, Any] | None] = contextvars.ContextVar("receiver", default=None)
Operation = Callable[[Mapping[str, Any]], Any]


def use_codes() -> None:
    """Name what is wrong with a parameter by the code that AWS uses."""
    error = sns._error
    sns._error = lambda code, said, status: error(
        "InvalidParameter" if code == "InvalidParameterException" else code, said, status
    )


def complete_attributes() -> None:
    """Give topics and subscriptions the attributes that AWS gives them, and list subscriptions page by page."""
    sns._create_topic = _created(sns._create_topic)
    sns._subscribe = _subscribed(sns._subscribe)
    sns._set_subscription_attributes = _attributed(sns._set_subscription_attributes)
    sns._get_subscription_attributes = _scoped(sns._get_subscription_attributes)
    sns._add_permission = _permitted(sns._add_permission)
    sns._list_subscriptions_by_topic = _paged(sns._list_subscriptions_by_topic)


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
    sns._deliver_to_sqs, sns._deliver_to_lambda = queued, invoked
    sns._resolve_message_for_protocol = for_protocol
    sns._body_lookup = body_lookup


def _created(create: Operation) -> Operation:
    def created(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        known = set(sns._topics)
        answer = create(parameters)
        for arn in set(sns._topics) - known:
            attributes = sns._topics[arn]["attributes"]
            given = {sns._p(parameters, name) for name in parameters if name.startswith("Attributes.entry.")}
            attributes["EffectiveDeliveryPolicy"] = json.dumps(DELIVERY)
            if attributes.get("FifoTopic") == "false":
                del attributes["FifoTopic"]
            if "Policy" not in given:
                policy = json.loads(attributes["Policy"])
                policy["Statement"][0]["Action"] = [f"SNS:{action}" for action in OWNER_ACTIONS]
                attributes["Policy"] = json.dumps(policy)
        return answer

    return created


def _subscribed(subscribe: Operation) -> Operation:
    def subscribed(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        known = set(sns._sub_arn_to_topic)
        answer = subscribe(parameters)
        for arn in set(sns._sub_arn_to_topic) - known:
            found = sns._find_subscription(sns._sub_arn_to_topic[arn], arn)
            root = f"arn:aws:iam::{responses.get_account_id()}:root"
            found["attributes"]["SubscriptionPrincipal"] = iam_evaluator._request_caller_arn.get() or root
            _tidy(found["attributes"])
            if sns._p(parameters, "ReturnSubscriptionArn") == "true":
                status, headers, body = answer
                answer = status, headers, body.replace(b">pending confirmation<", f">{arn}<".encode())
        return answer

    return subscribed


def _attributed(change: Operation) -> Operation:
    def attributed(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = change(parameters)
        if status == _OK:
            arn = sns._p(parameters, "SubscriptionArn")
            _tidy(sns._find_subscription(sns._sub_arn_to_topic[arn], arn)["attributes"])
        return status, headers, body

    return attributed


def _tidy(attributes: dict[str, str]) -> None:
    for name in [name for name, value in attributes.items() if not value and name in topics.OF_SUBSCRIPTION]:
        del attributes[name]
    for name, value in attributes.items():
        attributes[name] = topics.tidy(name, value)
    if "FilterPolicy" in attributes:
        attributes.setdefault("FilterPolicyScope", filter_policies.ATTRIBUTES)


def _scoped(describe: Operation) -> Operation:
    """Tell the scope of a filter policy only where there is one."""

    def described(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = describe(parameters)
        if b"<key>FilterPolicy</key>" not in body:
            body = re.sub(rb"<entry><key>FilterPolicyScope</key>.*?</entry>", b"", body)
        return status, headers, body

    return described


def _permitted(permit: Operation) -> Operation:
    """Write a permission into a policy as SNS does: actions in its case, accounts as their roots."""

    def permitted(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = permit(parameters)
        topic, _ = sns._get_topic(sns._p(parameters, "TopicArn"))
        if status != _OK or topic is None:
            return status, headers, body
        policy = json.loads(topic["attributes"]["Policy"])
        added = policy["Statement"][-1]
        actions = [f"SNS:{action.partition(':')[2]}" for action in added["Action"]]
        accounts = [f"arn:aws:iam::{account}:root" for account in added["Principal"]["AWS"]]
        added["Action"] = actions[0] if len(actions) == 1 else actions
        added["Principal"]["AWS"] = accounts[0] if len(accounts) == 1 else accounts
        topic["attributes"]["Policy"] = json.dumps(policy)
        return status, headers, body

    return permitted


def _paged(listing: Operation) -> Operation:
    def paged(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = listing(parameters)
        end = b"</Subscriptions>"
        if status != _OK or body.count(b"<member>") <= PAGE:
            return status, headers, body
        token = base64.b64decode(sns._p(parameters, "NextToken") or "").decode()
        start = int(token) if token.isdecimal() else 0
        before, _, rest = body.partition(b"<member>")
        members, _, after = rest.partition(end)
        all_members = members.split(b"<member>")
        page = b"".join(b"<member>" + member for member in all_members[start : start + PAGE])
        following = base64.b64encode(b"%d" % (start + PAGE)) if start + PAGE < len(all_members) else b""
        following = following and b"<NextToken>%b</NextToken>" % following
        return status, headers, before + page + end + following + after

    return paged


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
