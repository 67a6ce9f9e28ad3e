"""Raw tables: CSV files with a header, read row by row, and everything that is wrong with them.

Nothing but the standard library is imported, so that whoever publishes data can check it before a job does.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tabular.encoding import EncodingError, column_name, parse_number
from tabular.labels import SETS, Labels
from tabular.recipes import Recipe, same_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MOST_PROBLEMS = 100
MOST_CATEGORIES = 1000  # each becomes a feature
DAMAGED = "a NUL character: the file is damaged, or not UTF-8"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Problem:
    """What is wrong with a table: in a row (1 is the first after the header) and column, or in the whole file."""

    file: str
    sentence: str
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        """Return the sentence and where it holds."""
        return f"{self.file}, row {self.row}: {self.sentence}" if self.row else f"{self.file} {self.sentence}"


class UnreadableError(Exception):
    """A table, or the row at which reading stops, is no CSV; the sentence goes on from the file's name."""

    def __init__(self, sentence: str, row: int = 0) -> None:
        super().__init__(sentence)
        self.row = row


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Yield the number of each row, and its fields by column or the sentence about a row that has others.

    The header must have exactly ``columns``, in any order and any case; UnreadableError says what is wrong.
    """
    if not path.is_file():
        raise UnreadableError(f"is missing: {path.parent} has {listing(path.parent)}")
    if not path.stat().st_size:
        raise UnreadableError("is empty")
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = _header(next(lines), columns)
            for number, cells in enumerate(lines, start=1):
                if not cells:
                    continue
                if len(cells) != len(header):
                    yield number, f"it has {len(cells)} fields, the header has {len(header)}"
                elif any("\0" in cell for cell in cells):
                    yield number, DAMAGED
                else:
                    yield number, dict(zip(header, cells, strict=True))
    except UnicodeDecodeError:
        raise UnreadableError(_bad_byte(path)) from None
    except csv.Error as error:
        raise UnreadableError(f"is not CSV: {error} (after row {number})") from None


def divider(header: Sequence[str]) -> str:
    """Return what divides the names in a header of one cell, in words; empty where commas do, or nothing."""
    found = next((mark for mark in ";\t|" if len(header) == 1 and mark in header[0]), "")
    return "tabs" if found == "\t" else found and repr(found)


def _header(cells: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return the names of a table's columns; raise UnreadableError unless they are ``columns``, in any order."""
    if mark := divider(cells):
        raise UnreadableError(f"is divided by {mark}: save it as CSV with commas")
    if "\0" in "".join(cells):
        raise UnreadableError(f"has {DAMAGED}")
    header = [column_name(name) for name in cells]
    for name in columns:
        if name not in header:
            raise UnreadableError(f"has no column {name}: it has {', '.join(map(_plain, header))}")
    for position, name in enumerate(header):
        if name not in columns:
            raise UnreadableError(f"has the unknown column {name!r}: the recipe knows {', '.join(columns)}")
        if name in header[:position]:
            raise UnreadableError(f"has the column {name} twice")
    return header


def _plain(text: str) -> str:
    return text if text.isprintable() else repr(text)


