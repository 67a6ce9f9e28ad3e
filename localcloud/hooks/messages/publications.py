"""SNS of MiniStack: messages that AWS refuses to publish.

Sources: API reference of SNS, "Publish", "PublishBatch" and "MessageAttributeValue"; answers that localstack/localstack
recorded from AWS (tests/aws/services/sns/test_sns.snapshot.json, Apache-2.0).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from ministack.services import sns

Parameters = Mapping[str, Any]
Refusal = tuple[str, str]
INVALID = "InvalidParameter"
MOST_BYTES = 256 * 1024
MOST_ENTRIES = 10
LONGEST_ID = 80
LONGEST_NAME = 256
PHONE_NUMBER = re.compile(r"\+?\d+(-?\d+)*")
_TYPE = re.compile(r"(String|Number|Binary)(\..+)?")
_ENTRIES = "PublishBatchRequestEntries.member"


def message(parameters: Parameters, topic: Mapping[str, Any] | None) -> Refusal | None:
    """Return how Publish refuses a message; None where it takes it."""
    number = parameters.get("PhoneNumber")
    if number and not PHONE_NUMBER.fullmatch(number):
        return INVALID, f"Invalid parameter: PhoneNumber Reason: {number} is not valid to publish to"
    return _refusal(parameters, "", topic)


def batch(parameters: Parameters, topic: Mapping[str, Any] | None) -> Refusal | None:
    """Return how PublishBatch refuses its entries together; None where it takes them, or fails them one by one."""
    ids: list[str] = []
    while (name := f"{_ENTRIES}.{len(ids) + 1}.Id") in parameters:
        ids.append(parameters[name])
    if len(ids) > MOST_ENTRIES:
        return "TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible."
    if len(set(ids)) < len(ids):
        return "BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."
    for each in ids:
        if len(each) > LONGEST_ID:
            return "InvalidBatchEntryId", f"The Id of a batch entry in the batch request is too long: {each}"
        if not re.fullmatch(r"[\w-]+", each):
            said = f"The Id of a batch entry in the batch request contains an impermissible character: {each}"
            return "InvalidBatchEntryId", said
    prefixes = [f"{_ENTRIES}.{index + 1}." for index in range(len(ids))]
    if sum(_size(parameters, prefix) for prefix in prefixes) > MOST_BYTES:
        return "BatchRequestTooLong", "The length of all the messages put together is more than the limit."
    return next(filter(None, (_refusal(parameters, prefix, topic) for prefix in prefixes)), None)


def _refusal(parameters: Parameters, prefix: str, topic: Mapping[str, Any] | None) -> Refusal | None:
    text = parameters.get(f"{prefix}Message", "")
    if not text:
        return INVALID, "Invalid parameter: Empty message"
    if parameters.get(f"{prefix}Subject") == "":
        return INVALID, "Invalid parameter: Subject"
    if _size(parameters, prefix) > MOST_BYTES:
        return INVALID, "Invalid parameter: Message too long"
    refusals = (
        _structure(parameters.get(f"{prefix}MessageStructure"), text),
        _attributes(parameters, prefix),
        _order(parameters, prefix, topic) if topic is not None else None,
    )
    return next(filter(None, refusals), None)


def _size(parameters: Parameters, prefix: str) -> int:
    attributes = sum(
        len(value.encode())
        for name, value in parameters.items()
        if name.startswith(f"{prefix}MessageAttributes.entry.")
    )
    return len(parameters.get(f"{prefix}Message", "").encode()) + attributes


def _structure(structure: str | None, text: str) -> Refusal | None:
    if structure != "json":
        return None
    try:
        messages = json.loads(text)
    except ValueError:
        return INVALID, "Invalid parameter: Message Structure - JSON message body failed to parse"
    if not isinstance(messages, dict) or not isinstance(messages.get("default"), str):
        return INVALID, "Invalid parameter: Message Structure - No default entry in JSON message body"
    return None


def _order(parameters: Parameters, prefix: str, topic: Mapping[str, Any]) -> Refusal | None:
    group, once = (parameters.get(f"{prefix}{name}") for name in ("MessageGroupId", "MessageDeduplicationId"))
    if not sns._is_fifo_topic(topic):
        if not once:
            return None
        said = "The request includes MessageDeduplicationId parameter that is not valid for this topic type"
        return INVALID, f"Invalid parameter: MessageDeduplicationId Reason: {said}"
    if not group:
        return INVALID, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
    if not once and topic["attributes"].get("ContentBasedDeduplication") != "true":
        said = "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided"
        return INVALID, f"Invalid parameter: {said} explicitly"
    return None


def _attributes(parameters: Parameters, prefix: str) -> Refusal | None:
    index = 1
    while name := parameters.get(f"{prefix}MessageAttributes.entry.{index}.Name"):
        entry = f"{prefix}MessageAttributes.entry.{index}.Value."
        members = {key.removeprefix(entry): value for key, value in parameters.items() if key.startswith(entry)}
        if "DataType" not in members:
            member = f"{name}.member.dataType"
            constraint = "failed to satisfy constraint: Member must not be null"
            return (
                "ValidationError",
                f"1 validation error detected: Value null at 'messageAttributes.{member}' {constraint}",
            )
        if said := _bad_name(name) or _bad_value(name, members):
            return "ParameterValueInvalid", said
        index += 1
    return None


def _bad_name(name: str) -> str:
    if len(name.encode()) > LONGEST_NAME:
        return f"Length of message attribute name must be less than {LONGEST_NAME} bytes."
    if found := re.search(r"[^\w.-]", name):
        character = f"'#x{ord(found[0]):X}' was found in the message attribute name"
        allowed = "Can only include alphanumeric characters, hyphens, underscores, or dots."
        return f"Invalid non-alphanumeric character {character}. {allowed}"
    for where, is_there in (("starting", name.startswith(".")), ("ending", name.endswith("."))):
        if is_there:
            return f"Invalid message attribute name {where} with character '.' was found."
    return "Message attribute name can not have successive '.' character." if ".." in name else ""


def _bad_value(name: str, members: Mapping[str, str]) -> str:
    found = _TYPE.fullmatch(members["DataType"])
    if not found:
        kinds = "the set of supported type prefixes is Binary, Number, and String."
        return f"The message attribute '{name}' has an invalid message attribute type, {kinds}"
    field, other = ("Binary", "String") if found[1] == "Binary" else ("String", "Binary")
    if members.get(f"{other}Value"):
        return f"The message attribute '{name}' with type '{found[1]}' must use field '{field}'."
    if not members.get(f"{field}Value"):
        must = f"must contain non-empty message attribute value for message attribute type '{found[1]}'."
        return f"The message attribute '{name}' {must}"
    return ""
