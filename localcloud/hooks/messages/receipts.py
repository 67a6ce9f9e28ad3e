"""SQS of MiniStack: the order of FIFO queues, and what a receipt handle is good for.

Sources: developer guide of SQS, "FIFO queue delivery logic", "Queue and message identifiers"; answers that
localstack/localstack recorded from AWS (tests/aws/services/sqs/test_sqs.snapshot.json, Apache-2.0).
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import sqs

_HANDLE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HANDLES = "handles"
"""Where a message keeps the handles that it had."""
_RECEIVED = "groups_received"
"""Where a queue keeps when a group was last received from, in seconds of the epoch."""
Queue = dict[str, Any]
Message = dict[str, Any]


def order_and_delete() -> None:
    """Receive from one group of a FIFO queue before the next, and take any handle that a message had."""
    collect = sqs._collect_msgs
    sqs._collect_fifo = collect_in_order

    def collected(queue: Queue, most: int, timeout: int) -> list[Message]:
        found: list[Message] = collect(queue, most, timeout)
        for message in found:
            message.setdefault(_HANDLES, []).append(message["receipt_handle"])
        return found

    sqs._collect_msgs = collected
    for action in ("DeleteMessage", "ChangeMessageVisibility"):
        sqs._HANDLERS[action] = _with_any_handle(action, sqs._HANDLERS[action])
    for action in ("DeleteMessageBatch", "ChangeMessageVisibilityBatch"):
        sqs._HANDLERS[action] = _with_current_handles(sqs._HANDLERS[action])


def collect_in_order(queue: Queue, most: int, timeout: int, now: float) -> list[Message]:
    """Take up to so many messages: all that one group has, in order, before those of the next one.

    What comes after a message in flight waits for it; a group that was received from is behind those that were not.
    """
    groups: dict[str, list[Message]] = {}
    for message in queue["messages"]:
        sqs._ensure_msg_fields(message)
        groups.setdefault(message["group_id"], []).append(message)
    received = queue.setdefault(_RECEIVED, {})
    found: list[Message] = []
    for group in sorted(groups, key=lambda group: received.get(group, 0.0)):
        for message in groups[group]:
            if len(found) >= most or message["visible_at"] > now:
                break
            message["receipt_handle"] = sqs.new_uuid()
            message["visible_at"] = now + timeout
            message["receive_count"] += 1
            message["first_receive_at"] = message.get("first_receive_at") or now
            received[group] = now
            found.append(message)
    return found


def _message(queue: Queue, handle: str) -> Message | None:
    return next((message for message in queue["messages"] if handle in message.get(_HANDLES, ())), None)


def _with_any_handle(action: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    def handled(data: Mapping[str, Any], url: str) -> Any:  # noqa: ANN401 - MiniStack's
        queue, handle = sqs._get_q(data.get("QueueUrl", url)), data.get("ReceiptHandle") or ""
        found = _message(queue, handle)
        if found is None and handle and not _HANDLE.fullmatch(handle):
            said = f'The input receipt handle "{handle}" is not a valid receipt handle.'
            raise sqs._Err("ReceiptHandleIsInvalid", said)
        if found is None and handle:
            if action == "DeleteMessage":
                return {}  # it was deleted before
            reason = "Message does not exist or is not available for visibility timeout change."
            raise _invalid(handle, reason)
        if found is None:
            return handler(data, url)
        if queue["is_fifo"] and found["visible_at"] <= time.time():
            raise _invalid(handle, "The receipt handle has expired.")
        return handler({**data, "ReceiptHandle": found["receipt_handle"]}, url)

    return handled


def _with_current_handles(handler: Callable[..., Any]) -> Callable[..., Any]:
    def handled(data: Mapping[str, Any], url: str) -> Any:  # noqa: ANN401 - MiniStack's
        queue = sqs._get_q(data.get("QueueUrl", url))
        entries = []
        for entry in data.get("Entries") or ():
            found = _message(queue, entry.get("ReceiptHandle") or "")
            entries.append({**entry, "ReceiptHandle": found["receipt_handle"]} if found else entry)
        return handler({**data, "Entries": entries}, url)

    return handled


def _invalid(handle: str, reason: str) -> Exception:
    said = f"Value {handle} for parameter ReceiptHandle is invalid. Reason: {reason}"
    error: Exception = sqs._Err("InvalidParameterValue", said)
    return error
