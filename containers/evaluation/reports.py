"""Reports on a model's quality, in the formats of Model Monitor and the model registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.classification import ConfusionMatrix, accuracy, f1, precision, recall

if TYPE_CHECKING:
    from evaluation.classification import Labels


def classification(actual: Labels, predicted: Labels) -> dict[str, object]:
    """Return the report on a classifier: plain metrics, and those of Model Monitor's multiclass format."""
    matrix = ConfusionMatrix.of(actual, predicted)
    names = [label if isinstance(label, str) else f"{label:g}" for label in matrix.classes.tolist()]
    right = metric(accuracy(actual, predicted))
    weighted = {
        "weighted_precision": metric(precision(actual, predicted, average="weighted")),
        "weighted_recall": metric(recall(actual, predicted, average="weighted")),
        "weighted_f1": metric(f1(actual, predicted, average="weighted")),
    }
    return {
        "classification_metrics": {
            "accuracy": right,
            "macro_precision": metric(precision(actual, predicted, average="macro")),
            "macro_recall": metric(recall(actual, predicted, average="macro")),
            "macro_f1": metric(f1(actual, predicted, average="macro")),
        },
        "multiclass_classification_metrics": {
            "confusion_matrix": {
                name: dict(zip(names, map(int, row), strict=True))
                for name, row in zip(names, matrix.counts, strict=True)
            },
            "accuracy": right,
            **weighted,
        },
    }


def metric(value: float) -> dict[str, float | str]:
    """Return a figure whose standard deviation is not stated."""
    return {"value": value, "standard_deviation": "NaN"}
