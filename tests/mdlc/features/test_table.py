"""Tables as spreadsheets leave them, and files that are none."""

from pathlib import Path

import pytest

from mdlc.features.table import TableError, read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customer.csv"


def test_a_byte_order_mark_and_crlf_are_no_part_of_the_data(file: Path) -> None:
    """The published customer.csv begins with EF BB BF, ends lines with CRLF, and its last line with nothing."""
    file.write_bytes(b"\xef\xbb\xbfcustomer_id,city_code\r\n573291,1\r\n124013,4")
    table = read(file)
    assert table.columns == ("customer_id", "city_code")
    assert [table.record(row) for row in table.rows] == [
        {"customer_id": "573291", "city_code": "1"},
        {"customer_id": "124013", "city_code": "4"},
    ]


def test_ragged_rows_are_kept_as_they_stand_with_the_reason(file: Path) -> None:
    file.write_text("a,b\n1\n1,2,3\n1,2\n")
    short, long, good = read(file).rows
    assert (short.number, short.cells) == (2, ("1",))
    assert short.problem == "It has 1 cells, and the header has 2."
    assert long.cells == ("1", "2", "3")
    assert long.problem
    assert good.problem is None


def test_blank_lines_are_passed_over_and_still_counted(file: Path) -> None:
    file.write_text("a\n\n1\n\n")
    assert [(row.number, row.cells) for row in read(file).rows] == [(3, ("1",))]


def test_quoted_cells_may_hold_commas_and_ends_of_lines(file: Path) -> None:
    file.write_bytes(b'a,b\r\n"x, y","1\r\n2"\r\n')
    assert read(file).rows[0].cells == ("x, y", "1\r\n2")


def test_the_notes_of_rejected_rows_are_left_out(file: Path) -> None:
    file.write_text("rejected_row,rejection_reason,a\n7,because,1\n")
    table = read(file)
    assert table.columns == ("a",)
    assert table.rows[0].cells == ("1",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty."),
        (b"\r\n\r\n", "is empty."),
        (b"a,b\n", "has a header and no rows."),
        (b"a,,b\n1,2,3\n", "has a column without a name."),
        (b"a,b,a\n1,2,3\n", "has two columns a."),
        (b"a\n\xff\n", "is not in UTF-8: byte 3 cannot be read."),
        (b'a\n"1"x\n', "is no CSV file: line 2: "),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content: bytes, sentence: str, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(TableError) as refused:
        read(file)
    assert str(refused.value).startswith(f"{file} ")
    assert sentence in str(refused.value)


def test_a_missing_file_is_named(file: Path) -> None:
    with pytest.raises(TableError, match="is not a file"):
        read(file)
