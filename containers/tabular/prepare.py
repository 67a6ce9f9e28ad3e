"""``prepare``: encodes raw tables as train, validation and test sets of numbers, and writes the encoding."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from contract.errors import InputError
from contract.job import log
from contract.published import published_input
from tabular.encoding import Column, Encoding, distinct, number, one_hot, ordinal
from tabular.labels import SETS, Labels
from tabular.missing import count_missing, summary_text
from tabular.raw_tables import Problem, check_rows, read_rows
from tabular.recipe_file import FILE, read_recipe
from tabular.recipes import Recipe, find_recipe, same_text
from tabular.tables import write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

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


def prepare(paths: Paths, recipe_name: str | None, split: Split) -> None:
    """Read processing input ``data``, write outputs train, validation, test, baseline and features.

    Without a name the recipe is the file recipe.toml in ``data``. Categories are those of the train set: what is left
    for the other sets is unseen, as it will be when the model is served.
    """
    named = None if recipe_name is None else find_recipe(recipe_name)
    folder = published_input(paths, "data")
    recipe = named or read_recipe(folder / FILE)
    tables = {file: folder / file for file in recipe.tables}
    refuse(check_rows(recipe, tables))
    records = join_tables(recipe, tables)
    texts = [record[recipe.label] for record in records]
    labels = Labels.of(recipe, texts)
    values = [labels.number(text) for text in texts]
    sets = split_examples(values, split, labels.classes)
    encoding = fit_encoding(recipe, [records[i] for i in sets["train"]], labels.classes)
    rows = [encoding.encode(record) for record in records]
    missing = {}
    for name, chosen in sets.items():
        write_rows(paths.processing_output(name) / f"{name}.csv", [[values[i], *rows[i]] for i in chosen])
        missing[name] = count_missing(encoding, np.array([rows[i] for i in chosen], dtype=np.float32))
        log(f"{name}: {len(chosen)} rows{_describe_labels(labels, [values[i] for i in chosen])}")
        log(f"{name}: {summary_text(missing[name])}")
    write_rows(paths.processing_output("baseline") / "baseline.csv", [_means([rows[i] for i in sets["train"]])])
    features = paths.processing_output("features")
    (features / "features.json").write_text(encoding.to_json(), encoding="utf-8")
    (features / "missing_values.json").write_text(json.dumps(missing, indent=1), encoding="utf-8")
    log(f"{len(records)} rows of {len(encoding.features)} features")


def refuse(problems: Sequence[Problem]) -> None:
    """Raise InputError with the first problem, if there is any; all are logged where there are several."""
    if not problems:
        return
    for problem in problems[1:]:
        log(str(problem))
    more = f" (and {len(problems) - 1} more, which are in the log)" if problems[1:] else ""
    raise InputError(f"{problems[0]}{more}")


def join_tables(recipe: Recipe, tables: Mapping[str, Path]) -> list[dict[str, str]]:
    """Return the fields of every row of the first table, with those that the others have of the same identifier."""
    first, *others = ([*_fields(recipe, file, path)] for file, path in tables.items())
    name = recipe.identifier
    for table in others:
        index = {fields[name].strip(): fields for fields in table}
        first = [{**index[fields[name].strip()], **fields} for fields in first]
    return first


def _fields(recipe: Recipe, file: str, path: Path) -> list[dict[str, str]]:
    return [fields for _, fields in read_rows(path, recipe.tables[file]) if isinstance(fields, dict)]


def fit_encoding(recipe: Recipe, records: Sequence[Mapping[str, str]], classes: tuple[str, ...]) -> Encoding:
    """Return the encoding of a recipe with the categories that these records have."""
    columns = distinct(_column(recipe, name, records) for name in recipe.columns)
    return Encoding(recipe.label, columns, recipe.ignored, recipe.objective, classes, recipe.bias)


def _column(recipe: Recipe, name: str, records: Sequence[Mapping[str, str]]) -> Column:
    if name in recipe.ordinal:
        return ordinal(name, recipe.ordinal[name])
    if name in recipe.categorical:
        return one_hot(name, {same_text(record[name]) for record in records}, recipe.dropped_features)
    return number(name)


def _describe_labels(labels: Labels, values: Sequence[float]) -> str:
    counts = Counter(values)
    if not labels.classes:
        return f", {labels.name} is {np.mean(values):.6g} on average"
    if labels.is_binary:
        return f", {counts[1]} with {labels.name} = {labels.classes[1]}"
    return "".join(f", {counts[place]} {name}" for place, name in enumerate(labels.classes))


def _means(rows: Sequence[Sequence[float]]) -> list[float]:
    """Return the mean of each feature over the rows that have it."""
    columns = ([value for value in column if not math.isnan(value)] for column in zip(*rows, strict=True))
    return [sum(column) / len(column) if column else math.nan for column in columns]


def split_examples(
    labels: Sequence[float], split: Split, classes: tuple[str, ...] = ("0", "1")
) -> dict[str, list[int]]:
    """Return the row numbers of train, validation and test; every set has all classes, or InputError.

    For numbers and two classes the division is the one of the published example (scikit-learn's train_test_split,
    twice, with one seed), so that figures compare: numpy's RandomState is used because its stream is frozen, unlike a
    Generator's. Of more classes each is divided so for itself: a rare one would be missing from a set by chance.
    """
    everything = np.arange(len(labels))
    is_stratified = len(classes) > 2  # noqa: PLR2004 - more than two
    values = np.array(labels)
    parts = [everything[values == place] for place in range(len(classes))] if is_stratified else [everything]
    divided: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for place, part in enumerate(parts):
        rest, test = _divide(part, split.test_fraction, split.seed)
        train, validation = _divide(rest, split.validation_fraction, split.seed)
        if is_stratified and not train.size:
            raise InputError(
                f"class {classes[place]} has {part.size} rows: at least {SETS} are needed, one in each of the train,"
                " validation and test sets, and more of them with fractions this large"
            )
        for name, chosen in (("train", train), ("validation", validation), ("test", test)):
            divided[name] += chosen.tolist()
    _check_sets(divided, labels, classes)
    return divided


def _check_sets(sets: Mapping[str, Sequence[int]], labels: Sequence[float], classes: tuple[str, ...]) -> None:
    for name, chosen in sets.items():
        if not chosen:
            raise InputError(f"the {name} set has no rows: {len(labels)} are too few for these fractions")
        present = {labels[i] for i in chosen}
        if len(classes) == 2 and len(present) == 1:  # noqa: PLR2004 - both classes
            raise InputError(
                f"all {len(chosen)} rows of the {name} set have the label {classes[int(present.pop())]}: both classes"
                f" are needed ({int(sum(labels))} of all {len(labels)} rows have the label {classes[1]})"
            )


def _divide(rows: Rows, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Return the rows that stay, and the fraction (rounded up) that is taken."""
    count = math.ceil(len(rows) * fraction)
    order = np.random.RandomState(seed).permutation(len(rows))
    return rows[order[count:]], rows[order[:count]]
