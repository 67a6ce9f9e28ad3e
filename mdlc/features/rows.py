"""Rows of a table on their way to becoming records of a feature group."""

from localsagemaker.feature_store import event_time
from localsagemaker.feature_store.records import Values, check
from localsagemaker.feature_store.schema import Schema
from mdlc.features.table import Table, TableError


def fit(schema: Schema, table: Table) -> None:
    """Raise `TableError` unless the rows of a table can become records: no unknown column, and an identifier."""
    if unknown := [column for column in table.columns if column not in schema.types]:
        raise TableError(
            f"{table.name} has columns that the group lacks: {', '.join(unknown)}. Add them with mdlc features grow."
        )
    if schema.identifier not in table.columns:
        raise TableError(f"{table.name} has no column {schema.identifier}, which identifies the group's records.")


def from_row(schema: Schema, row: Values, moment: int) -> dict[str, str]:
    """Return the record in a row, dated `moment` (microseconds) where the row has no event time of its own.

    Empty cells are features without a value, and a number that identifies the record has one spelling. `RecordError`
    unless the group can hold it.
    """
    values = {name: value for name, value in row.items() if value}
    if schema.event_time not in row:
        values[schema.event_time] = event_time.write(moment, schema.types[schema.event_time])
    check(schema, values)
    return {**values, schema.identifier: schema.identity(values[schema.identifier])}
