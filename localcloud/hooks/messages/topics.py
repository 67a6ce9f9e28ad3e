"""SNS of MiniStack: requests about topics and subscriptions that AWS refuses.

Sources: API reference of SNS, "CreateTopic", "Subscribe", "SetSubscriptionAttributes"; answers that
localstack/localstack recorded from AWS (tests/aws/services/sns/test_sns.snapshot.json, Apache-2.0).
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import responses
from ministack.services import sns

from localcloud import filter_policies
from localcloud.hooks.messages import publications

Parameters = Mapping[str, Any]
Refusal = tuple[str, str]
Check = Callable[[Parameters], Refusal | None]
INVALID = "InvalidParameter"
ARN_PARTS = 6
PROTOCOLS = frozenset(
    {"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"},
)
OF_SUBSCRIPTION = frozenset(
    {
        "DeliveryPolicy",
        "FilterPolicy",
        "FilterPolicyScope",
        "RawMessageDelivery",
        "RedrivePolicy",
        "ReplayPolicy",
        "SubscriptionRoleArn",
    }
)
OF_TOPIC = re.compile(
    "ArchivePolicy|ContentBasedDeduplication|DeliveryPolicy|DisplayName|FifoThroughputScope|KmsMasterKeyId|Policy"
    "|SignatureVersion|TracingConfig"
    "|(HTTP|Firehose|Lambda|Application|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)"
)
_NAME = re.compile(r"[\w-]{1,256}")


def _invalid(said: str) -> Refusal:
    return INVALID, f"Invalid parameter: {said}"


def _arn(parameters: Parameters, member: str = "TopicArn") -> Refusal | None:
    parts = parameters[member].split(":") if member in parameters else ()
    if member in parameters and len(parts) < ARN_PARTS:
        return _invalid(f"{member} Reason: An ARN must have at least {ARN_PARTS} elements, not {len(parts)}")
    if parts and parts[3] != responses.get_region():
        return _invalid(member)
    return None


def _topic(parameters: Parameters) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = sns._topics.get(parameters.get("TopicArn") or parameters.get("TargetArn", ""))
    return found


def _pairs(parameters: Parameters, prefix: str, name: str = "key", value: str = "value") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    while (key := f"{prefix}.{len(pairs) + 1}.{name}") in parameters:
        pairs.append((parameters[key], parameters.get(f"{prefix}.{len(pairs) + 1}.{value}", "")))
    return pairs


def _new_topic(parameters: Parameters) -> Refusal | None:
    name, attributes = parameters.get("Name", ""), dict(_pairs(parameters, "Attributes.entry"))
    is_fifo = attributes.get("FifoTopic") == "true"
    if name.endswith(".fifo") != is_fifo or not _NAME.fullmatch(name.removesuffix(".fifo")):
        return _invalid("Topic Name")
    account, region = responses.get_account_id(), responses.get_region()
    topic = sns._topics.get(f"arn:aws:sns:{region}:{account}:{name}")
    if topic is None:
        return None
    standing = {"FifoTopic": "false", **topic["attributes"]}
    if any(standing.get(name) != value for name, value in attributes.items()):
        return _invalid("Attributes Reason: Topic already exists with different attributes")
    tags = dict(_pairs(parameters, "Tags.member", "Key", "Value"))
    if any(topic["tags"].get(name) != value for name, value in tags.items()):
        return _invalid("Tags Reason: Topic already exists with different tags")
    return None


def _tags(parameters: Parameters) -> Refusal | None:
    keys = [key for key, _ in _pairs(parameters, "Tags.member", "Key", "Value")]
    return _invalid("Duplicated keys are not allowed.") if len(set(keys)) < len(keys) else None


def _topic_attribute(parameters: Parameters) -> Refusal | None:
    if refusal := _arn(parameters):
        return refusal
    return None if OF_TOPIC.fullmatch(parameters.get("AttributeName", "")) else _invalid("AttributeName")


def _permission(parameters: Parameters) -> Refusal | None:
    topic = _topic(parameters)
    if refusal := _arn(parameters):
        return refusal
    if topic is None:
        return None
    statements = json.loads(topic["attributes"].get("Policy") or "{}").get("Statement", ())
    if any(statement.get("Sid") == parameters.get("Label") for statement in statements):
        return _invalid("Statement already exists")
    actions = [value for name, value in parameters.items() if name.startswith("ActionName.member.")]
    if any(action not in _ACTIONS for action in actions):
        return _invalid("Policy statement action out of service scope!")
    return None


def _subscription(parameters: Parameters) -> Refusal | None:
    if refusal := _arn(parameters):
        return refusal
    protocol, endpoint = parameters.get("Protocol", ""), parameters.get("Endpoint", "")
    if protocol not in PROTOCOLS:
        return _invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    if protocol == "sms" and not publications.PHONE_NUMBER.fullmatch(endpoint):
        return INVALID, f"Invalid SMS endpoint: {endpoint}"
    topic = _topic(parameters)
    if topic is not None and protocol == "sqs" and endpoint.endswith(".fifo") and not sns._is_fifo_topic(topic):
        reason = "Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        return _invalid(f"Invalid parameter: {reason}")
    attributes = dict(_pairs(parameters, "Attributes.entry"))
    scope = attributes.get("FilterPolicyScope", filter_policies.ATTRIBUTES)
    for name, value in attributes.items():
        if said := attribute_refusal(name, value, scope, f"{protocol}:{endpoint}"):
            return _invalid(f"Attributes Reason: {said}")
    return _other_subscription(topic, protocol, endpoint, attributes) if topic is not None else None


def _other_subscription(
    topic: Mapping[str, Any], protocol: str, endpoint: str, attributes: Mapping[str, str]
) -> Refusal | None:
    for found in topic["subscriptions"]:
        standing = {"FilterPolicyScope": filter_policies.ATTRIBUTES, **found["attributes"]}
        if (found["protocol"], found["endpoint"]) == (protocol, endpoint) and any(
            tidy(name, value) != standing.get(name) for name, value in attributes.items() if value
        ):
            return _invalid("Attributes Reason: Subscription already exists with different attributes")
    return None


def tidy(name: str, value: str) -> str:
    """Return an attribute of a subscription as SNS keeps it."""
    return value.lower() if name == "RawMessageDelivery" else value


def attribute_refusal(name: str, value: str, scope: str, endpoint: str) -> str:
    """Say why a subscription does not take an attribute; nothing where it does.

    `endpoint` begins with its protocol.
    """
    if name not in OF_SUBSCRIPTION:
        return "AttributeName"
    if name == "RawMessageDelivery" and value.lower() not in {"true", "false"}:
        return f"RawMessageDelivery: Invalid value [{value}]. Must be true or false."
    if name == "FilterPolicyScope" and value not in filter_policies.SCOPES:
        choice = f"Please use either {' or '.join(filter_policies.SCOPES)}"
        return f"FilterPolicyScope: Invalid value [{value}]. {choice}"
    if name == "FilterPolicy" and value:
        try:
            filter_policies.check(value, scope)
        except filter_policies.PolicyError as error:
            return f"FilterPolicy: {error}"
    return _redrive_refusal(value, endpoint) if name == "RedrivePolicy" and value else ""


def _redrive_refusal(policy: str, endpoint: str) -> str:
    try:
        target = str(json.loads(policy).get("deadLetterTargetArn", ""))
    except (ValueError, AttributeError):
        return "RedrivePolicy: failed to parse JSON."
    if not re.fullmatch(r"arn:[^:]+:sqs:[^:]+:\d{12}:[^:]+", target):
        return "RedrivePolicy: deadLetterTargetArn is an invalid arn"
    if endpoint.endswith(".fifo") and not target.endswith(".fifo"):
        return "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
    return ""


def _subscription_attribute(parameters: Parameters) -> Refusal | None:
    arn = parameters.get("SubscriptionArn", "")
    topic = sns._sub_arn_to_topic.get(arn)
    found = sns._find_subscription(topic, arn) if topic else None
    if found is None:
        return None
    scope = found["attributes"].get("FilterPolicyScope", filter_policies.ATTRIBUTES)
    endpoint = f"{found['protocol']}:{found['endpoint']}"
    said = attribute_refusal(parameters.get("AttributeName", ""), parameters.get("AttributeValue", ""), scope, endpoint)
    return _invalid(said) if said else None


def _unsubscription(parameters: Parameters) -> Refusal | None:
    arn = parameters.get("SubscriptionArn", "")
    if not arn:
        return _invalid("SubscriptionArn Reason: no value for required parameter")
    parts = len(arn.split(":"))
    if parts < ARN_PARTS:
        return _invalid(f"SubscriptionArn Reason: An ARN must have at least {ARN_PARTS} elements, not {parts}")
    return _invalid("SubscriptionId") if parts == ARN_PARTS else None


def _message(parameters: Parameters) -> Refusal | None:
    if refusal := _arn(parameters):
        return refusal
    target = parameters.get("TargetArn", "")
    if ":endpoint/" in target and target not in sns._platform_endpoints:
        return _invalid("TargetArn Reason: No endpoint found for the target arn specified")
    return publications.message(parameters, _topic(parameters))


def _batch(parameters: Parameters) -> Refusal | None:
    topic = _topic(parameters)
    return _arn(parameters) or (publications.batch(parameters, topic) if topic is not None else None)


def _confirmation(parameters: Parameters) -> Refusal | None:
    token = parameters.get("Token", "")
    return _arn(parameters) or (None if re.fullmatch("[0-9a-f-]{32,}", token) else (INVALID, "Invalid token"))


_ACTIONS = frozenset(
    {
        "AddPermission",
        "DeleteTopic",
        "GetTopicAttributes",
        "ListSubscriptionsByTopic",
        "ListTagsForResource",
        "Publish",
        "RemovePermission",
        "SetTopicAttributes",
        "Subscribe",
    }
)
CHECKS: Mapping[str, Check] = {
    "AddPermission": _permission,
    "ConfirmSubscription": _confirmation,
    "CreateTopic": _new_topic,
    "DeleteTopic": _arn,
    "GetTopicAttributes": _arn,
    "ListSubscriptionsByTopic": _arn,
    "Publish": _message,
    "PublishBatch": _batch,
    "RemovePermission": _arn,
    "SetSubscriptionAttributes": _subscription_attribute,
    "SetTopicAttributes": _topic_attribute,
    "Subscribe": _subscription,
    "TagResource": _tags,
    "Unsubscribe": _unsubscription,
}
