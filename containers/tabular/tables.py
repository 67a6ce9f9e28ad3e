"""Reading and writing the two kinds of CSV: raw tables with a header, and feature tables without one."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from contract.cpus import available_cpus
from contract.errors import InputError
from tabular.encoding import LARGEST, column_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Floats = npt.NDArray[np.float32]


CELLS_PER_THREAD = 1_000_000


def threads_for(cells: int) -> int:
    """Return how many threads are worth starting for a table of so many cells.

    XGBoost's threads wait for each other many times a round: for a small table that costs more than it saves, and on
    a machine whose CPUs are busy it costs tens of times more.
    """
    return min(available_cpus(), 1 + cells // CELLS_PER_THREAD)


@dataclass(frozen=True)
class RawTable:
    """A CSV file with a header: every row as a dictionary of texts, row 1 being the first after the header."""

    name: str
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Examples:
    """Features (float32, rows by features) and labels (0 or 1, one per row)."""

    features: Floats
    labels: npt.NDArray[np.int8]


def read_raw_table(path: Path, columns: Sequence[str]) -> RawTable:
    """Read a CSV file that must have exactly ``columns``, in any order and any case; InputError says what is wrong."""
    if not path.is_file():
        raise InputError(f"{path.name} is missing: {path.parent} has {_listing(path.parent)}")
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True), strict=True))
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8: byte {error.start} is {error.object[error.start]:#04x}") from None
    except csv.Error as error:
        raise InputError(f"{path.name} is not CSV: {error}") from None
    if not lines:
        raise InputError(f"{path.name} is empty")
    header = [column_name(name) for name in lines[0]]
    _check_header(path.name, header, columns)
    rows = []
    for number, cells in enumerate(lines[1:], start=1):
        if cells and len(cells) != len(header):
            raise InputError(f"{path.name}, row {number}: it has {len(cells)} fields, the header has {len(header)}")
        if cells:
            rows.append(dict(zip(header, cells, strict=True)))
    if not rows:
        raise InputError(f"{path.name} has a header but no rows")
    return RawTable(path.name, tuple(rows))


def _check_header(file: str, header: Sequence[str], columns: Sequence[str]) -> None:
    for name in columns:
        if name not in header:
            raise InputError(f"{file} has no column {name}: it has {', '.join(header)}")
    for position, name in enumerate(header):
        if name not in columns:
            raise InputError(f"{file} has the unknown column {name!r}: the recipe knows {', '.join(columns)}")
        if name in header[:position]:
            raise InputError(f"{file} has the column {name} twice")


def _listing(folder: Path) -> str:
    return ", ".join(sorted(entry.name for entry in folder.iterdir())) or "no files"


def write_rows(path: Path, rows: Iterable[Sequence[float]]) -> None:
    """Write numbers as headerless CSV; whole numbers without a fraction, the rest so that they read back equal."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(",".join(str(int(v)) if v.is_integer() else repr(v) for v in map(float, row)))
            file.write("\n")


def read_examples(folder: Path, features: Sequence[str]) -> Examples:
    """Read every CSV file of a folder (headerless, label first); InputError names the file and the row."""
    files = sorted(path for path in folder.rglob("*.csv") if path.is_file())
    if not files:
        raise InputError(f"there is no CSV file in {folder}: it has {_listing(folder)}")
    tables = [_read_numbers(path, len(features) + 1) for path in files]
    table = np.concatenate(tables)
    labels = table[:, 0]
    wrong = np.flatnonzero((labels != 0) & (labels != 1))
    if wrong.size:
        raise InputError(
            f"{files[0].name}, row {wrong[0] + 1}: the label (first column) must be 0 or 1, not {labels[wrong[0]]:g}"
            if len(files) == 1
            else f"{folder.name}: a label (first column) must be 0 or 1, not {labels[wrong[0]]:g}"
        )
    return Examples(np.ascontiguousarray(table[:, 1:], dtype=np.float32), labels.astype(np.int8))


def _read_numbers(path: Path, width: int) -> npt.NDArray[np.float64]:
    if path.stat().st_size == 0:
        raise InputError(f"{path.name} is empty")
    try:
        table = np.loadtxt(path, delimiter=",", ndmin=2, dtype=np.float64, comments=None, encoding="utf-8")
    except ValueError as error:
        raise InputError(f"{path.name} is not a headerless CSV of numbers: {error}") from None
    if table.shape[0] == 0:
        raise InputError(f"{path.name} is empty")
    if table.shape[1] != width:
        raise InputError(f"{path.name} has {table.shape[1]} columns: the label and {width - 1} features are expected")
    rows, columns = np.nonzero(~(np.abs(table) <= LARGEST))
    if rows.size:
        problem = "is too large" if np.isfinite(table[rows[0], columns[0]]) else "is not finite"
        raise InputError(f"{path.name}, row {rows[0] + 1}, column {columns[0] + 1}: the number {problem}")
    return table
