"""EventBridge of MiniStack: which entries of PutEvents are taken, how patterns read events, what transformers deliver.

Sources: user guide of EventBridge, "Calculating PutEvents event entry size" and "Input transformation"; answers that
localstack/localstack recorded from AWS (tests/aws/services/events/, Apache-2.0).
"""

import json
import re
from collections import deque
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services import eventbridge

MOST_BYTES = 256 * 1024
REQUIRED = ("Source", "DetailType", "Detail")
_LITERAL = re.compile(r'"(?:\\.|[^"\\])*"')
_NAME = re.compile("<([^<>]*)>")


class Undelivered(Exception):  # noqa: N818 - it is no error for who put the event
    """An event that a target does not get, as its input is neither a text nor JSON."""


def check_entries() -> None:
    """Let an entry of PutEvents fail that misses a member or whose Detail is no JSON object; the others are put."""
    put = eventbridge._put_events

    def checked(data: Mapping[str, Any], **keywords: Any) -> Any:  # noqa: ANN401 - MiniStack's
        entries = data.get("Entries", [])
        if sum(map(size, entries)) > MOST_BYTES:
            message = "Total size of the entries in the request is over the limit."
            return responses.error_response_json("ValidationException", message, 400)
        failures = [failure(entry) for entry in entries]
        status, headers, body = put({**data, "Entries": [entry for entry in entries if not failure(entry)]}, **keywords)
        if status != 200 or not any(failures):  # noqa: PLR2004 - HTTP's success
            return status, headers, body
        answer = json.loads(body)
        taken = iter(answer["Entries"])
        answer["Entries"] = [each or next(taken) for each in failures]
        answer["FailedEntryCount"] += sum(each is not None for each in failures)
        return status, headers, json.dumps(answer).encode()

    eventbridge._put_events = checked


def size(entry: Mapping[str, Any]) -> int:
    """Return the bytes of an entry as the user guide's "Calculating PutEvents event entry size" counts them."""
    texts = [entry.get(member) or "" for member in REQUIRED] + list(entry.get("Resources") or ())
    return sum(len(text.encode()) for text in texts) + (14 if entry.get("Time") else 0)


def failure(entry: Mapping[str, Any]) -> dict[str, str] | None:
    """Return what PutEvents answers for an entry that it does not take; None for one that it takes."""
    for member in REQUIRED:
        if not entry.get(member):
            message = f"Parameter {member} is not valid. Reason: {member} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
    try:
        is_object = isinstance(json.loads(entry["Detail"]), dict)
    except ValueError:
        is_object = False
    return None if is_object else {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


def keep_no_log() -> None:
    """Keep no list of the events that were put, which MiniStack fills and never reads: archives keep their own."""
    eventbridge._events_log_list = lambda: deque(maxlen=0)


def read_events() -> None:
    """Let patterns read a key of an event with dots as the way that it spells, and a text as a text.

    Source: user guide of EventBridge, "Considerations when creating event patterns": keys are joined with dots.
    """
    match, read = eventbridge._matches_detail, eventbridge._event_from_test_payload
    alternative = eventbridge._matches_alternative

    def matched(view: Any, pattern: Any) -> bool:  # noqa: ANN401 - MiniStack's
        if alternative(view, pattern):
            return True
        event = view.event_with_detail()
        return has_dots(event) and bool(match(undotted(event), pattern))

    def quoted(event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        detail = event.get("detail")
        return read({**event, "detail": json.dumps(detail)} if isinstance(detail, str) else event)

    eventbridge._matches_alternative, eventbridge._event_from_test_payload = matched, quoted


def has_dots(value: object) -> bool:
    """Say whether a key anywhere in a value has a dot."""
    if isinstance(value, dict):
        return any("." in key or has_dots(each) for key, each in value.items())
    return isinstance(value, list) and any(map(has_dots, value))


def undotted(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a value whose keys with dots are objects within objects."""
    if isinstance(value, list):
        return [undotted(each) for each in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, each in value.items():
        *way, last = key.split(".")
        place = found
        for part in way:
            inner = place.get(part)
            if not isinstance(inner, dict):
                inner = place[part] = {}
            place = inner
        read = undotted(each)
        there = place.get(last)
        place[last] = {**there, **read} if isinstance(there, dict) and isinstance(read, dict) else read
    return found


def transform_inputs() -> None:
    """Render input transformers as EventBridge does; what is neither text nor JSON then is not delivered."""
    render, invoke = eventbridge._render_input_template, eventbridge._invoke_target
    eventbridge._render_placeholder = rendered

    def checked(template: str, values: Mapping[str, Any]) -> str:
        given = dict(values)
        if isinstance(event := given.get("aws.events.event"), Mapping):
            named = {"detail-type": "detailType"}
            given["aws.events.event"] = {named.get(name, name): value for name, value in event.items()}
        text: str = render(template, given)
        if not is_delivered(template, text, given):
            raise Undelivered
        return text

    def invoked(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        try:
            return invoke(*arguments, **named)
        except Undelivered:
            return None

    eventbridge._render_input_template, eventbridge._invoke_target = checked, invoked


def rendered(name: str, placeholder: str, values: Mapping[str, Any], in_string: bool) -> str:  # noqa: FBT001 - MiniStack's
    """Return what stands for a placeholder: JSON without blanks, in a text also without its quotes."""
    if name not in values:
        return placeholder
    value = values[name]
    if isinstance(value, str) and in_string:
        return value
    text = json.dumps(value, separators=(",", ":"))
    return text.replace('"', "") if in_string else text


def is_delivered(template: str, text: str, values: Mapping[str, Any]) -> bool:
    """Say whether a rendered template is an input: one of JSON must be JSON, with texts only in its texts."""
    if not template.lstrip().startswith(("{", "[")):
        return True
    quoted = [values.get(name) for literal in _LITERAL.findall(template) for name in _NAME.findall(literal)]
    try:
        json.loads(text)
    except ValueError:
        return False
    return not any(isinstance(value, dict | list) for value in quoted)