def _bad_byte(path: Path) -> str:
    """Return the sentence about the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                place, byte = done - kept + error.start, error.object[error.start]
                return f"is not UTF-8: byte {place} is {byte:#04x}, so save it as CSV in UTF-8"
            done += len(chunk)


def listing(folder: Path) -> str:
    """Return what is in a folder, in words."""
    if not folder.is_dir():
        return "no files"
    return ", ".join(sorted(entry.name for entry in folder.iterdir())) or "no files"


def check_rows(recipe: Recipe, tables: Mapping[str, Path], most: int = MOST_PROBLEMS) -> list[Problem]:
    """Return what is wrong with the tables (their paths by their names in the recipe), row by row, the first ``most``.

    One row is held at a time, and beside it every identifier, and every category of the columns that have them.
    """
    first, *others = recipe.tables
    found = {file: _Check(recipe, file, most) for file in recipe.tables}
    for file in (*others, first):
        found[file].read(tables[file], {name: found[name] for name in others if name != file} if file == first else {})
    return [problem for check in found.values() for problem in check.problems][:most]


@dataclass
class _Check:
    """The check of one table."""

    recipe: Recipe
    file: str
    most: int
    problems: list[Problem] = field(default_factory=list)
    identifiers: set[str] = field(default_factory=set)
    is_readable: bool = False

    def read(self, path: Path, joined: Mapping[str, _Check]) -> None:
        """Read the table; every identifier must be in the tables that are joined to it."""
        columns = self.recipe.tables[self.file]
        labels = _LabelCheck(self.recipe, self.most) if self.recipe.label in columns else None
        categories: dict[str, set[str]] = {name: set() for name in columns if name in self.recipe.categorical}
        count = 0
        try:
            for row, fields in read_rows(path, columns):
                count += 1
                if isinstance(fields, str):
                    self._add(row, "", fields)
                    continue
                self._identify(row, fields, joined)
                for name in columns:
                    self._field(row, name, fields[name])
                for name, seen in categories.items():
                    if len(seen) <= MOST_CATEGORIES:
                        seen.add(same_text(fields[name]))
                if labels:
                    labels.add(row, fields[self.recipe.label])
            self.is_readable = True
        except UnreadableError as error:
            self._add(0, "", str(error))
            return
        self._whole(count, categories, labels)

    def _whole(self, count: int, categories: Mapping[str, set[str]], labels: _LabelCheck | None) -> None:
        if not count:
            self._add(0, "", "has a header but no rows")
            return
        for name, seen in categories.items():
            if len(seen) > MOST_CATEGORIES:
                self._add(
                    0, name, f"has more than {MOST_CATEGORIES} categories in the column {name}, and each becomes a"
                    ' feature: call it "number" or "ignore"'
                )  # fmt: skip
        if labels:
            self.problems += [Problem(self.file, *rest) for rest in labels.problems(count)]
            self.problems.sort(key=lambda problem: (not problem.row, problem.row))  # those of the whole file last

    def _add(self, row: int, column: str, sentence: str) -> None:
        if len(self.problems) < self.most:
            self.problems.append(Problem(self.file, sentence, row, column))

    def _identify(self, row: int, fields: Mapping[str, str], joined: Mapping[str, _Check]) -> None:
        name = self.recipe.identifier
        if not name:
            return
        value = fields[name].strip()
        if not value:
            self._add(row, name, f"column {name} is empty")
            return
        is_unique = not joined  # a row of the first table may share a row of the tables that are joined to it
        if is_unique and value in self.identifiers:
            self._add(row, name, f"{name} {_plain(value)} is there twice")
        if is_unique:
            self.identifiers.add(value)
        for other in joined.values():
            if other.is_readable and value not in other.identifiers:
                self._add(row, name, f"{name} {_plain(value)} is not in {other.file}")

    def _field(self, row: int, name: str, text: str) -> None:
        recipe = self.recipe
        if name in recipe.ignored or name in recipe.categorical or not text.strip():
            return
        if name in recipe.ordinal:
            levels = recipe.ordinal[name]
            if same_text(text) not in levels and text not in levels:
                known = ", ".join(levels)
                self._add(row, name, f"column {name} has the unknown category {text!r}: it must be one of {known}")
            return
        try:
            parse_number(name, text)
        except EncodingError as error:
            self._add(row, name, f"column {name} {error.problem}")


class _LabelCheck:
    """The labels of a table, and the first rows of those that are none."""

    def __init__(self, recipe: Recipe, most: int) -> None:
        self._recipe = recipe
        self._most = most
        self._numbers = Labels.of(recipe, ()) if recipe.objective == "regression" else None
        self._counts: Counter[str] = Counter()
        self._rows: dict[str, list[int]] = {}

    def add(self, row: int, text: str) -> None:
        """Count a label."""
        if self._numbers and not self._numbers.problem(text):
            return
        text = same_text(text)
        if text not in self._counts and len(self._counts) > MOST_CATEGORIES:
            return  # far too many values already
        self._counts[text] += 1
        rows = self._rows.setdefault(text, [])
        if len(rows) < self._most:
            rows.append(row)

    def problems(self, count: int) -> list[tuple[str, int, str]]:
        """Return the sentences about labels that are none, and about classes that have too few rows."""
        name = self._recipe.label
        labels = self._numbers or Labels.of(self._recipe, self._counts.elements())
        found = [
            (sentence, row, name)
            for text, rows in self._rows.items()
            if (sentence := labels.problem(text))
            for row in rows
        ]
        if found:
            return found
        if count < labels.fewest_rows:
            rows = "1 row" if count == 1 else f"{count} rows"
            return [(f"has {rows}, which is too few: at least {labels.fewest_rows} are needed", 0, name)]
        needed = f"at least {SETS} are needed, one in each of the train, validation and test sets"
        return [
            (f"has {self._counts[each]} rows with the label {name} = {each or 'another value'}: {needed}", 0, name)
            for each in labels.classes
            if self._counts[each] < SETS
        ]
