"""Records: one row of a feature group, as its APIs take and give it."""

from collections.abc import Iterable, Mapping
from typing import Any

from localsagemaker.feature_store import event_time
from localsagemaker.feature_store.schema import Schema

Values = Mapping[str, str]
"""Features of one record by name, as text; a feature without a value is not there."""


class RecordError(ValueError):
    """A record that the group cannot hold; the message is a sentence."""


def check(schema: Schema, values: Values) -> int:
    """Return the event time of a record in microseconds; `RecordError` unless the group can hold it."""
    known = schema.by_name
    if unknown := [name for name in values if name not in known]:
        raise RecordError(f"The group has no feature {', '.join(unknown)}.")
    for role, name in (("record identifier", schema.identifier), ("event time", schema.event_time)):
        if not values.get(name):
            raise RecordError(f"The {role} {name} has no value.")
    for name, value in values.items():
        if problem := known[name].problem(value):
            raise RecordError(problem)
    try:
        return event_time.parse(values[schema.event_time], schema.types[schema.event_time])
    except ValueError as error:
        raise RecordError(str(error)) from None


def from_api(record: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Read the list of features in a request or an answer; `RecordError` for one that is there twice."""
    values: dict[str, str] = {}
    for feature in record:
        if feature["FeatureName"] in values:
            raise RecordError(f"The feature {feature['FeatureName']} is there twice.")
        if feature.get("ValueAsString") is not None:
            values[feature["FeatureName"]] = feature["ValueAsString"]
    return values


def to_api(values: Values) -> list[dict[str, str]]:
    """Write features as requests and answers list them."""
    return [{"FeatureName": name, "ValueAsString": value} for name, value in values.items()]


def supersedes(new: int, old: int | None) -> bool:
    """Return whether a record of event time `new` replaces one of `old` online: only a later one does.

    Source: API reference of `PutRecord`: "If a new record's EventTime is greater, the new record is written to both
    the OnlineStore and OfflineStore. Otherwise, the record is a historic record and it is written only to the
    OfflineStore."
    """
    return old is None or new > old
