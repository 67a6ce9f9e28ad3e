"""SQS of MiniStack: requests that AWS refuses, and what its answers have.

Sources: API reference of SQS, "CreateQueue", "SetQueueAttributes", "SendMessage", "MessageAttributeValue"; answers that
localstack/localstack recorded from AWS (tests/aws/services/sqs/test_sqs.snapshot.json, Apache-2.0).
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import sqs

Parameters = dict[str, Any]
Check = Callable[[Parameters, str], None]
LONGEST_WAIT_S = 20
SWITCHES = ("FifoQueue", "ContentBasedDeduplication", "SqsManagedSseEnabled")
OF_EVERY_QUEUE = frozenset(
    {
        "DelaySeconds",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "Policy",
        "ReceiveMessageWaitTimeSeconds",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
        "VisibilityTimeout",
    }
)
OF_FIFO_QUEUES: Mapping[str, str] = {
    "FifoQueue": "true",
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}
"""Attributes of FIFO queues alone, with what a new one has."""
_SHAPES = {
    "InvalidParameterValue": "InvalidParameterValueException",
    "MissingParameter": "MissingRequiredParameterException",
}
_NAME = re.compile(r"[\w-]{1,80}")
_PRINTED = re.compile(r"[!-~]{1,128}")
_ATTRIBUTE = re.compile(r"(?!.*\.\.)[^\W.]([\w.-]{0,254}[\w-])?")
_TYPE = re.compile(r"(?=.{1,256}$)(String|Number|Binary)(\..*)?")
_TEXT = re.compile("[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def refuse_requests() -> None:
    """Refuse what AWS refuses, and complete what is answered to the rest."""
    for action, check in CHECKS.items():
        sqs._HANDLERS[action] = _checked(sqs._HANDLERS[action], check)
    sqs._HANDLERS["GetQueueAttributes"] = _completed(sqs._HANDLERS["GetQueueAttributes"])
    for action in (
        "GetQueueAttributes",
        "ListQueues",
        "ListQueueTags",
        "SendMessageBatch",
        "DeleteMessageBatch",
        "ChangeMessageVisibilityBatch",
    ):
        sqs._HANDLERS[action] = _without_empty(sqs._HANDLERS[action])
    sqs._HANDLERS["ListDeadLetterSourceQueues"] = _sources
    sqs._HANDLERS["PurgeQueue"] = _purged(sqs._HANDLERS["PurgeQueue"])
    sqs._HANDLERS["SendMessage"] = _digested(sqs._HANDLERS["SendMessage"])
    names = sqs._filter_msg_attrs
    sqs._filter_msg_attrs = lambda attributes, asked: names(attributes, ["All"] if "*" in (asked or ()) else asked)
    _write_errors()


def _checked(handler: Callable[..., Any], check: Check) -> Callable[..., Any]:
    def checked(data: Parameters, url: str) -> Any:  # noqa: ANN401 - MiniStack's
        check(data, data.get("QueueUrl", url))
        return handler(data, url)

    return checked


def _without_empty(handler: Callable[..., Any]) -> Callable[..., Any]:
    return lambda data, url: {name: value for name, value in handler(data, url).items() if value}


def _sources(data: Parameters, url: str) -> dict[str, Any]:
    arn = sqs._get_q(data.get("QueueUrl", url), "sqs:ListDeadLetterSourceQueues")["attributes"]["QueueArn"]
    policies = {source: queue["attributes"].get("RedrivePolicy") or "{}" for source, queue in sqs._queues.items()}
    return {
        "queueUrls": [
            source for source, policy in policies.items() if json.loads(policy).get("deadLetterTargetArn") == arn
        ]
    }


def _purged(handler: Callable[..., Any]) -> Callable[..., Any]:
    def purged(data: Parameters, url: str) -> Any:  # noqa: ANN401 - MiniStack's
        answer = handler(data, url)
        sqs._get_q(data.get("QueueUrl", url))["dedup_cache"].clear()
        return answer

    return purged


def _digested(handler: Callable[..., Any]) -> Callable[..., Any]:
    def digested(data: Parameters, url: str) -> Any:  # noqa: ANN401 - MiniStack's
        answer = handler(data, url)
        if data.get("MessageSystemAttributes"):
            answer["MD5OfMessageSystemAttributes"] = sqs._md5_msg_attrs(data["MessageSystemAttributes"])
        return answer

    return digested


def _completed(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Tell what a FIFO queue has without being asked for, also one of a template."""

    def completed(data: Parameters, url: str) -> Any:  # noqa: ANN401 - MiniStack's
        queue = sqs._get_q(data.get("QueueUrl", url))
        for name, value in OF_FIFO_QUEUES.items() if queue["is_fifo"] else ():
            queue["attributes"].setdefault(name, value)
        return handler(data, url)

    return completed


