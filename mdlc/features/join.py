"""The point-in-time join: each row of a table gets the features that were true at the row's own time, none later.

A training set made this way holds nothing that a model would not have known when it had to decide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from localsagemaker.feature_store.history import History
from localsagemaker.feature_store.schema import Schema
from mdlc.features import moment as moments
from mdlc.features.table import Table, TableError


@dataclass(frozen=True)
class Joined:
    """A table with the features of a group beside each row; `matched` rows found a record."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    matched: int


def point_in_time(
    table: Table, schema: Schema, history: History, *, time_column: str | None = None, moment: int | None = None
) -> Joined:
    """Join `history` to `table` on the group's record identifier.

    A row's time stands in `time_column` in seconds since 1970 or ISO 8601, or is `moment` (microseconds) for all rows.
    The group's features follow the table's columns, under their own names, or under `group_<name>` where the table has
    that name; the record's event time says how old they are. Raise `TableError` for a table that cannot be joined.
    """
    needed = [schema.identifier, *([time_column] if time_column else [])]
    if missing := [column for column in needed if column not in table.columns]:
        raise TableError(f"{table.name} has no column {' and no column '.join(missing)}.")
    features = [name for name in schema.types if name != schema.identifier]
    names = [f"group_{name}" if name in table.columns else name for name in features]
    rows, matched = [], 0
    for row in table.rows:
        if row.problem:
            raise TableError(f"{table.name}, row {row.number}: {row.problem}")
        cells = table.record(row)
        found = history.at(
            schema.identity(cells[schema.identifier]), _moment(table, row.number, cells, time_column, moment)
        )
        matched += found is not None
        values: Mapping[str, str] = found.values if found else {}
        rows.append((*row.cells, *_values(values, features)))
    return Joined((*table.columns, *names), tuple(rows), matched)


def _values(values: Mapping[str, str], features: Sequence[str]) -> Sequence[str]:
    return [values.get(name, "") for name in features]


def _moment(table: Table, number: int, cells: Mapping[str, str], column: str | None, moment: int | None) -> int:
    if column is None:
        if moment is None:
            raise TableError(f"{table.name} needs a time for its rows: name a column, or one time for all.")
        return moment
    try:
        return moments.read(cells[column])
    except ValueError as error:
        raise TableError(f"{table.name}, row {number}: {error}") from None
