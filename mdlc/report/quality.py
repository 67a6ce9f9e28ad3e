"""What an evaluation says of a classifier, read from its report in Model Monitor's format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

BINARY: Final = "binary_classification_metrics"
MULTICLASS: Final = "multiclass_classification_metrics"
_CELLS: Final = {
    "missing_cells": "cells missing",
    "unseen_cells": "cells never seen in training",
    "affected_rows": "rows with such cells",
}


@dataclass(frozen=True)
class Cell:
    """One count of a confusion matrix, and its share of the actual class."""

    count: int
    share: float
    right: bool


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix: a row for each actual class."""

    classes: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def total(self) -> int:
        """All rows of the test set."""
        return sum(cell.count for row in self.rows for cell in row)

    def with_names(self, names: Mapping[str, str]) -> "Matrix":
        """Return the matrix with the classes' names in place of their labels, where they have one."""
        return Matrix(tuple(names.get(each, each) for each in self.classes), self.rows)


@dataclass(frozen=True)
class PrecisionRecall:
    """Precision over recall, by rising recall."""

    recalls: tuple[float, ...]
    precisions: tuple[float, ...]

    @property
    def average(self) -> float:
        """Average precision: each precision weighted by the recall that it adds."""
        before = (0.0, *self.recalls[:-1])
        return sum(
            (recall - earlier) * precision
            for earlier, recall, precision in zip(before, self.recalls, self.precisions, strict=True)
        )


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What the evaluation says of a model that decides between 0 and 1, on the test set."""

    area: float
    deviation: float | None
    threshold: float
    rule: str
    matrix: Matrix
    false_positive_rates: Sequence[float]
    true_positive_rates: Sequence[float]
    curve: PrecisionRecall

    @property
    def rows(self) -> int:
        """Rows of the test set."""
        return self.matrix.total

    @property
    def positives(self) -> int:
        """Rows of the test set whose label is 1."""
        return sum(cell.count for cell in self.matrix.rows[1])

    @property
    def share(self) -> float:
        """Share of the positives."""
        return self.positives / (self.rows or 1)

    @property
    def rates(self) -> tuple[float, float]:
        """False and true positive rate at the threshold."""
        return self.matrix.rows[0][1].share, self.matrix.rows[1][1].share

    @property
    def precision(self) -> float | None:
        """Precision at the threshold; None where no row is predicted 1."""
        wrong, right = self.matrix.rows[0][1].count, self.matrix.rows[1][1].count
        return right / (wrong + right) if wrong + right else None


def read_quality(evaluation: Mapping[str, Any]) -> Quality | None:
    """Read the report on a binary classifier; None where it is on none."""
    if BINARY not in evaluation:
        return None
    binary = evaluation[BINARY]
    matrix = _matrix(binary["confusion_matrix"])
    curve = binary["receiver_operating_characteristic_curve"]
    area = evaluation["classification_metrics"]["roc_auc"]
    deviation = area.get("standard_deviation")
    decision = evaluation.get("decision", {})
    negatives, positives = (sum(cell.count for cell in row) for row in matrix.rows)
    return Quality(
        area=float(area["value"]),
        deviation=float(deviation) if isinstance(deviation, int | float) else None,
        threshold=float(decision.get("threshold", 0.5)),
        rule=str(decision.get("rule", "")),
        matrix=matrix,
        false_positive_rates=curve["false_positive_rates"],
        true_positive_rates=curve["true_positive_rates"],
        curve=_written_curve(binary) or _computed_curve(curve, negatives, positives),
    )


def read_matrix(evaluation: Mapping[str, Any]) -> Matrix | None:
    """Return the confusion matrix of a report, of two classes or more; None where it has none."""
    for section in evaluation.values():
        counts = section.get("confusion_matrix") if isinstance(section, Mapping) else None
        if isinstance(counts, Mapping) and counts:
            return _matrix(counts)
    return None


def read_pairs(evaluation: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return actual and predicted numbers of test rows; none where a report is on no regression, or keeps none."""
    kept = evaluation.get("pairs", {})
    return list(zip(kept.get("actual", ()), kept.get("predicted", ()), strict=True))


def read_cells(evaluation: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return how many cells of the test set were missing and how many held what training never saw, and their rows.

    A report that does not count them has none.
    """
    counted = evaluation.get("missing_values", {})
    return [(words, int(counted[key])) for key, words in _CELLS.items() if key in counted]


def _matrix(counts: Mapping[str, Mapping[str, Any]]) -> Matrix:
    rows = tuple(
        tuple(
            Cell(int(count), int(count) / (sum(map(int, row.values())) or 1), right=actual == predicted)
            for predicted, count in row.items()
        )
        for actual, row in counts.items()
    )
    return Matrix(tuple(map(str, counts)), rows)


def _written_curve(binary: Mapping[str, Any]) -> PrecisionRecall | None:
    """Return the curve that a report holds, by rising recall."""
    written = binary.get("precision_recall_curve")
    if not isinstance(written, Mapping) or not written.get("recalls"):
        return None
    points = list(zip(written["recalls"], written["precisions"], strict=True))
    if points[0][0] > points[-1][0]:
        points.reverse()
    recalls, precisions = zip(*points, strict=True)
    return PrecisionRecall(recalls, precisions)


def _computed_curve(curve: Mapping[str, Sequence[float]], negatives: int, positives: int) -> PrecisionRecall:
    """Return precision over recall from the ROC: both rates times the rows that they are shares of."""
    pairs = zip(curve["false_positive_rates"], curve["true_positive_rates"], strict=True)
    counts = [(false * negatives, true * positives, true) for false, true in pairs]
    points = [(recall, right / (wrong + right)) for wrong, right, recall in counts if wrong + right]
    return PrecisionRecall(tuple(recall for recall, _ in points), tuple(precision for _, precision in points))
