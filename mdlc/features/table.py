"""Tables in CSV files, with the marks that spreadsheets leave: a byte-order mark, and CRLF at the ends of lines."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mdlc.errors import InputError

NOTES: Final = ("rejected_row", "rejection_reason")
"""Columns of a file of rejected rows that are not its data."""
_LARGEST_CELL: Final = 358_400
"""Characters that a feature may hold."""


class TableError(InputError):
    """A file that is no table; the message is a sentence that names it."""


@dataclass(frozen=True)
class Row:
    """One row: its number in the file (the header is 1), its cells as they stand, and why it is no row of the table."""

    number: int
    cells: tuple[str, ...]
    problem: str | None = None


@dataclass(frozen=True)
class Table:
    """A table with named columns."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def record(self, row: Row) -> dict[str, str]:
        """Return the cells of a row by column."""
        return dict(zip(self.columns, row.cells, strict=True))


def read(path: Path) -> Table:
    """Read a CSV file in UTF-8, with or without byte-order mark and CRLF; `TableError` when it is no table.

    A row with too many or too few cells is kept with its problem. The notes of a file of rejected rows are left out,
    so that a corrected one can be ingested as it is.
    """
    if not path.is_file():
        raise TableError(f"{path} is not a file.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not in UTF-8: byte {error.start + 1} cannot be read.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(number, cells) for number, cells in _lines(reader) if any(cells)]
    except csv.Error as error:
        raise TableError(f"{path} is no CSV file: line {reader.line_num}: {error}.") from None
    if not lines:
        raise TableError(f"{path} is empty.")
    header = [name.strip() for name in lines[0][1]]
    kept = [index for index, name in enumerate(header) if name not in NOTES]
    columns = tuple(header[index] for index in kept)
    _check(path, columns)
    if len(lines) == 1:
        raise TableError(f"{path} has a header and no rows.")
    return Table(str(path), columns, tuple(_row(number, cells, header, kept) for number, cells in lines[1:]))


def _lines(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    before = csv.field_size_limit(_LARGEST_CELL)
    try:
        yield from enumerate(reader, 1)
    finally:
        csv.field_size_limit(before)


def _row(number: int, cells: Sequence[str], header: Sequence[str], kept: Sequence[int]) -> Row:
    if len(cells) != len(header):
        return Row(number, tuple(cells), f"It has {len(cells)} cells, and the header has {len(header)}.")
    return Row(number, tuple(cells[index].strip() for index in kept))


def _check(path: Path, columns: Sequence[str]) -> None:
    if not columns or not all(columns):
        raise TableError(f"{path} has a column without a name.")
    if twice := [name for name, times in Counter(columns).items() if times > 1]:
        raise TableError(f"{path} has two columns {twice[0]}.")


def write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a CSV file, and the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
