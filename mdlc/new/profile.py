"""What is in the columns of a CSV file, read row by row, so that a file of any size can be looked at."""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mdlc.errors import InputError
from tabular.encoding import column_name
from tabular.raw_tables import DAMAGED, divider
from tabular.recipes import same_text

MOST_VALUES: Final = 10_000
"""Different values of a column that are counted; beyond, it is known only that there are more."""
_WRITTEN: Final = re.compile(
    r"[+-]?[€$£¥]?\s?(\d{1,3}([ ,.'’\u00a0\u202f]\d{3})+|\d+)([.,]\d+)?\s?[€$£¥%]?"  # noqa: RUF001 - people's marks
)
"""A number as people write it, with thousands apart, a decimal comma or a unit."""
_DATE: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?|\d{1,2}[./]\d{1,2}[./]\d{4}"
)


@dataclass
class Column:
    """One column: how many cells are empty, how many hold a number or a date, and its different values with counts."""

    name: str
    rows: int = 0
    empty: int = 0
    numbers: int = 0
    whole: int = 0
    dates: int = 0
    written: int = 0
    """Cells with a number as people write it, such as 1,234.00 or 12 %, which is a text to a program."""
    lowest: float = math.inf
    highest: float = -math.inf
    values: Counter[str] = field(default_factory=Counter)
    more: bool = False
    """Whether there are values beyond those counted."""

    def add(self, cell: str) -> None:
        """Count one cell."""
        text = same_text(cell)
        self.rows += 1
        if not text:
            self.empty += 1
            return
        if text in self.values or len(self.values) < MOST_VALUES:
            self.values[text] += 1
        else:
            self.more = True
        if (number := as_number(text)) is not None:
            self.numbers += 1
            self.whole += number.is_integer()
            self.lowest, self.highest = min(self.lowest, number), max(self.highest, number)
        elif _DATE.fullmatch(text):
            self.dates += 1
        elif _WRITTEN.fullmatch(text):
            self.written += 1

    @property
    def filled(self) -> int:
        """Cells that are not empty."""
        return self.rows - self.empty

    @property
    def is_number(self) -> bool:
        """Whether every cell that is not empty holds a number."""
        return self.filled > 0 and self.numbers == self.filled

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own, as far as values were counted."""
        return not self.empty and self.rows > 1 and self.repeated is None

    @property
    def repeated(self) -> str | None:
        """The value that most rows share, if two do."""
        value, count = next(iter(self.values.most_common(1)), ("", 0))
        return value if count > 1 else None

    @property
    def example(self) -> str:
        """A cell that is no number and was meant to be one, where there is one."""
        return next((value for value in self.values if as_number(value) is None and _WRITTEN.fullmatch(value)), "")


@dataclass(frozen=True)
class Profile:
    """A CSV file: its name, how many rows it has, and its columns in their order."""

    name: str
    rows: int
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """Return the column called `name`, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


def as_number(text: str) -> float | None:
    """Return the finite number that `text` writes in digits, if it does."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def read(file: Path) -> Profile:
    """Look at a CSV file with a header; raise `InputError`, which names file and row, for one that is none."""
    if file.is_dir():
        raise InputError(f"{file} is a folder: name the CSV file in it.")
    if file.suffix != ".csv":
        raise InputError(f"{file} is not named like a table: let its name end in .csv.")
    if not file.is_file():
        raise InputError(f"{file} is no file: name a CSV file.")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return _read(file, csv.reader(lines, strict=True))
    except UnicodeDecodeError:
        raise InputError(f"{file} is not in UTF-8: save it as CSV in UTF-8.") from None
    except csv.Error as error:
        raise InputError(f"{file} is no CSV file: {error}.") from None


def _read(file: Path, rows: Iterator[list[str]]) -> Profile:
    header = [name.strip() for name in next(rows, [])]
    _check(file, header)
    columns = tuple(Column(name) for name in header)
    count = 0
    for number, row in enumerate(rows, start=1):
        if not row:
            continue
        if len(row) != len(header):
            raise InputError(f"{file}, row {number}: it has {len(row)} cells, the header has {len(header)}.")
        if "\0" in "".join(row):
            raise InputError(f"{file}, row {number}: {DAMAGED}.")
        count += 1
        for column, cell in zip(columns, row, strict=True):
            column.add(cell)
    if not count:
        raise InputError(f"{file} has a header and no rows.")
    return Profile(file.name, count, columns)


def _check(file: Path, header: list[str]) -> None:
    if not any(header):
        raise InputError(f"{file} is empty: its first row names the columns.")
    if "\0" in "".join(header):
        raise InputError(f"{file} has {DAMAGED}: save it as CSV in UTF-8.")
    if mark := divider(header):
        raise InputError(f"{file} is divided by {mark}: save it as CSV with commas.")
    if nameless := [number for number, name in enumerate(header, start=1) if not name]:
        raise InputError(f"{file}: column {nameless[0]} has no name in the first row.")
    if twice := [name for name, times in Counter(header).items() if times > 1]:
        raise InputError(f"{file} has the column {twice[0]} twice: give each a name of its own.")
    known: dict[str, str] = {}
    for name in header:
        if (other := known.setdefault(column_name(name), name)) != name:
            raise InputError(
                f"{file} has the columns {other!r} and {name!r}, which are both {column_name(name)} to the platform: it"
                " knows no upper case, and has _ for blanks. Give one of them another name."
            )
    if all(as_number(name) is not None for name in header):
        raise InputError(f"{file} has no header: its first row is numbers, and must name the columns.")
