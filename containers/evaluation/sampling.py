"""Parts of a data set: folds to validate on, and samples that show how much a figure depends on its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from evaluation.ranking import Labels, Scores

Rows = npt.NDArray[np.int64]


def k_fold(count: int, folds: int, seed: int) -> list[tuple[Rows, Rows]]:
    """Return (training rows, held-out rows) of each fold: every row is held out once, sizes differ by one at most."""
    if not 2 <= folds <= count:  # noqa: PLR2004 - one fold would leave nothing to train on
        raise InputError(f"{count} rows cannot be divided into {folds} folds: between 2 and {count} are possible")
    order = np.random.default_rng(seed).permutation(count)
    return _divide(order, np.arange(count) % folds, folds)


def stratified_folds(labels: npt.NDArray[Any], count: int, seed: int) -> list[tuple[Rows, Rows]]:
    """Return (training rows, held-out rows) of each of ``count`` folds; every fold holds out its share of each class.

    InputError when a class has fewer rows than there are folds.
    """
    generator = np.random.default_rng(seed)
    fold = np.empty(labels.size, dtype=np.int64)
    for label in np.unique(labels):
        rows = generator.permutation(np.flatnonzero(labels == label))
        if rows.size < count:
            raise InputError(f"label {label:g} has {rows.size} rows: {count} folds need at least one each")
        fold[rows] = np.arange(rows.size) % count
    return _divide(np.arange(labels.size), fold, count)


def _divide(rows: Rows, fold: Rows, count: int) -> list[tuple[Rows, Rows]]:
    return [(np.sort(rows[fold != number]), np.sort(rows[fold == number])) for number in range(count)]


SAMPLES_FOR_DEVIATION = 200  # Model Monitor states a standard deviation only from so many rows on


def resampled_deviation(
    labels: Labels, scores: Scores, metric: Callable[[Labels, Scores], float], seed: int = 0
) -> float | None:
    """Return the standard deviation of a metric over five random samples of 80 % of the rows.

    None when there are fewer than 200 rows, or when a sample has one class only.
    """
    if labels.size < SAMPLES_FOR_DEVIATION:
        return None
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(5):
        sample = generator.choice(labels.size, size=round(labels.size * 0.8), replace=False)
        if labels[sample].min() == labels[sample].max():
            return None
        values.append(metric(labels[sample], scores[sample]))
    return float(np.std(values))
