"""The schema of a group that is to hold a table."""

from pathlib import Path

import pytest

from localsagemaker.feature_store.schema import Definition, SchemaError
from mdlc.features.inference import from_table, infer, parse
from mdlc.features.table import Table, TableError, read


def table(tmp_path: Path, text: str) -> Table:
    file = tmp_path / "t.csv"
    file.write_text(text)
    return read(file)


def test_the_narrowest_type_that_every_value_has(tmp_path: Path) -> None:
    found = infer(table(tmp_path, "i,f,e,s,n,mixed\n1,1.5,1e-05,x,,1\n-2,2,3,1,,\n"))
    assert {item.name: item.type for item in found} == {
        "i": "Integral",
        "f": "Fractional",
        "e": "Fractional",
        "s": "String",
        "n": "String",
        "mixed": "Integral",
    }


def test_a_whole_number_that_64_bits_do_not_hold_is_text(tmp_path: Path) -> None:
    found = infer(table(tmp_path, "a,b\n9223372036854775807,9223372036854775808\n"))
    assert [item.type for item in found] == ["Integral", "String"]


@pytest.mark.parametrize("text", ["02134", "+4915112345", "00.5", "+1.5", "12345678901234567890", "1e400", "-1e400"])
def test_what_a_number_would_lose_is_text(tmp_path: Path, text: str) -> None:
    (found,) = infer(table(tmp_path, f"a\n{text}\n"))
    assert found.type == "String"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((text, "Integral") for text in ("0", "-7", "10", "9007199254740993")),
        *((text, "Fractional") for text in ("0.5", "-.5", "2.", "1e-05", "1E5", "1.50", "1e308")),
    ],
)
def test_what_a_number_says_whole_is_one(tmp_path: Path, text: str, kind: str) -> None:
    (found,) = infer(table(tmp_path, f"a\n{text}\n"))
    assert found.type == kind


def test_identifiers_with_decimals_are_text(tmp_path: Path) -> None:
    """1.10 and 1.1 are two chapters, and one number."""
    rows = "id,x\n1.10,1.10\n1.1,1.1\n"
    assert from_table(table(tmp_path, rows), "id").types == {
        "id": "String",
        "x": "Fractional",
        "EventTime": "Fractional",
    }


def test_a_group_for_a_table_without_times_gets_an_event_time(tmp_path: Path) -> None:
    """The original adds `EventTime` as float64 to its four columns."""
    schema = from_table(table(tmp_path, "customer_id,city_code\n573291,1\n"), "customer_id")
    assert schema.types == {"customer_id": "Integral", "city_code": "Integral", "EventTime": "Fractional"}


def test_an_event_time_of_whole_seconds_is_fractional(tmp_path: Path) -> None:
    assert from_table(table(tmp_path, "id,EventTime\n1,1700000000\n"), "id").types["EventTime"] == "Fractional"


def test_a_table_without_the_identifier_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="The record identifier 'customer_id' is not among the features a, EventTime"):
        from_table(table(tmp_path, "a\n1\n"), "customer_id")


def test_a_column_that_no_feature_can_be_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"t\.csv: 'home town' cannot name a feature"):
        infer(table(tmp_path, "home town\nx\n"))


def test_features_of_the_command_line() -> None:
    assert parse("email:String") == Definition("email", "String")
    for text in ("email", "email:Text"):
        with pytest.raises(SchemaError):
            parse(text)
