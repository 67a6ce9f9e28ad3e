"""Ingestion loses nothing: every row is a record, or is given back with its reason."""

import csv
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localsagemaker.feature_store.records import RecordError
from localsagemaker.feature_store.schema import Definition, Schema
from mdlc.features.ingest import ingest, write_rejected
from mdlc.features.table import Row, Table, TableError, read

SCHEMA = Schema(
    "id",
    "EventTime",
    (Definition("id", "Integral"), Definition("x", "Integral"), Definition("EventTime", "Fractional")),
)
MOMENT = 1_700_000_000_000_000


def test_rows_become_records_dated_now_and_empty_cells_nothing() -> None:
    put: list[Mapping[str, str]] = []
    outcome = ingest(
        SCHEMA, Table("t", ("id", "x"), (Row(2, ("1", "5")), Row(3, ("2", "")))), put.append, moment=MOMENT
    )
    assert outcome.written == 2
    assert sorted(put, key=lambda record: record["id"]) == [
        {"id": "1", "x": "5", "EventTime": "1700000000.000000"},
        {"id": "2", "EventTime": "1700000000.000000"},
    ]


def test_a_row_with_its_own_time_keeps_it() -> None:
    put: list[Mapping[str, str]] = []
    ingest(SCHEMA, Table("t", ("id", "EventTime"), (Row(2, ("1", "12.5")),)), put.append, moment=MOMENT)
    assert put == [{"id": "1", "EventTime": "12.5"}]


def test_rejected_rows_say_why_and_can_be_ingested_again(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,x\n1,1\n,2\n3,many\n4\n5,5\n6,6\n")

    def put(values: Mapping[str, str]) -> None:
        if values["id"] == "6":
            raise RecordError("The store is full.")

    table = read(source)
    outcome = ingest(SCHEMA, table, put, moment=MOMENT)
    assert outcome.written == 2
    assert [(item.row.number, item.reason) for item in outcome.rejected] == [
        (3, "The record identifier id has no value."),
        (4, "x is Integral, and 'many' is no whole number of 64 bits."),
        (5, "It has 1 cells, and the header has 2."),
        (7, "The store is full."),
    ]
    kept = tmp_path / "rejected.csv"
    write_rejected(outcome, table, kept)
    with kept.open(newline="") as lines:
        assert [row[2:] for row in csv.reader(lines)] == [["id", "x"], ["", "2"], ["3", "many"], ["4"], ["6", "6"]]
    again = ingest(SCHEMA, read(kept), lambda _: None, moment=MOMENT)
    assert again.written == 1


def test_of_two_rows_at_one_time_the_second_is_given_back() -> None:
    """Written in parallel, either could be first and stay online."""
    put: list[Mapping[str, str]] = []
    rows = (Row(2, ("1", "5", "10")), Row(3, ("1", "6", "10")), Row(4, ("1", "7", "11")))
    outcome = ingest(SCHEMA, Table("t", ("id", "x", "EventTime"), rows), put.append, moment=MOMENT)
    assert sorted(record["x"] for record in put) == ["5", "7"]
    (rejected,) = outcome.rejected
    assert rejected.row.number == 3
    assert rejected.reason == "Row 2 has the same id and event time: which is the later cannot be told."


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (("id", "email"), "t has columns that the group lacks: email. Add them with mdlc features grow."),
        (("x",), "t has no column id, which identifies the group's records."),
    ],
)
def test_a_table_that_does_not_fit_writes_nothing(columns: tuple[str, ...], sentence: str) -> None:
    put: list[Mapping[str, str]] = []
    with pytest.raises(TableError) as refused:
        ingest(SCHEMA, Table("t", columns, (Row(2, ("1",) * len(columns)),)), put.append, moment=MOMENT)
    assert str(refused.value) == sentence
    assert not put


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "1", "x"]), st.booleans()), max_size=60), st.integers(1, 8))
def test_written_and_rejected_are_all_rows_whatever_fails(cells: list[tuple[str, bool]], workers: int) -> None:
    lock, refused, seen = threading.Lock(), set(), []
    rows = tuple(Row(number, (str(number), value)) for number, (value, _) in enumerate(cells, 2))

    def put(values: Mapping[str, str]) -> None:
        with lock:
            if cells[int(values["id"]) - 2][1]:
                refused.add(values["id"])
                raise RecordError("no")
            seen.append(values["id"])

    steps: list[tuple[int, int]] = []
    outcome = ingest(
        SCHEMA,
        Table("t", ("id", "x"), rows),
        put,
        moment=MOMENT,
        workers=workers,
        progress=lambda done, bad: steps.append((done, bad)),
    )
    expected = [str(n) for n, (value, bad) in enumerate(cells, 2) if value != "x" and not bad]
    assert sorted(seen) == sorted(expected)
    assert outcome.written == len(expected)
    assert [item.row.number for item in outcome.rejected] == [
        n for n, (value, bad) in enumerate(cells, 2) if value == "x" or bad
    ]
    assert [done for done, _ in steps] == list(range(1, len(rows) + 1))
