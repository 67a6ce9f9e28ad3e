"""The encoding of raw fields as features: fitted once by ``prepare``, kept beside the model, used for every record.

``Encoding.encode`` is the only place where a raw field becomes a number, for the rows of a table and for a single
record of a request alike.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from contract.excerpt import excerpt
from tabular.recipes import Bias, Objective, same_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Kind = Literal["number", "ordinal", "one_hot"]
LARGEST = (2 - 2**-23) * 2.0**127
"""The largest feature: what 32 bits hold, in which trees compare."""
LONGEST_NAME = 100
_NOT_IN_TREES = str.maketrans("[]<", "()_")  # XGBoost refuses these in a feature's name


class EncodingError(ValueError):
    """A record cannot be encoded; ``field`` says where, ``problem`` what is wrong with it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"field {_name(field)} {problem}")
        self.field = field
        self.problem = problem


@dataclass
class Gaps:
    """The missing values of one record: empty columns, and those of a category that training had not seen."""

    missing: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.missing or self.unseen)


@dataclass(frozen=True)
class Column:
    """One raw column and the features that it becomes.

    ``values`` gives each known category its features (ordinal: one level; one-hot: one indicator per feature), so
    that encoding is a look-up; a number has none. The key "" is there where training had empty cells: then a missing
    value has an indicator of its own, else a one-hot column is all zeros. A number or ordinal that is missing is NaN.
    """

    name: str
    kind: Kind
    features: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]

    @cached_property
    def nothing(self) -> tuple[float, ...]:
        """The features of a value that is not known."""
        return (0.0,) * len(self.features) if self.kind == "one_hot" else (math.nan,)

    @cached_property
    def missing(self) -> tuple[float, ...]:
        """The features of an empty cell or null."""
        return self.values.get("", self.nothing)

    def encode(self, value: object) -> Sequence[float]:
        """Return the features of one raw value that is there; EncodingError when it is none of the column's type."""
        if self.kind == "number":
            return (parse_number(self.name, value),)
        if isinstance(value, str) and value in self.values:
            return self.values[value]
        return self.values.get(_category(self.name, value), self.nothing)


def parse_number(name: str, value: object) -> float:
    """Return the number that a field has, as JSON or as text; EncodingError when it is none that 32 bits hold."""
    if type(value) is float or type(value) is int:
        number = float(value)
    elif isinstance(value, str):
        try:
            # what Python would take besides: 1_0, and digits and blanks of every script
            number = float(value if value.isascii() and "_" not in value else "")
        except ValueError:
            raise EncodingError(name, f"must be a number, not the text {excerpt(value)}") from None
    else:
        raise EncodingError(name, f"must be a number, not {excerpt(value)}")
    if not math.isfinite(number):
        raise EncodingError(name, f"must be a finite number, not {excerpt(value)}")
    if abs(number) > LARGEST:
        raise EncodingError(name, f"must be a number of at most {LARGEST:g}, not {excerpt(value)}")
    return number


def _name(text: str) -> str:
    """Return a field's name as it is, unless a message would suffer from it."""
    return text if text.isprintable() and len(text) <= LONGEST_NAME else excerpt(text)


def _category(name: str, value: object) -> str:
    """Return a category as tables have it: JSON has numbers, true and false without quotes."""
    if isinstance(value, str):
        return same_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return same_text(repr(value))
    raise EncodingError(name, f"must be a text, not {excerpt(value)}")


