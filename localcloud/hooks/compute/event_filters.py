"""Lambda of MiniStack: filters of event source mappings read records as rules of EventBridge read events.

MiniStack has a reader of its own for them, which knows fewer operators and takes what it does not know for a match.

Sources: developer guide of Lambda, "Control which events Lambda sends to your function" (its rules are those of
EventBridge) and "Using event filtering with an Amazon SQS event source", also for Kinesis (a filter on the fields of a
body drops what is no JSON).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.services import eventbridge, lambda_svc

Record = dict[str, Any]
_BODIES = ("body", "data")
"""Members of a record that are a text on the wire: of SQS and of Kinesis."""


def read_as_rules() -> None:
    """Choose the records of a batch so."""
    lambda_svc._apply_filter_criteria = kept


def kept(records: list[Record], mapping: Mapping[str, Any]) -> list[Record]:
    """Return the records that one of the filters of a mapping lets pass; all of them where it has none."""
    patterns = list(_patterns(mapping))
    if not patterns:
        return records
    return [record for record in records if any(passes(pattern, record) for pattern in patterns)]


def refusal(text: str) -> str | None:
    """Return why a pattern, as JSON, is none; None where it is one."""
    reason: str | None = None if _is_empty(text) else eventbridge._event_pattern_error(text)
    return reason


def passes(text: str, record: Record) -> bool:
    """Say whether a record of a queue or stream passes a pattern, which is JSON."""
    if _is_empty(text):
        return True
    alternatives = eventbridge._compiled_pattern(text) or ()
    seen = _decoded(record)
    return any(
        eventbridge._matches_detail(seen, alternative)
        for alternative in alternatives
        if not any(isinstance(alternative.get(name), dict) and not isinstance(seen.get(name), dict) for name in _BODIES)
    )


def _patterns(mapping: Mapping[str, Any]) -> Iterator[str]:
    for each in (mapping.get("FilterCriteria") or {}).get("Filters") or ():
        if each.get("Pattern"):
            yield each["Pattern"]


def _is_empty(text: str) -> bool:
    try:
        return bool(json.loads(text) == {})
    except ValueError:
        return False


def _decoded(record: Record) -> Record:
    """Return a record with what its body says."""
    if isinstance(record.get("kinesis"), dict):
        decoded: Record = lambda_svc._kinesis_record_for_match(record)
        return decoded
    try:
        return {**record, "body": json.loads(record["body"])}
    except (KeyError, TypeError, ValueError):
        return record
