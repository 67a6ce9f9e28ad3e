"""Objects of a streaming job out of messages: lines of a manifest that somebody published, or events of a bucket.

Sources: SageMaker developer guide, "Ground Truth Streaming Labeling Jobs" (sms-streaming-labeling-job), "Duplicate
Message Handling"; S3 user guide, "Event message structure" (notification-content-structure) and "EventBridge event
message structure" (ev-events), whose keys are as they are, and are coded in the first.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

from labels import adjustment
from labels.objects import LineError, read_one, whole
from labels.streaming.envelope import Envelope, MessageError
from labels.streaming.identity import KEY, digest

SEQUENCER: Final = "$sequencer"
MOST_OF_KEY: Final = 140
MOST_OF_ID: Final = 1024
_KEY: Final = re.compile(r"[$a-zA-Z0-9](-*[a-zA-Z0-9])*")
EVENTS: Final = "2"
"""The major version of a bucket's events that is read."""
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Listener:
    """What a job takes: its label attribute, and what its messages must have."""

    attribute: str
    source: str = ""
    """ "source" or "source-ref"; empty where either will do."""
    output: str = ""
    """S3 URI of what the job writes, which it does not take for objects."""
    adjusts: str = ""
    """Of a job in which people correct or judge labels: the attribute of these."""


@dataclass(frozen=True)
class Arrival:
    """An object that came: what makes it the same when it comes again, and its line, which says so."""

    identity: str
    line: Line

    @property
    def digest(self) -> str:
        """The identity in characters that every key takes."""
        return digest(self.identity)


@dataclass(frozen=True)
class Probe:
    """A bucket tried whether the topic is there, by `s3:TestEvent`: no object, and no fault."""

    bucket: str


def read(envelope: Envelope, listener: Listener) -> Iterator[Arrival | Probe | MessageError]:
    """Yield what a message is: an object, one for each record of a bucket's event, or why there is none."""
    try:
        value = json.loads(envelope.text)
    except (ValueError, RecursionError) as error:
        yield MessageError(f"The message is no JSON ({error}): publish one object, as json.dumps writes it.")
        return
    match value:
        case {"Event": "s3:TestEvent", "Bucket": bucket}:
            yield Probe(str(bucket))
        case {"Records": [*records]} if "source" not in value and "source-ref" not in value:
            for record in records:
                yield _arrival_or_fault(_of_record, record, listener)
            if not records:
                yield MessageError("The event of the bucket has no record: it is about no object.")
        case {"detail-type": str(kind), "detail": {"bucket": bucket, "object": {"key": str(key), **thing}}}:
            yield _arrival_or_fault(_of_record, _as_record(kind, bucket, key, thing), listener)
        case _:
            yield _arrival_or_fault(_of_line, envelope, listener)


def _as_record(kind: str, bucket: object, key: str, thing: Mapping[Any, Any]) -> Line:
    """Return an event of a bucket that came by EventBridge as the record that the bucket itself would have sent."""
    return {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:" if kind == "Object Created" else kind,
        "eventVersion": f"{EVENTS}.1",
        "s3": {"bucket": bucket, "object": {**thing, "key": quote_plus(key, safe="/")}},
    }


def _arrival_or_fault(
    of: Callable[[Any, Listener], Arrival], what: object, listener: Listener
) -> Arrival | MessageError:
    try:
        return of(what, listener)
    except MessageError as error:
        return error


def _of_line(envelope: Envelope, listener: Listener) -> Arrival:
    try:
        line = read_one(envelope.text, listener.source, "The message")
    except LineError as error:
        raise MessageError(str(error)) from error
    _require_label(line, listener)
    key = line.get(KEY)
    if key is None:
        own = f"${listener.attribute}-object-id"
        return Arrival(envelope.id, {**line, KEY: own, own: envelope.id})
    if not isinstance(key, str) or len(key) > MOST_OF_KEY or not _KEY.fullmatch(key):
        raise MessageError(
            f'The message has {str(key)[:MOST_OF_KEY]!r} for "{KEY}": name a member of the message, in letters, digits '
            f"and hyphens, {MOST_OF_KEY} at most."
        )
    identity = line.get(key)
    if not isinstance(identity, str) or not 0 < len(identity) <= MOST_OF_ID:
        raise MessageError(
            f"The message names {key!r} for its id, and has no text there of 1 to {MOST_OF_ID:,} characters: add it, "
            f'or leave "{KEY}" out.'
        )
    return Arrival(identity, line)


def _require_label(line: Line, listener: Listener) -> None:
    """Raise MessageError where there is nothing to correct or to judge."""
    if listener.adjusts and (what := adjustment.missing(line, listener.adjusts)):
        raise MessageError(f"The message has {what}")


def _of_record(record: object, listener: Listener) -> Arrival:
    match record:
        case {
            "eventSource": "aws:s3",
            "eventName": str(event),
            "eventVersion": str(version),
            "s3": {"bucket": {"name": str(bucket)}, "object": {"key": str(key), **thing}},
        } if bucket and key:
            pass
        case _:
            raise MessageError("A record of the event is none of a bucket's: it has no event, no bucket or no key.")
    uri, sequencer = f"s3://{bucket}/{unquote_plus(key)}", thing.get("sequencer")
    if not whole(uri):
        raise MessageError("The key in a record of the event has half of a character.")
    if version.partition(".")[0] != EVENTS:
        raise MessageError(f"The event of {uri} has version {version}, and only {EVENTS}.x is read here.")
    if not event.removeprefix("s3:").startswith("ObjectCreated:"):
        raise MessageError(f"{event} of {uri} brings no object: let the bucket tell of s3:ObjectCreated:* alone.")
    if listener.source == "source" or listener.adjusts:
        need = f"labels {listener.adjusts!r}" if listener.adjusts else "text"
        raise MessageError(f"The event of {uri} has no {need}, which this job needs: publish lines of a manifest.")
    if key.endswith("/") or thing.get("size") == 0:
        raise MessageError(f"{uri} is empty: there is nothing to show people.")
    if listener.output and uri.startswith(f"{listener.output.rstrip('/')}/"):
        raise MessageError(f"{uri} is output of the job itself: let the bucket tell of another prefix.")
    if not isinstance(sequencer, str) or not sequencer:
        raise MessageError(f"The event of {uri} has no sequencer, by which it would be known again.")
    own, identity = f"${listener.attribute}-object-id", f"{uri}#{sequencer}"
    return Arrival(identity, {"source-ref": uri, KEY: own, own: identity, SEQUENCER: sequencer})