@dataclass(frozen=True)
class Encoding:
    """All columns in the order of the features, the fields that a record may carry for nothing, and what is predicted.

    ``classes`` are the label's values in the order of their numbers; a regression has none.
    """

    label: str
    columns: tuple[Column, ...]
    ignored: frozenset[str]
    objective: Objective = "binary"
    classes: tuple[str, ...] = ("0", "1")
    bias: Bias | None = None

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names that a record may have."""
        return self.ignored | {column.name for column in self.columns}

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The names of the features, in order."""
        return tuple(feature for column in self.columns for feature in column.features)

    def encode(self, record: Mapping[str, object], gaps: Gaps | None = None) -> list[float]:
        """Return the features of one raw record, in order; EncodingError names the field that is absent or wrong.

        What is missing or unseen is no error: ``gaps`` is told its name.
        """
        if not record.keys() <= self.fields:
            record = self._by_column(record)
        gaps = Gaps() if gaps is None else gaps
        row: list[float] = []
        for column in self.columns:
            if column.name not in record:
                raise EncodingError(column.name, "is missing")
            value = record[column.name]
            if value is None or (isinstance(value, str) and not value.strip()):
                gaps.missing.append(column.name)
                row.extend(column.missing)
                continue
            features = column.encode(value)
            if features is column.nothing:
                gaps.unseen.append(column.name)
            row.extend(features)
        return row

    def _by_column(self, record: Mapping[str, object]) -> dict[str, object]:
        """Return a record spelled in another way; EncodingError for a name that is unknown or there twice."""
        found: dict[str, object] = {}
        for given, value in record.items():
            name = column_name(given)
            if name not in self.fields:
                raise EncodingError(name, "is unknown")
            if name in found:
                raise EncodingError(name, "is there twice, in two spellings")
            found[name] = value
        return found

    def to_json(self) -> str:
        """Return the text of features.json."""
        return json.dumps(
            {
                "label": self.label,
                "objective": self.objective,
                "classes": self.classes,
                "features": self.features,
                "ignored": sorted(self.ignored),
                "columns": [
                    {"name": c.name, "kind": c.kind, "features": c.features, "values": c.values} for c in self.columns
                ],
                "bias": None if self.bias is None else asdict(self.bias),
            },
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Encoding:
        """Read features.json; one that names no objective is of a binary model."""
        document = json.loads(text)
        bias = document.get("bias")
        if bias is not None:
            favorable = bias["favorable"]
            bias = Bias(bias["facet"], bias["value"], tuple(favorable) if isinstance(favorable, list) else favorable)
        return cls(
            label=document["label"],
            objective=document.get("objective", "binary"),
            classes=tuple(document.get("classes", ("0", "1"))),
            ignored=frozenset(document["ignored"]),
            columns=tuple(
                Column(c["name"], c["kind"], tuple(c["features"]), {k: tuple(v) for k, v in c["values"].items()})
                for c in document["columns"]
            ),
            bias=bias,
        )


def column_name(text: str) -> str:
    """Return the name of a column as the platform writes it: lower case, words joined by underscores."""
    return re.sub(r"\s+", "_", text.strip().lower())


def number(name: str) -> Column:
    """Return a column whose value is the feature."""
    return Column(name, "number", (name,), {})


def ordinal(name: str, levels: Mapping[str, float]) -> Column:
    """Return a column whose categories have an order."""
    return Column(name, "ordinal", (name,), {value: (level,) for value, level in levels.items()})


def one_hot(name: str, categories: Iterable[str], dropped: frozenset[str] = frozenset()) -> Column:
    """Return a column with one 0/1 feature per category, named ``<column>_<category>``, less the ``dropped`` ones.

    The category "" is a missing value: its feature is ``<column>_missing``.
    """
    ordered = sorted(set(categories))
    named = [(value, f"{name}_{_category_name(value)}") for value in ordered]
    kept = [(value, feature) for value, feature in named if feature not in dropped]
    values = {value: tuple(float(value == own) for own, _ in kept) for value in ordered}
    return Column(name, "one_hot", tuple(feature for _, feature in kept), values)


def distinct(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns with features that trees can tell apart: of one name, the second gets ``_2`` and so on."""
    taken: set[str] = set()

    def free(feature: str) -> str:
        plain = feature.translate(_NOT_IN_TREES)
        names = (plain, *(f"{plain}_{number}" for number in range(2, len(taken) + 3)))
        name = next(each for each in names if each not in taken)
        taken.add(name)
        return name

    return tuple(replace(column, features=tuple(map(free, column.features))) for column in columns)


def _category_name(value: str) -> str:
    """Return a category as a part of a feature's name: letters of any language, with their marks, digits and _."""
    if not value:
        return "missing"
    return "".join(sign for sign in column_name(value) if sign == "_" or unicodedata.category(sign)[0] in "LMN")
