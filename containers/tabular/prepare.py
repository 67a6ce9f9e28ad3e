"""``prepare``: raw tables to train, validation and test sets of numbers, and the encoding that made them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from contract.errors import InputError
from contract.job import log
from tabular.encoding import Column, Encoding, EncodingError, number, one_hot, ordinal
from tabular.recipes import Recipe, find_recipe
from tabular.tables import RawTable, read_raw_table, write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract.paths import Paths

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """How examples are divided: the test fraction of all, then the validation fraction of the rest."""

    seed: int = 42
    test_fraction: float = 0.1
    validation_fraction: float = 0.1

    def __post_init__(self) -> None:
        """Refuse fractions that leave a set empty by construction."""
        for name in ("test_fraction", "validation_fraction"):
            if not 0 < getattr(self, name) < 1:
                raise InputError(f"{name.replace('_', '-')} must be between 0 and 1, not {getattr(self, name):g}")
        if not 0 <= self.seed < 2**32:
            raise InputError(f"seed must be between 0 and {2**32 - 1}, not {self.seed}")


@dataclass(frozen=True)
class Record:
    """The fields of one example, joined over the tables, and the row of each table that they came from."""

    fields: Mapping[str, str]
    rows: Mapping[str, int]


def prepare(paths: Paths, recipe_name: str, split: Split) -> None:
    """Read processing input ``data``, write outputs train, validation, test, baseline and features."""
    recipe = find_recipe(recipe_name)
    folder = paths.processing_input("data")
    records = join_tables(recipe, [read_raw_table(folder / file, names) for file, names in recipe.tables.items()])
    labels = [_label(recipe, record) for record in records]
    encoding = fit_encoding(recipe, records)
    rows = [_encode(recipe, encoding, record) for record in records]
    sets = split_examples(labels, split)
    for name, chosen in sets.items():
        write_rows(paths.processing_output(name) / f"{name}.csv", [[labels[i], *rows[i]] for i in chosen])
        positive = sum(labels[i] for i in chosen)
        log(f"{name}: {len(chosen)} rows, {positive} with {recipe.label} = 1")
    means = [sum(column) / len(sets["train"]) for column in zip(*(rows[i] for i in sets["train"]), strict=True)]
    write_rows(paths.processing_output("baseline") / "baseline.csv", [means])
    (paths.processing_output("features") / "features.json").write_text(encoding.to_json(), encoding="utf-8")
    log(f"{len(records)} rows of {len(encoding.features)} features")


def join_tables(recipe: Recipe, tables: Sequence[RawTable]) -> list[Record]:
    """Join every table to the first one on the recipe's key; InputError on a key that is empty, double or missing."""
    first, *others = tables
    records = [Record(fields, {first.name: row}) for row, fields in enumerate(first.rows, start=1)]
    for record in records:
        if not record.fields[recipe.key].strip():
            raise InputError(f"{first.name}, row {record.rows[first.name]}: column {recipe.key} is empty")
    for table in others:
        index: dict[str, int] = {}
        for row, fields in enumerate(table.rows, start=1):
            if fields[recipe.key] in index:
                raise InputError(f"{table.name}, row {row}: {recipe.key} {fields[recipe.key]} is there twice")
            index[fields[recipe.key]] = row
        for position, record in enumerate(records):
            key = record.fields[recipe.key]
            if key not in index:
                row = record.rows[first.name]
                raise InputError(f"{first.name}, row {row}: {recipe.key} {key} is not in {table.name}")
            fields = {**record.fields, **table.rows[index[key] - 1]}
            records[position] = Record(fields, {**record.rows, table.name: index[key]})
    return records


def fit_encoding(recipe: Recipe, records: Sequence[Record]) -> Encoding:
    """Return the encoding of a recipe with the categories that these records have."""
    ignored = recipe.dropped_columns | {recipe.key, recipe.label}
    names = [name for columns in recipe.tables.values() for name in columns if name not in ignored]
    return Encoding(recipe.label, tuple(_column(recipe, name, records) for name in names), ignored)


def _column(recipe: Recipe, name: str, records: Sequence[Record]) -> Column:
    if name in recipe.ordinal:
        return ordinal(name, recipe.ordinal[name])
    if name not in recipe.categorical:
        return number(name)
    for record in records:
        if not record.fields[name].strip():
            raise InputError(f"{_place(recipe, record, name)}: column {name} is empty")
    try:
        return one_hot(name, {record.fields[name] for record in records}, recipe.dropped_features)
    except EncodingError as error:
        raise InputError(f"column {name} {error.problem}") from None


def _encode(recipe: Recipe, encoding: Encoding, record: Record) -> list[float]:
    try:
        return encoding.encode(record.fields)
    except EncodingError as error:
        raise InputError(f"{_place(recipe, record, error.field)}: column {error.field} {error.problem}") from None


def _label(recipe: Recipe, record: Record) -> int:
    text = record.fields[recipe.label].strip()
    if text in {"0", "1", "0.0", "1.0"}:
        return int(float(text))
    shown = "empty" if not text else repr(text)
    raise InputError(f"{_place(recipe, record, recipe.label)}: the label {recipe.label} must be 0 or 1, it is {shown}")


def _place(recipe: Recipe, record: Record, column: str) -> str:
    file = next(file for file, columns in recipe.tables.items() if column in columns)
    return f"{file}, row {record.rows[file]}"


def split_examples(labels: Sequence[int], split: Split) -> dict[str, list[int]]:
    """Return the row numbers of train, validation and test; every set has both classes, or InputError.

    The division is the one of the published example (scikit-learn's train_test_split, twice, with one seed), so that
    figures compare: numpy's RandomState is used because its stream is frozen, unlike a Generator's.
    """
    everything = np.arange(len(labels))
    rest, test = _divide(everything, split.test_fraction, split.seed)
    train, validation = _divide(rest, split.validation_fraction, split.seed)
    sets = {"train": train.tolist(), "validation": validation.tolist(), "test": test.tolist()}
    for name, chosen in sets.items():
        positive = sum(labels[i] for i in chosen)
        if positive in {0, len(chosen)}:
            raise InputError(
                f"all {len(chosen)} rows of the {name} set have the label {1 if positive else 0}:"
                f" both classes are needed ({sum(labels)} of all {len(labels)} rows have the label 1)"
            )
    return sets


def _divide(rows: Rows, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Return the rows that stay, and the fraction (rounded up) that is taken."""
    count = math.ceil(len(rows) * fraction)
    order = np.random.RandomState(seed).permutation(len(rows))
    return rows[order[count:]], rows[order[:count]]
