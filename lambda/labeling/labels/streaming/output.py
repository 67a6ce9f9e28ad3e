"""What leaves a streaming job: lines with labels, as messages of the output topic, and dead letters with reasons.

Sources: SageMaker developer guide, "Ground Truth Streaming Labeling Jobs" (sms-streaming-labeling-job); API references
of SNS (Publish) and SQS (SendMessage).
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from labels.streaming.envelope import MessageError
from labels.streaming.identity import KEY

MOST_BYTES: Final = 262_144
"""What a message of a topic may have."""
MOST_OF_REASON: Final = 1000
REASON: Final = "Reason"
"""The attribute of a dead letter that says why it is one."""
Line = Mapping[str, Any]


def line(arrived: Line, label: Line) -> Line:
    """Return the line of an object in the output, with the members of its label."""
    return {**arrived, **label}


def with_ids(given: Line, attribute: str, identity: str) -> Line:
    """Return a line of the manifest that a job began with, so that whoever is told of it twice knows it again."""
    own = f"${attribute}-object-id"
    return given if KEY in given else {**given, KEY: own, own: identity}


def message(labeled: Line, attribute: str) -> str:
    """Return the message of the output topic for a line; empty for one without a label, which is not published.

    Raises MessageError for one that no topic takes: it stands in the output manifest alone.
    """
    if attribute not in labeled:
        return ""
    text = json.dumps(labeled, ensure_ascii=False)
    size = len(text.encode())
    if size > MOST_BYTES:
        raise MessageError(
            f"The labeled line has {size:,} bytes, and a topic takes {MOST_BYTES:,}: it is in the manifest alone."
        )
    return text


def dead_letter(body: str, reason: str) -> Mapping[str, Any]:
    """Return the members of SendMessage for a message that became no object, with the reason beside it."""
    plain = "".join(each if unicodedata.category(each)[0] != "C" else "�" for each in reason)[:MOST_OF_REASON]
    return {"MessageBody": body, "MessageAttributes": {REASON: {"DataType": "String", "StringValue": plain}}}