def _write_errors() -> None:
    in_json, in_xml, answer = sqs._json_err_resp, sqs._xml_err_resp, sqs._to_xml

    def shaped(code: str, said: str, status: int) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = in_json(code, said, status)
        if code in _SHAPES:
            headers = {**headers, "x-amzn-query-error": f"{code};Sender"}
            body = json.dumps({**json.loads(body), "__type": f"com.amazonaws.sqs#{_SHAPES[code]}"}).encode()
        return status, headers, body

    def detailed(code: str, said: str, status: int) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = in_xml(code, said, status)
        return status, headers, body.replace(b"</Error>", b"<Detail/></Error>")

    def answered(action: str, result: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = answer(action, result)
        return status, headers, body.replace(b"\r", b"&#13;")

    sqs._json_err_resp, sqs._xml_err_resp, sqs._to_xml = shaped, detailed, answered


def _invalid(said: str) -> Exception:
    error: Exception = sqs._Err("InvalidParameterValue", said)
    return error


def _switch(attributes: dict[str, Any]) -> None:
    for name in SWITCHES:
        if name in attributes:
            attributes[name] = str(attributes[name]).lower()


def _new_queue(data: Parameters, _url: str) -> None:
    name, attributes = data.get("QueueName", ""), data.get("Attributes") or {}
    _switch(attributes)
    is_fifo = attributes.get("FifoQueue") == "true"
    if not _NAME.fullmatch(name.removesuffix(".fifo") if is_fifo else name):
        raise _invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
    _known(attributes, is_fifo=is_fifo)


def _known(attributes: Mapping[str, Any], *, is_fifo: bool) -> None:
    for name in attributes:
        if name in OF_EVERY_QUEUE or (is_fifo and name in OF_FIFO_QUEUES):
            continue
        said = f"Unknown Attribute {name}."
        if name in {"DeduplicationScope", "FifoThroughputLimit"}:
            said = f"You can specify the {name} only when FifoQueue is set to true."
        raise sqs._Err("InvalidAttributeName", said)


def _attributes(data: Parameters, url: str) -> None:
    queue, attributes = sqs._get_q(url), data.get("Attributes") or {}
    _switch(attributes)
    _known(attributes, is_fifo=queue["is_fifo"])
    if attributes.get("FifoQueue", "true") != "true":
        said = "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
        raise sqs._Err("InvalidAttributeValue", said)
    if (key := attributes.get("KmsMasterKeyId")) is not None:  # of KMS or of SQS itself, not both
        queue["attributes"]["SqsManagedSseEnabled"] = "false"
    if key == "":  # without a key of KMS nothing of it is reused
        for name in ("KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"):
            attributes.pop(name, None)
            queue["attributes"].pop(name, None)


def _message(data: Parameters, url: str) -> None:
    queue = sqs._get_q(url)
    for name in ("MessageGroupId", "MessageDeduplicationId"):
        value = data.get(name)
        if value is not None and not _PRINTED.fullmatch(value):
            allowed = f"{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            raise _invalid(f"Value {value} for parameter {name} is invalid. Reason: {allowed}")
    attributes = data.get("MessageAttributes") or {}
    for name, attribute in attributes.items():
        _attribute(name, attribute)
    most = int(queue["attributes"].get("MaximumMessageSize", sqs._NUMERIC_ATTR_RANGES["MaximumMessageSize"][1]))
    if _size(data) > most:
        raise _invalid(f"One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.")


def _attribute(name: str, attribute: Mapping[str, Any]) -> None:
    if not _ATTRIBUTE.fullmatch(name) or name.lower().startswith(("aws.", "amazon.")):
        raise _invalid(f"Message (user) attribute name '{name}' is invalid.")
    kind = str(attribute.get("DataType") or "")
    if not _TYPE.fullmatch(kind):
        prefixes = "You must use only the following supported type prefixes: Binary, Number, String."
        raise _invalid(f"The type of message (user) attribute '{name}' is invalid. {prefixes}")
    value = attribute.get("BinaryValue" if kind.startswith("Binary") else "StringValue")
    if not value:
        raise _invalid(f"Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'.")
    if isinstance(value, str) and not _TEXT.fullmatch(value):
        said = f"Invalid binary character '#x{ord(re.sub(_TEXT, '', value)[0]):X}' was found in the message body"
        raise _invalid(f"{said}, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD")


def _size(data: Mapping[str, Any]) -> int:
    texts = [data.get("MessageBody") or ""]
    for name, attribute in (data.get("MessageAttributes") or {}).items():
        texts += [name, *(str(value) for value in attribute.values() if value)]
    return sum(len(text.encode()) for text in texts)


def _messages(data: Parameters, url: str) -> None:
    queue, entries = sqs._get_q(url), data.get("Entries") or ()
    sqs._validate_batch_entries(entries, "SendMessageBatchRequestEntry")
    most = sqs._NUMERIC_ATTR_RANGES["MaximumMessageSize"][1]
    if (size := sum(map(_size, entries))) > most:
        said = f"Batch requests cannot be longer than {most} bytes. You have sent {size} bytes."
        raise sqs._Err("BatchRequestTooLong", said)
    for entry in entries if queue["is_fifo"] else ():
        if not entry.get("MessageGroupId"):
            raise _invalid("The request must contain the parameter MessageGroupId.")
        if not entry.get("MessageDeduplicationId") and queue["attributes"].get("ContentBasedDeduplication") != "true":
            said = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided"
            raise _invalid(f"{said} explicitly")


def _reception(data: Parameters, _url: str) -> None:
    wait = int(data.get("WaitTimeSeconds") or 0)
    if not 0 <= wait <= LONGEST_WAIT_S:
        allowed = f"Must be >= 0 and <= {LONGEST_WAIT_S}, if provided."
        raise _invalid(f"Value {wait} for parameter WaitTimeSeconds is invalid. Reason: {allowed}")
    system = data.get("MessageSystemAttributeNames") or []
    if system:
        data["AttributeNames"] = [*(data.get("AttributeNames") or ()), *system]


def _labels(url: str) -> set[str]:
    policy = json.loads(sqs._get_q(url)["attributes"].get("Policy") or "{}")
    return {str(statement.get("Sid")) for statement in policy.get("Statement", ())}


def _permission(data: Parameters, url: str) -> None:
    if (label := data.get("Label")) in _labels(url):
        raise _invalid(f"Value {label} for parameter Label is invalid. Reason: Already exists.")


def _removal(data: Parameters, url: str) -> None:
    if (label := data.get("Label")) not in _labels(url):
        raise _invalid(f"Value {label} for parameter Label is invalid. Reason: can't find label.")


CHECKS: Mapping[str, Check] = {
    "AddPermission": _permission,
    "CreateQueue": _new_queue,
    "ReceiveMessage": _reception,
    "RemovePermission": _removal,
    "SendMessage": _message,
    "SendMessageBatch": _messages,
    "SetQueueAttributes": _attributes,
}
