"""The schema of a feature group that is to hold a table, or a feature that somebody names."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

from localsagemaker.feature_store.schema import Definition, FeatureType, Schema, SchemaError
from mdlc.features.table import Table, TableError

EVENT_TIME: Final = "EventTime"
"""The event-time feature of groups made from a table that has none."""
_WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,15})|-?(0|[1-9][0-9]*)?(\.[0-9]*([eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)")
"""Numbers as people write them who mean one: not padded, without a plus, and whole ones of no more than 16 digits."""


def infer(table: Table) -> tuple[Definition, ...]:
    """Return a definition for every column of a table: the narrowest type that says all that its values say.

    Empty cells say nothing; a column of nothing else is a String. So is one of postal codes, telephone numbers and long
    keys, whose zeros, signs and last digits a number would lose. `TableError` for a column that cannot be a feature.
    """
    try:
        return tuple(
            Definition(column, _narrowest([row.cells[index] for row in table.rows if row.problem is None]))
            for index, column in enumerate(table.columns)
        )
    except SchemaError as error:
        raise TableError(f"{table.name}: {error}") from None


def from_table(table: Table, identifier: str, event_time: str = EVENT_TIME) -> Schema:
    """Return the schema of a group made for `table`; an event time that it lacks is added as seconds since 1970.

    Identifiers with decimals are Strings: 1.1 and 1.10 are two.
    """
    found = infer(table)
    if event_time not in table.columns:
        found = (*found, Definition(event_time, "Fractional"))
    types: Mapping[tuple[str, FeatureType], FeatureType] = {
        (event_time, "Integral"): "Fractional",
        (identifier, "Fractional"): "String",
    }
    return Schema(
        identifier,
        event_time,
        tuple(Definition(item.name, types.get((item.name, item.type), item.type)) for item in found),
    )


def parse(text: str) -> Definition:
    """Read `name:Type`, as the command line takes a feature; `SchemaError` for anything else."""
    name, colon, kind = text.rpartition(":")
    if not colon:
        raise SchemaError(f"{text!r} is no feature: write NAME:TYPE, such as email:String.")
    return Definition(name, cast("FeatureType", kind))


def _narrowest(values: Sequence[str]) -> FeatureType:
    given = [value for value in values if value]
    kinds: Mapping[FeatureType, re.Pattern[str]] = {"Integral": _WHOLE, "Fractional": _NUMBER}
    for kind, form in kinds.items():
        definition = Definition("value", kind)
        if given and all(form.fullmatch(value) and not definition.problem(value) for value in given):
            return kind
    return "String"
