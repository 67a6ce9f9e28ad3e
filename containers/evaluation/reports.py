"""Reports on a model's quality, in the formats of Model Monitor and the model registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.classification import ConfusionMatrix, accuracy, f1, precision, recall
from evaluation.regression import mean_absolute_error, mean_squared_error, r_squared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.classification import Labels
    from evaluation.regression import Values

MOST_PAIRS = 500
"""A picture of more points shows no more."""


def classification(actual: Labels, predicted: Labels, names: Sequence[str] = ()) -> dict[str, object]:
    """Return the report on a classifier: plain metrics, and those of Model Monitor's multiclass format.

    ``names`` are those of the classes where labels are their places.
    """
    matrix = ConfusionMatrix.of(actual, predicted)
    labels = [names[label] for label in matrix.classes.tolist()] if names else matrix.classes.tolist()
    names = [label if isinstance(label, str) else f"{label:g}" for label in labels]
    right = metric(accuracy(actual, predicted))
    weighted = {
        "weighted_precision": metric(precision(actual, predicted, average="weighted")),
        "weighted_recall": metric(recall(actual, predicted, average="weighted")),
        "weighted_f1": metric(f1(actual, predicted, average="weighted")),
    }
    macro = {
        "macro_precision": metric(precision(actual, predicted, average="macro")),
        "macro_recall": metric(recall(actual, predicted, average="macro")),
        "macro_f1": metric(f1(actual, predicted, average="macro")),
    }
    return {
        "classification_metrics": {"accuracy": right, **macro},
        "multiclass_classification_metrics": {
            "confusion_matrix": {
                name: dict(zip(names, map(int, row), strict=True))
                for name, row in zip(names, matrix.counts, strict=True)
            },
            "accuracy": right,
            **weighted,
            **macro,
        },
    }


def regression(actual: Values, predicted: Values) -> dict[str, object]:
    """Return the report on predicted numbers, in Model Monitor's format; without r2 where the actual ones are equal."""
    mse = mean_squared_error(actual, predicted)
    figures = {"mae": mean_absolute_error(actual, predicted), "mse": mse, "rmse": mse**0.5}
    if actual.min() < actual.max():
        figures["r2"] = r_squared(actual, predicted)
    return {"regression_metrics": {name: metric(value) for name, value in figures.items()}}


def pairs(actual: Values, predicted: Values) -> dict[str, list[float]]:
    """Return actual and predicted numbers for a picture: all, or `MOST_PAIRS` of them at even distances."""
    chosen = slice(None, None, -(-actual.size // MOST_PAIRS))
    return {"actual": actual[chosen].tolist(), "predicted": predicted[chosen].tolist()}


def metric(value: float) -> dict[str, float | str]:
    """Return a figure whose standard deviation is not stated."""
    return {"value": value, "standard_deviation": "NaN"}
