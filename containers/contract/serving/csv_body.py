"""A request's CSV: plain numbers at the speed of a JSON parser, else row by row up to the first that is wrong."""

from __future__ import annotations

import csv
import io
import math
import re
from itertools import count, islice
from typing import TYPE_CHECKING, Final

import numpy as np
import orjson

from contract.excerpt import excerpt
from contract.serving.messages import RequestError, not_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = list[float]
Rows = list[Row]

BLANK: Final = b" \t\r\n"
SMALL: Final = 1 << 16
"""Bytes of a body that costs little whatever it holds."""
BLOCK: Final = 1000
MOST_CELLS: Final = 3 << 20
"""As many as numbers of one digit make in a request of 6 MB, so that only a table of empty cells can have more."""
NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_PLAIN: Final = b"0123456789+-.eE, \t\r\n"


def read_csv(body: bytes, width: int, *, with_missing: bool = False) -> Rows:
    """Return the numbers of a headerless CSV; RequestError 400 names the first row that is wrong, and its column.

    Every row must have ``width`` numbers. An empty cell is NaN for a model ``with_missing`` values, else it is refused.
    """
    lines = body.rstrip(BLANK)
    if b"\r" in lines:
        lines = lines.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    rows = _plain(lines, width, with_missing=with_missing)
    if rows is not None:
        return rows
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(error) from None
    return list(_in_blocks(lines, width, with_missing=with_missing))


def wrong_width(row: int, found: int, width: int) -> RequestError:
    """Return the error of a row with another number of columns than the model's features."""
    message = f"Row {row} has {found} columns: the model takes {width} features."
    return RequestError(400, "WrongColumnCount", message)


def _plain(lines: bytes, width: int, *, with_missing: bool) -> Rows | None:
    """Return a table of plain numbers, as nearly all are: a JSON parser reads them many times faster than a CSV reader.

    None where some cell or row is another.
    """
    if lines.translate(None, _PLAIN) or (len(lines) > SMALL and not _has_cells(lines, width)):
        return None
    rows = _parse(b"[[" + lines.replace(b"\n", b"],[") + b"]]", with_missing=with_missing)
    if rows is None:
        return None
    for row in rows:
        if len(row) != width:
            return None
    return rows


def _has_cells(lines: bytes, width: int) -> bool:
    """Say whether a table has as many cells as so many rows of ``width`` have; RequestError 413 for too many."""
    signs = np.frombuffer(lines, np.uint8)
    rows = int(np.count_nonzero(signs == ord("\n"))) + 1
    if int(np.count_nonzero(signs == ord(","))) != rows * (width - 1):
        return False
    if rows * width > MOST_CELLS:
        message = f"The table has {rows} rows: at most {MOST_CELLS // width} are taken at once, so send it in parts."
        raise RequestError(413, "TooManyRows", message)
    return True


def _parse(table: bytes, *, with_missing: bool) -> Rows | None:
    """Return a JSON table of numbers; None where a cell is no number as JSON writes it, or empty and must not be."""
    try:
        rows: Rows = orjson.loads(table)
    except orjson.JSONDecodeError:
        pass
    else:
        return rows
    if with_missing:
        try:
            return _nan_for_nulls(orjson.loads(_nulls_for_empty_cells(table)))
        except orjson.JSONDecodeError:
            pass
    return None


def _nulls_for_empty_cells(table: bytes) -> bytes:
    """Return a JSON table with null where cells are empty."""
    for _ in range(2):  # neighbours share a comma
        table = table.replace(b",,", b",null,")
    return table.replace(b"[,", b"[null,").replace(b",]", b",null]").replace(b"[]", b"[null]")


def _nan_for_nulls(table: list[list[float | None]]) -> Rows:
    return [[math.nan if cell is None else cell for cell in row] for row in table]


def _in_blocks(lines: bytes, width: int, *, with_missing: bool) -> Iterator[Row]:
    """Yield the rows of a table with something in it that is not plain: only rows near it are read one by one."""
    file = io.BytesIO(lines)
    for first in count(1, BLOCK):
        block = b"".join(islice(file, BLOCK)).removesuffix(b"\n")
        if not block and file.tell() == len(lines):
            return
        rows = _plain(block, width, with_missing=with_missing)
        if rows is not None:
            yield from rows
            continue
        for number, line in enumerate(block.split(b"\n"), start=first):
            yield _row(line.decode(), number, width, with_missing=with_missing)


def _row(line: str, number: int, width: int, *, with_missing: bool) -> Row:
    if '"' in line:
        try:
            cells = next(csv.reader([line], strict=True))
        except csv.Error as error:
            raise RequestError(400, "InvalidCsv", f"Row {number} is not CSV: {error}.") from None
        found = len(cells)
        rows = _plain(",".join(cells).encode(), width, with_missing=with_missing) if found == width else None
        if rows is not None:
            return rows[0]
    else:  # as many cells as the model takes say all that there is to say, of however many
        cells = line.split(",", width)
        found = line.count(",") + 1
    row = [
        math.nan if with_missing and not cell.strip(" \t") else _number(cell, number, column)
        for column, cell in enumerate(cells[:width], start=1)
    ]
    if found != width:
        raise wrong_width(number, found, width)
    return row


def _number(cell: str, row: int, column: int) -> float:
    text = cell.strip(" \t")
    if NUMBER.fullmatch(text):
        return float(text)
    what = f"the text {excerpt(text)}" if text else "nothing"
    raise RequestError(400, "NotANumber", f"Row {row}, column {column} has {what} where a number is expected.")
