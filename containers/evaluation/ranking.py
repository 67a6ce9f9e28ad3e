"""Quality of scores against labels 0 and 1: how well they rank, and where to decide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contract.errors import InputError
from evaluation.classification import check_pairs

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


def area_under_curve(labels: Labels, scores: Scores) -> float:
    """Return the area under the ROC (AUC); InputError unless both classes are there."""
    return roc(labels, scores).area


def roc(labels: Labels, scores: Scores) -> Roc:
    """Return the ROC; InputError unless both classes are there."""
    check_pairs(labels, scores)
    require_two_classes(labels, "judged")
    _, positives, negatives = _cumulative(labels, scores)
    return Roc(
        np.concatenate(([0.0], negatives / negatives[-1])),
        np.concatenate(([0.0], positives / positives[-1])),
    )


@dataclass(frozen=True)
class PrecisionRecall:
    """One point per distinct score, from the highest (the fewest rows predicted 1) to the lowest (all of them)."""

    precisions: npt.NDArray[np.float64]
    recalls: npt.NDArray[np.float64]

    @property
    def average_precision(self) -> float:
        """Mean of the precisions, weighted by the gain in recall."""
        return float(np.sum(np.diff(self.recalls, prepend=0.0) * self.precisions))


def precision_recall(labels: Labels, scores: Scores) -> PrecisionRecall:
    """Return the precision-recall curve; InputError unless both classes are there."""
    check_pairs(labels, scores)
    require_two_classes(labels, "judged")
    _, positives, negatives = _cumulative(labels, scores)
    return PrecisionRecall(positives / (positives + negatives), positives / positives[-1])


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
