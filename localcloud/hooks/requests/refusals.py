"""Requests that AWS refuses and MiniStack takes.

Sources: the answers that localstack/localstack recorded from AWS (tests/aws/services/*/*.snapshot.json, Apache-2.0);
each is a case in tests/localcloud/answers.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from ministack import app
from ministack.core import responses
from ministack.services import eventbridge, iam, secretsmanager
from ministack.services._dynamodb_keywords import AWS_KEYWORDS

from localcloud.hooks.messages import topics
from localcloud.hooks.requests.services import Answer, Handler

Parameters = Mapping[str, Any]
Refusal = tuple[str, str]
Check = Callable[[Parameters], Refusal | None]
INVALID = "ValidationException"
ARN_PARTS = 6
OF_EVERY_EVENT = frozenset({"account", "detail-type", "id", "region", "source", "time"})
MOST_TARGETS = 5
MOST_LINES = 10_000
LONGEST_TEXT = 4096
_WORD = re.compile(r"(?<![:#.\w])[A-Za-z_][\w]*(?!\w*\s*\()")
_OPERATORS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
OF_A_SECRET = (
    "DeleteSecret",
    "DescribeSecret",
    "GetSecretValue",
    "ListSecretVersionIds",
    "PutSecretValue",
    "RestoreSecret",
    "RotateSecret",
    "TagResource",
    "UntagResource",
    "UpdateSecret",
    "UpdateSecretVersionStage",
)
EXPRESSIONS = ("FilterExpression", "ConditionExpression", "KeyConditionExpression")


def refuse_what_aws_refuses() -> None:
    """Refuse requests by what they ask for, before MiniStack takes them."""
    for service, checks in CHECKS.items():
        app.SERVICE_HANDLERS[service] = checking(app.SERVICE_HANDLERS[service], checks)


def checking(handler: Handler, checks: Mapping[str, Check]) -> Handler:
    """Return what refuses requests by their operation's check, and hands the others to a service."""

    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        operation, parameters = request(headers, body)
        check = checks.get(operation)
        refusal = check(parameters) if check else None
        if refusal is None:
            return await handler(method, path, headers, body, query)
        refuse = responses.error_response_json if headers.get("x-amz-target") else responses.error_response_xml
        refused: Answer = refuse(*refusal, 400)
        return refused

    return answer


def request(headers: Mapping[str, str], body: bytes) -> tuple[str, Parameters]:
    """Return the operation and its parameters, in JSON or as a form."""
    if target := headers.get("x-amz-target", ""):
        try:
            return target.rpartition(".")[2], json.loads(body or b"{}")
        except ValueError:
            return "", {}
    parameters = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return parameters.get("Action", ""), parameters


def _exceeds(member: str, most: int, code: str) -> Check:
    def check(parameters: Parameters) -> Refusal | None:
        value = parameters.get(member)
        if not isinstance(value, int) or value <= most:
            return None
        constraint = f"failed to satisfy constraint: Member must have value less than or equal to {most}"
        return code, f"1 validation error detected: Value '{value}' at '{member}' {constraint}"

    return check


def _reserved_words(parameters: Parameters) -> Refusal | None:
    for member in EXPRESSIONS:
        for word in _WORD.findall(parameters.get(member) or ""):
            if word.upper() in AWS_KEYWORDS - _OPERATORS:
                reason = f"Attribute name is a reserved keyword; reserved keyword: {word}"
                return INVALID, f"Invalid {member}: {reason}"
    return None


def _rule_on_a_bus(parameters: Parameters) -> Refusal | None:
    if parameters.get("ScheduleExpression") and parameters.get("EventBusName", "default") != "default":
        return INVALID, "ScheduleExpression is supported only on the default event bus."
    return None


def _statement(parameters: Parameters) -> Refusal | None:
    """Refuse a statement of PartiQL with an empty list of parameters. Source: API reference, ExecuteStatement."""
    if parameters.get("Parameters") != []:
        return None
    constraint = "failed to satisfy constraint: Member must have length greater than or equal to 1"
    return INVALID, f"1 validation error detected: Value '[]' at 'parameters' {constraint}"


def _event(parameters: Parameters) -> Refusal | None:
    """Refuse an event without what every one has. Source: API reference of EventBridge, TestEventPattern."""
    try:
        event = json.loads(parameters.get("Event", ""))
    except ValueError:
        event = None
    if isinstance(event, dict) and event.keys() >= OF_EVERY_EVENT:
        return None
    return INVALID, "Parameter Event is not valid."


