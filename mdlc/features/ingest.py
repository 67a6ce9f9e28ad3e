"""Ingestion of a table: every row becomes a record of the group, or is rejected with a reason."""

import csv
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localsagemaker.feature_store.records import RecordError
from localsagemaker.feature_store.schema import Schema
from mdlc.features import rows
from mdlc.features.table import NOTES, Row, Table

WORKERS: Final = 3

Put = Callable[[Mapping[str, str]], None]
"""Writes one record; raises `RecordError` with a sentence when the store does not take it."""
Progress = Callable[[int, int], None]
"""Gets the number of rows that are dealt with, and of those rejected."""


@dataclass(frozen=True)
class Rejected:
    """A row that did not become a record, and why."""

    row: Row
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What became of a table's rows; `written` and `rejected` together are all of them."""

    written: int
    rejected: tuple[Rejected, ...]


def ingest(  # noqa: PLR0913 - keyword-only
    schema: Schema,
    table: Table,
    put: Put,
    *,
    moment: int,
    workers: int = WORKERS,
    progress: Progress = lambda _done, _rejected: None,
) -> Outcome:
    """Write the rows of a table with several workers, one record a call; rows keep no order among each other.

    `moment` dates rows without an event time of their own, in microseconds. Raise `TableError` before anything is
    written when the table does not fit the group.
    """
    rows.fit(schema, table)
    lock = threading.Lock()
    rejected: list[Rejected] = []
    done = 0

    def end(row: Row, reason: str | None) -> None:
        nonlocal done
        with lock:
            done += 1
            if reason is not None:
                rejected.append(Rejected(row, reason))
            progress(done, len(rejected))

    def write(row: Row, values: Mapping[str, str]) -> None:
        reason = None
        try:
            put(values)
        except RecordError as error:
            reason = str(error)
        end(row, reason)

    first: dict[tuple[str, str], int] = {}
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="ingest") as pool:
        writing = []
        for row in table.rows:
            try:
                values = _record(schema, table, row, moment, first)
            except RecordError as error:
                end(row, str(error))
            else:
                writing.append(pool.submit(write, row, values))
        for future in writing:
            future.result()
    rejected.sort(key=lambda item: item.row.number)
    return Outcome(len(table.rows) - len(rejected), tuple(rejected))


def _record(
    schema: Schema, table: Table, row: Row, moment: int, first: dict[tuple[str, str], int]
) -> Mapping[str, str]:
    """Return the record in a row; `first` holds the row of each identifier and event time that is there already."""
    if row.problem is not None:
        raise RecordError(row.problem)
    values = rows.from_row(schema, table.record(row), moment)
    key = (values[schema.identifier], values[schema.event_time])
    if first.setdefault(key, row.number) != row.number:
        raise RecordError(
            f"Row {first[key]} has the same {schema.identifier} and event time: which is the later cannot be told."
        )
    return values


def write_rejected(outcome: Outcome, table: Table, file: Path) -> None:
    """Write the rejected rows, as they stood, with the row's number and the reason before them.

    Corrected, the file can be ingested as it is.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as output:
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow([*NOTES, *table.columns])
        writer.writerows([item.row.number, item.reason, *item.row.cells] for item in outcome.rejected)
