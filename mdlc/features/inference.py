"""The schema of a feature group that is to hold a table, or a feature that somebody names."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from localsagemaker.feature_store.schema import Definition, FeatureType, Schema, SchemaError
from mdlc.features.table import Table, TableError

EVENT_TIME: Final = "EventTime"
"""The event-time feature of groups made from a table that has none."""


def infer(table: Table) -> tuple[Definition, ...]:
    """Return a definition for every column of a table: the narrowest type that all its values have.

    Empty cells say nothing; a column of nothing else is a String. `TableError` for a column that cannot be a feature.
    """
    try:
        return tuple(
            Definition(column, _narrowest([row.cells[index] for row in table.rows if row.problem is None]))
            for index, column in enumerate(table.columns)
        )
    except SchemaError as error:
        raise TableError(f"{table.name}: {error}") from None


def from_table(table: Table, identifier: str, event_time: str = EVENT_TIME) -> Schema:
    """Return the schema of a group made for `table`; an event time that it lacks is added as seconds since 1970."""
    found = infer(table)
    if event_time not in table.columns:
        found = (*found, Definition(event_time, "Fractional"))
    types: Mapping[str, FeatureType] = {event_time: "Fractional"}
    return Schema(
        identifier,
        event_time,
        tuple(
            Definition(item.name, types.get(item.name, item.type) if item.type == "Integral" else item.type)
            for item in found
        ),
    )


def parse(text: str) -> Definition:
    """Read `name:Type`, as the command line takes a feature; `SchemaError` for anything else."""
    name, colon, kind = text.rpartition(":")
    if not colon:
        raise SchemaError(f"{text!r} is no feature: write NAME:TYPE, such as email:String.")
    return Definition(name, cast("FeatureType", kind))


def _narrowest(values: Sequence[str]) -> FeatureType:
    given = [value for value in values if value]
    kinds: tuple[FeatureType, ...] = ("Integral", "Fractional")
    for kind in kinds:
        definition = Definition("value", kind)
        if given and not any(definition.problem(value) for value in given):
            return definition.type
    return "String"
