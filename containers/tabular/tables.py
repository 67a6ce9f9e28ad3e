"""Tables of features: headerless CSV of numbers, the label first."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from contract.cpus import available_cpus
from contract.errors import InputError
from contract.files import data_files
from tabular.encoding import LARGEST
from tabular.raw_tables import listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tabular.encoding import Encoding

Floats = npt.NDArray[np.float32]
_NAN = re.compile("nan", re.IGNORECASE)

CELLS_PER_THREAD = 1_000_000


def threads_for(cells: int) -> int:
    """Return how many threads are worth starting for a table of so many cells.

    XGBoost's threads wait for each other many times a round: for a small table that costs more than it saves, and on
    a machine whose CPUs are busy it costs tens of times more.
    """
    return min(available_cpus(), 1 + cells // CELLS_PER_THREAD)


@dataclass(frozen=True)
class Examples:
    """Features (float32, rows by features, NaN where missing) and labels (a class's number or any, one per row)."""

    features: Floats
    labels: npt.NDArray[Any]


def write_rows(path: Path, rows: Iterable[Sequence[float]]) -> None:
    """Write numbers as headerless CSV: whole ones without a fraction, the rest so that they read back equal.

    NaN is an empty cell, as the server takes it too.
    """
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(",".join(map(_write_number, map(float, row))))
            file.write("\n")


def _write_number(value: float) -> str:
    if value != value:  # noqa: PLR0124 - NaN
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def read_examples(folder: Path, encoding: Encoding) -> Examples:
    """Read every CSV file of a folder (headerless, label first); InputError names the file and the row."""
    files = data_files(folder, "*.csv")
    if not files:
        raise InputError(f"there is no CSV file in {folder}: it has {listing(folder)}")
    table = np.concatenate([_read_numbers(path, len(encoding.features) + 1) for path in files])
    labels = table[:, 0]
    if encoding.classes:
        _check_classes(labels, len(encoding.classes), files, folder)
        labels = labels.astype(np.int64)
    return Examples(np.ascontiguousarray(table[:, 1:], dtype=np.float32), labels)


def _check_classes(labels: npt.NDArray[np.float64], classes: int, files: Sequence[Path], folder: Path) -> None:
    wrong = np.flatnonzero(~np.isin(labels, np.arange(classes)))
    if not wrong.size:
        return
    allowed = "0 or 1" if classes == 2 else f"a whole number from 0 to {classes - 1}"  # noqa: PLR2004 - binary
    place = f"{files[0].name}, row {wrong[0] + 1}" if len(files) == 1 else folder.name
    raise InputError(f"{place}: the label (first column) must be {allowed}, not {labels[wrong[0]]:g}")


def _read_numbers(path: Path, width: int) -> npt.NDArray[np.float64]:
    content = path.read_text(encoding="utf-8")
    if not content.strip():
        raise InputError(f"{path.name} is empty")
    if found := _NAN.search(content):  # an empty cell is a missing value; this is a text
        before = content[: found.start()]
        row, column = before.count("\n") + 1, before[before.rfind("\n") + 1 :].count(",") + 1
        raise InputError(f"{path.name}, row {row}, column {column}: the number is not finite")
    try:
        table = np.loadtxt(
            io.StringIO(_nan_for_empty_cells(content)), delimiter=",", ndmin=2, dtype=np.float64, comments=None
        )
    except ValueError as error:
        raise InputError(f"{path.name} is not a headerless CSV of numbers: {error}") from None
    if table.shape[1] != width:
        raise InputError(f"{path.name} has {table.shape[1]} columns: the label and {width - 1} features are expected")
    rows, columns = np.nonzero(np.abs(table) > LARGEST)
    if rows.size:
        problem = "is too large" if np.isfinite(table[rows[0], columns[0]]) else "is not finite"
        raise InputError(f"{path.name}, row {rows[0] + 1}, column {columns[0] + 1}: the number {problem}")
    return table


def _nan_for_empty_cells(content: str) -> str:
    """Return CSV with nan in its empty cells, but for the first of a row: every row has a label."""
    for _ in range(2):  # neighbours share a comma
        content = content.replace(",,", ",nan,")
    content = content.replace(",\r", ",nan\r").replace(",\n", ",nan\n")
    return f"{content}nan" if content.endswith(",") else content