def _targets(parameters: Parameters, rule: str) -> set[str]:
    key = eventbridge._rule_key(parameters.get(rule), parameters.get("EventBusName", "default"))
    return {target["Id"] for target in eventbridge._targets.get(key) or ()}


def _rule_with_targets(parameters: Parameters) -> Refusal | None:
    return (INVALID, "Rule can't be deleted since it has targets.") if _targets(parameters, "Name") else None


def _new_targets(parameters: Parameters) -> Refusal | None:
    for target in parameters.get("Targets", ()):
        name, transformer = target.get("Id", ""), target.get("InputTransformer") or {}
        if sum(member in target for member in ("Input", "InputPath", "InputTransformer")) > 1:
            said = f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}."
            return INVALID, said
        for placeholder in re.findall("<([^<>]*)>", transformer.get("InputTemplate", "")):
            if placeholder not in transformer.get("InputPathsMap", {}) and not placeholder.startswith("aws.events."):
                return INVALID, f"InputTemplate for target {name} contains invalid placeholder {placeholder}."
    added = {target.get("Id", "") for target in parameters.get("Targets", ())}
    if len(_targets(parameters, "Rule") | added) > MOST_TARGETS:
        return "LimitExceededException", "The requested resource exceeds the maximum number allowed."
    return None


def _attached(parameters: Parameters) -> Refusal | None:
    arn = parameters.get("PolicyArn", "")
    if len(arn.split(":")) < ARN_PARTS:
        return "ValidationError", "Invalid ARN:  Could not be parsed!"
    if f":{responses.get_account_id()}:" in arn and arn not in iam._policies:
        return "NoSuchEntity", f"Policy {arn} does not exist or is not attachable."
    return None


def _text(parameters: Parameters) -> Refusal | None:
    if len(base64.b64decode(parameters.get("Plaintext", ""))) > LONGEST_TEXT:
        constraint = f"failed to satisfy constraint: Member must have length less than or equal to {LONGEST_TEXT}"
        return INVALID, f"1 validation error detected: Value at 'plaintext' {constraint}"
    return None


def _key_tags(parameters: Parameters) -> Refusal | None:
    if any(str(tag.get("TagKey", "")).startswith("aws:") for tag in parameters.get("Tags", ())):
        return "TagException", "Tags beginning with aws: are reserved"
    return None


def _order(parameters: Parameters) -> Refusal | None:
    times = [line.get("timestamp", 0) for line in parameters.get("logEvents", ())]
    if times != sorted(times):
        said = "Log events in a single PutLogEvents request must be in chronological order."
        return "InvalidParameterException", said
    return None


def _secret_name(parameters: Parameters) -> Refusal | None:
    name = parameters.get("SecretId") or parameters.get("Name", "")
    if name.startswith("arn:") or re.fullmatch(r"[A-Za-z0-9/_+=.@!-]+", name):
        return None
    allowed = "alphanumeric characters, or any of the following: -/_+=.@!"
    return INVALID, f"Invalid name. Must be a valid name containing {allowed}"


def _secret(parameters: Parameters) -> Refusal | None:
    if refusal := _secret_name(parameters):
        return refusal
    name = parameters.get("Name", "")
    if (secretsmanager._secrets.get(name) or {}).get("DeletedDate"):
        said = "You can't create this secret because a secret with this name is already scheduled for deletion."
        return "InvalidRequestException", said
    return None


def _session(parameters: Parameters) -> Refusal | None:
    name = parameters.get("RoleSessionName", "")
    if re.fullmatch(r"[\w+=,.@-]*", name):
        return None
    constraint = r"failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*"
    return "ValidationError", f"1 validation error detected: Value '{name}' at 'roleSessionName' {constraint}"


_LINES = _exceeds("limit", MOST_LINES, "InvalidParameterException")
CHECKS: Mapping[str, Mapping[str, Check]] = {
    "dynamodb": {
        **dict.fromkeys(("Scan", "Query", "PutItem", "UpdateItem", "DeleteItem"), _reserved_words),
        "ExecuteStatement": _statement,
    },
    "events": {
        "DeleteRule": _rule_with_targets,
        "PutRule": _rule_on_a_bus,
        "PutTargets": _new_targets,
        "TestEventPattern": _event,
    },
    "iam": {"AttachRolePolicy": _attached},
    "kms": {"Encrypt": _text, "TagResource": _key_tags},
    "logs": {"PutLogEvents": _order, "FilterLogEvents": _LINES, "GetLogEvents": _LINES},
    "secretsmanager": {**dict.fromkeys(OF_A_SECRET, _secret_name), "CreateSecret": _secret},
    "sns": topics.CHECKS,
    "sts": {"AssumeRole": _session},
}
