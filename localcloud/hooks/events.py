"""EventBridge of MiniStack: which entries of PutEvents are taken."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services import eventbridge

MOST_BYTES = 256 * 1024
REQUIRED = ("Source", "DetailType", "Detail")


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
