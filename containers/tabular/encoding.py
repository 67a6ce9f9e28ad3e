"""The encoding of raw fields as features: fitted once by ``prepare``, kept beside the model, used for every record.

``Encoding.encode`` is the only place where a raw field becomes a number, for the rows of a table and for a single
record of a request alike.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Kind = Literal["number", "ordinal", "one_hot"]
LARGEST = (2 - 2**-23) * 2.0**127
"""The largest feature: what 32 bits hold, in which trees compare."""


class EncodingError(ValueError):
    """A record cannot be encoded; ``field`` says where, ``problem`` what is wrong with it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"field {field} {problem}")
        self.field = field
        self.problem = problem


@dataclass(frozen=True)
class Column:
    """One raw column and the features that it becomes.

    ``values`` gives each known category its features (ordinal: one level; one-hot: one indicator per feature), so
    that encoding is a look-up; a number has none.
    """

    name: str
    kind: Kind
    features: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]

    def encode(self, value: object) -> Sequence[float]:
        """Return the features of one raw value; EncodingError when it is no number or an unknown category."""
        if self.kind == "number":
            return (self._number(value),)
        if isinstance(value, str) and value in self.values:
            return self.values[value]
        problem = "is empty" if value is None or value == "" else f"has the unknown category {value!r}"
        raise EncodingError(self.name, f"{problem}: it must be one of {', '.join(self.values)}")

    def _number(self, value: object) -> float:
        if type(value) is float or type(value) is int:
            number = float(value)
        elif isinstance(value, str) and value.strip():
            try:
                number = float(value)
            except ValueError:
                raise EncodingError(self.name, f"must be a number, not the text {value!r}") from None
        else:
            shown = "empty" if value is None or value == "" else f"{value!r}"
            raise EncodingError(self.name, f"must be a number, not {shown}")
        if not math.isfinite(number):
            raise EncodingError(self.name, f"must be a finite number, not {value!r}")
        if abs(number) > LARGEST:
            raise EncodingError(self.name, f"must be a number of at most {LARGEST:g}, not {value!r}")
        return number


@dataclass(frozen=True)
class Encoding:
    """All columns in the order of the features, the label, and the fields that a record may carry for nothing."""

    label: str
    columns: tuple[Column, ...]
    ignored: frozenset[str]

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names that a record may have."""
        return self.ignored | {column.name for column in self.columns}

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features, in order."""
        return tuple(feature for column in self.columns for feature in column.features)

    def encode(self, record: Mapping[str, object]) -> list[float]:
        """Return the features of one raw record, in order; EncodingError names the field that is missing or wrong."""
        if not record.keys() <= self.fields:
            record = {column_name(name): value for name, value in record.items()}
            for name in record:
                if name not in self.fields:
                    raise EncodingError(name, "is unknown")
        row: list[float] = []
        for column in self.columns:
            if column.name not in record:
                raise EncodingError(column.name, "is missing")
            row.extend(column.encode(record[column.name]))
        return row

    def to_json(self) -> str:
        """Return the text of features.json."""
        return json.dumps(
            {
                "label": self.label,
                "features": self.features,
                "ignored": sorted(self.ignored),
                "columns": [
                    {"name": c.name, "kind": c.kind, "features": c.features, "values": c.values} for c in self.columns
                ],
            },
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Encoding:
        """Read features.json."""
        document = json.loads(text)
        return cls(
            label=document["label"],
            ignored=frozenset(document["ignored"]),
            columns=tuple(
                Column(c["name"], c["kind"], tuple(c["features"]), {k: tuple(v) for k, v in c["values"].items()})
                for c in document["columns"]
            ),
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
    """Return a column with one 0/1 feature per category, named ``<column>_<category>``, less the ``dropped`` ones."""
    ordered = sorted(set(categories))
    named = {value: f"{name}_{_category_name(value)}" for value in ordered}
    if len(set(named.values())) < len(named):
        raise EncodingError(name, f"has categories that become the same feature name: {', '.join(ordered)}")
    features = tuple(feature for feature in named.values() if feature not in dropped)
    values = {value: tuple(float(feature == own) for feature in features) for value, own in named.items()}
    return Column(name, "one_hot", features, values)


def _category_name(value: str) -> str:
    return re.sub(r"[^0-9a-z_]", "", re.sub(r"\s+", "_", value.strip().lower()))
