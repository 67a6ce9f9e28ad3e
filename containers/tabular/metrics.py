"""Quality of scores against labels, in plain numpy; definitions as in Model Monitor's "Model quality metrics"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.integer]


def require_two_classes(labels: Labels, name: str) -> None:
    """Raise InputError when only one class is there: no ranking quality can be stated then."""
    if labels.size == 0 or labels.min() == labels.max():
        present = f"only the label {int(labels[0])}" if labels.size else "no rows"
        raise InputError(f"the {name} set has {present}: both classes are needed to judge a classifier")


@dataclass(frozen=True)
class Roc:
    """The receiver operating characteristic: one point per distinct score, from (0, 0) to (1, 1)."""

    false_positive_rates: npt.NDArray[np.float64]
    true_positive_rates: npt.NDArray[np.float64]

    @property
    def area(self) -> float:
        """Area under the curve by trapezoids: ties count one half."""
        widths = np.diff(self.false_positive_rates)
        heights = (self.true_positive_rates[1:] + self.true_positive_rates[:-1]) / 2
        return float(np.sum(widths * heights))


def roc(labels: Labels, scores: Scores) -> Roc:
    """Return the ROC; both classes must be there."""
    _, positives, negatives = _cumulative(labels, scores)
    return Roc(
        np.concatenate(([0.0], negatives / negatives[-1])),
        np.concatenate(([0.0], positives / positives[-1])),
    )


def best_f1_threshold(labels: Labels, scores: Scores) -> float:
    """Return the threshold from which on predicting 1 gives the highest F1; of equally good ones the lowest.

    It lies midway between two scores (below the lowest: half of it), so that no row's decision hangs on a rounding.
    The rows above it are never none: at least one row is predicted 1.
    """
    distinct, positives, negatives = _cumulative(labels, scores)
    f1 = 2 * positives / (positives + negatives + positives[-1])
    best = np.flatnonzero(f1 == f1.max())[-1]
    below = distinct[best + 1] if best + 1 < distinct.size else 0.0
    return float((distinct[best] + below) / 2)


def _cumulative(labels: Labels, scores: Scores) -> tuple[Scores, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the distinct scores from high to low, and how many positives and negatives score at least that."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), ranked.size - 1)
    positives = np.cumsum(labels[order] == 1, dtype=np.float64)[last]
    return ranked[last], positives, last + 1 - positives


@dataclass(frozen=True)
class Confusion:
    """Counts of a decision: actual against predicted."""

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
        """Share of right decisions."""
        right = self.true_negatives + self.true_positives
        return right / (right + self.false_negatives + self.false_positives)

    @property
    def precision(self) -> float:
        """Share of positives among the rows predicted 1; 0 when none is."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """Share of the positives that are predicted 1."""
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def false_positive_rate(self) -> float:
        """Share of the negatives that are predicted 1."""
        return _ratio(self.false_positives, self.false_positives + self.true_negatives)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _ratio(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


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
