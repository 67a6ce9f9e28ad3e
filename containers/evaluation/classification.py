"""Quality of decisions between two or more classes; labels are numbers, whatever they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from contract.errors import InputError

Labels = npt.NDArray[Any]
Counts = npt.NDArray[np.int64]
Average = Literal["binary", "macro", "weighted"]


def check_pairs(actual: Labels, predicted: Labels) -> None:
    """Raise InputError unless both are vectors of the same length, at least 1, without NaN."""
    if actual.ndim != 1 or predicted.ndim != 1 or actual.size != predicted.size:
        raise InputError(
            f"actual and predicted values must be two vectors of one length, not {actual.shape} and {predicted.shape}"
        )
    if actual.size == 0:
        raise InputError("there are no rows to judge: at least one is needed")
    for name, values in (("an actual", actual), ("a predicted", predicted)):
        if np.issubdtype(values.dtype, np.floating) and np.isnan(values).any():
            raise InputError(f"{name} value is NaN, in row {int(np.flatnonzero(np.isnan(values))[0]) + 1}")


@dataclass(frozen=True)
class ConfusionMatrix:
    """How often each class (row) was predicted as each class (column); ``classes`` in ascending order."""

    classes: Labels
    counts: Counts

    @classmethod
    def of(cls, actual: Labels, predicted: Labels) -> ConfusionMatrix:
        """Count; the classes are all that occur among the actual or the predicted labels."""
        check_pairs(actual, predicted)
        classes = np.union1d(actual, predicted)
        size = classes.size
        cells = np.searchsorted(classes, actual) * size + np.searchsorted(classes, predicted)
        return cls(classes, np.bincount(cells, minlength=size * size).reshape(size, size).astype(np.int64))

    @property
    def right(self) -> Counts:
        """Rows of each class that were predicted as it."""
        return np.diagonal(self.counts)

    @property
    def support(self) -> Counts:
        """Rows of each class."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def predicted(self) -> Counts:
        """Rows predicted as each class."""
        return np.asarray(self.counts.sum(axis=0))


def confusion_matrix(actual: Labels, predicted: Labels) -> Counts:
    """Return the counts of ConfusionMatrix: classes by classes, the actual ones in the rows."""
    return ConfusionMatrix.of(actual, predicted).counts


def accuracy(actual: Labels, predicted: Labels) -> float:
    """Return the share of right predictions."""
    check_pairs(actual, predicted)
    return float(np.mean(actual == predicted))


def precision(
    actual: Labels,
    predicted: Labels,
    *,
    average: Average = "binary",
    positive: float = 1,
    zero_division: float = 0.0,
) -> float:
    """Return the share of right ones among rows predicted as a class; ``zero_division`` for a class that never is."""
    matrix = ConfusionMatrix.of(actual, predicted)
    return _average_of(matrix, matrix.right, matrix.predicted, average, positive, zero_division)


def recall(
    actual: Labels,
    predicted: Labels,
    *,
    average: Average = "binary",
    positive: float = 1,
    zero_division: float = 0.0,
) -> float:
    """Return the share of a class's rows that are predicted as it; ``zero_division`` for a class without rows."""
    matrix = ConfusionMatrix.of(actual, predicted)
    return _average_of(matrix, matrix.right, matrix.support, average, positive, zero_division)


def f1(
    actual: Labels,
    predicted: Labels,
    *,
    average: Average = "binary",
    positive: float = 1,
    zero_division: float = 0.0,
) -> float:
    """Return the harmonic mean of both; ``zero_division`` for a class that neither occurs nor is predicted.

    Source of the definitions: developer guide, "Model quality metrics"; macro averages count every class alike,
    weighted ones by its rows.
    """
    matrix = ConfusionMatrix.of(actual, predicted)
    return _average_of(matrix, 2 * matrix.right, matrix.predicted + matrix.support, average, positive, zero_division)


def _average_of(  # noqa: PLR0913, PLR0917 - what a share is made of, and how it is averaged
    matrix: ConfusionMatrix,
    parts: Counts,
    wholes: Counts,
    average: Average,
    positive: float,
    zero_division: float,
) -> float:
    shares = np.full(wholes.size, zero_division, dtype=np.float64)
    np.divide(parts, wholes, out=shares, where=wholes > 0)
    match average:
        case "binary":
            if matrix.classes.size > 2:  # noqa: PLR2004 - binary
                raise InputError(f"{matrix.classes.size} classes need an average: macro or weighted")
            found = shares[matrix.classes == positive]
            return float(found[0]) if found.size else zero_division
        case "macro":
            return float(np.mean(shares))
        case "weighted":
            return float(np.average(shares, weights=matrix.support))
        case unknown:
            raise InputError(f"there is no average {unknown!r}: there are binary, macro and weighted")


@dataclass(frozen=True)
class Confusion:
    """Counts of a decision between 0 and 1: actual against predicted."""

    true_negatives: int
    false_positives: int
    false_negatives: int
    true_positives: int

    @classmethod
    def of(cls, labels: Labels, predicted: npt.NDArray[np.bool_]) -> Confusion:
        """Count the four cases."""
        actual = labels == 1
        return cls(
            true_negatives=int(np.sum(~actual & ~predicted)),
            false_positives=int(np.sum(~actual & predicted)),
            false_negatives=int(np.sum(actual & ~predicted)),
            true_positives=int(np.sum(actual & predicted)),
        )

    @property
    def accuracy(self) -> float:
        """Share of right decisions; InputError without any."""
        right = self.true_negatives + self.true_positives
        rows = right + self.false_negatives + self.false_positives
        if not rows:
            raise InputError("there are no rows to judge: at least one is needed")
        return right / rows

    @property
    def precision(self) -> float:
        """Share of positives among the rows predicted 1; 0 when none is."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """Share of the positives that are predicted 1; 0 without positives."""
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def false_positive_rate(self) -> float:
        """Share of the negatives that are predicted 1; 0 without negatives."""
        return _ratio(self.false_positives, self.false_positives + self.true_negatives)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when there is neither a positive nor one predicted."""
        return _ratio(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
