"""The point-in-time join, against its definition; and the Parquet files that it reads."""

import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localsagemaker.feature_store import history, parquet
from localsagemaker.feature_store.history import Event, History
from localsagemaker.feature_store.schema import Definition, Schema
from mdlc.features.join import point_in_time
from mdlc.features.table import Row, Table, TableError

SECOND = 1_000_000
SCHEMA = Schema(
    "id",
    "at",
    (
        Definition("id", "String"),
        Definition("x", "Integral"),
        Definition("y", "Fractional"),
        Definition("at", "Fractional"),
    ),
)


def event(identifier: str, moment: int, x: int, *, invoked: int = 0, deleted: bool = False) -> Event:
    """One event; `moment` in seconds."""
    values = {"id": identifier, "at": f"{moment}.0"} | ({} if deleted else {"x": str(x)})
    return Event(values, moment * SECOND, invoked, invoked, deleted)


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from("ab"),
        st.integers(0, 6),
        st.integers(0, 99),
        invoked=st.integers(0, 5),
        deleted=st.booleans(),
    ),
    max_size=25,
    unique_by=lambda e: (e.values["id"], e.moment, e.invoked),
)
ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 7)), min_size=1, max_size=10)


def by_definition(events: list[Event], identifier: str, moment: int) -> str:
    """Of the events of this entity up to this time, the last to become true, and of these the last to be sent."""
    best: Event | None = None
    for one in events:
        if one.values["id"] != identifier or one.moment > moment * SECOND:
            continue
        if best is None or one.moment > best.moment or (one.moment == best.moment and one.invoked > best.invoked):
            best = one
    return "" if best is None or best.deleted else best.values["x"]


@settings(deadline=None)
@given(EVENTS, ROWS)
def test_each_row_gets_what_was_true_at_its_time(events: list[Event], rows: list[tuple[str, int]]) -> None:
    table = Table("t", ("id", "when"), tuple(Row(n, (who, str(when))) for n, (who, when) in enumerate(rows, 2)))
    joined = point_in_time(table, SCHEMA, History("id", events), time_column="when")
    assert joined.columns == ("id", "when", "x", "y", "at")
    assert [row[2] for row in joined.rows] == [by_definition(events, who, when) for who, when in rows]
    assert joined.matched == sum(bool(by_definition(events, who, when)) for who, when in rows)


@settings(deadline=None)
@given(EVENTS, ROWS, EVENTS)
def test_what_comes_later_changes_no_row(events: list[Event], rows: list[tuple[str, int]], later: list[Event]) -> None:
    """No leak: events after the last row's time, however many, leave the training set as it is."""
    end = max(when for _, when in rows) + 1
    moved = [event(e.values["id"], e.moment // SECOND + end, 7, invoked=e.invoked, deleted=e.deleted) for e in later]
    table = Table("t", ("id", "when"), tuple(Row(n, (who, str(when))) for n, (who, when) in enumerate(rows, 2)))
    before = point_in_time(table, SCHEMA, History("id", events), time_column="when")
    assert point_in_time(table, SCHEMA, History("id", [*moved, *events]), time_column="when") == before


def test_one_time_for_all_rows_and_columns_of_one_name() -> None:
    table = Table("t", ("id", "x"), (Row(2, ("a", "mine")),))
    joined = point_in_time(table, SCHEMA, History("id", [event("a", 1, 5)]), moment=SECOND)
    assert joined.columns == ("id", "x", "group_x", "y", "at")
    assert joined.rows == (("a", "mine", "5", "", "1.0"),)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (Table("t", ("key", "when"), (Row(2, ("a", "1")),)), "t has no column id."),
        (Table("t", ("id",), (Row(2, ("a",)),)), "t has no column when."),
        (Table("t", ("id", "when"), (Row(2, ("a", "soon")),)), "t, row 2: 'soon' is no time: write seconds since 1970"),
        (Table("t", ("id", "when"), (Row(2, ("a",), "It has 1 cells."),)), "t, row 2: It has 1 cells."),
    ],
)
def test_a_table_that_cannot_be_joined_is_refused(table: Table, sentence: str) -> None:
    with pytest.raises(TableError) as refused:
        point_in_time(table, SCHEMA, History("id", []), time_column="when")
    assert str(refused.value).startswith(sentence)


@settings(deadline=None)
@given(EVENTS)
def test_parquet_keeps_every_event(events: list[Event]) -> None:
    assert parquet.read(SCHEMA, parquet.write(SCHEMA, events)) == events


def test_the_columns_are_those_that_aws_documents(tmp_path: Path) -> None:
    (tmp_path / "f.parquet").write_bytes(parquet.write(SCHEMA, [event("a", 1, 5, invoked=3)]))
    schema = pq.read_schema(tmp_path / "f.parquet")
    assert {name: str(kind) for name, kind in zip(schema.names, schema.types, strict=True)} == {
        "id": "string",
        "x": "int64",
        "y": "double",
        "at": "double",
        "write_time": "timestamp[us, tz=UTC]",
        "api_invocation_time": "timestamp[us, tz=UTC]",
        "is_deleted": "bool",
    }


def test_files_from_before_a_group_grew_stay_readable() -> None:
    content = parquet.write(SCHEMA, [event("a", 1, 5)])
    grown = SCHEMA.grown([Definition("email", "String")])
    (read,) = parquet.read(grown, content)
    assert read.values == {"id": "a", "x": "5", "at": "1.0"}
    assert "email" not in pq.read_table(io.BytesIO(content)).column_names


def test_folders_and_names_as_aws_documents_them() -> None:
    """The developer guide's example is 20130917T064401Z_108934320012Az11.parquet in an hour's folder of the event."""
    moment = 1379400241 * SECOND
    assert history.partition(moment) == "year=2013/month=09/day=17/hour=06"
    assert history.file_name(moment, "108934320012Az11") == "20130917T064401Z_108934320012Az11.parquet"


def test_a_number_that_identifies_is_found_however_it_is_written() -> None:
    schema = Schema(
        "id", "at", (Definition("id", "Integral"), Definition("x", "Integral"), Definition("at", "Fractional"))
    )
    table = Table("t", ("id",), tuple(Row(number, (text,)) for number, text in enumerate(["7", "007", "+7", "8"], 2)))
    joined = point_in_time(table, schema, History("id", [event("7", 1, 5)]), moment=2 * SECOND)
    assert (joined.matched, [row[1] for row in joined.rows]) == (3, ["5", "5", "5", ""])
