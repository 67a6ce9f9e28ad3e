"""What trees are trained for, in XGBoost's words: its objective, and the metric by which rounds are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from contract.errors import InputError
from evaluation.ranking import require_two_classes, roc
from evaluation.regression import mean_squared_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tabular.recipes import Objective

Labels = npt.NDArray[Any]
Scores = npt.NDArray[np.float64]
"""A number per row; of a multiclass model a row of probabilities per row."""


@dataclass(frozen=True)
class Goal:
    """One objective: XGBoost's name, its metric, and the section that reports have its figures in."""

    name: str
    metric: str
    section: str
    smaller_is_better: bool


GOALS: Mapping[Objective, Goal] = {
    "binary": Goal("binary:logistic", "auc", "binary_classification_metrics", smaller_is_better=False),
    "multiclass": Goal("multi:softprob", "mlogloss", "multiclass_classification_metrics", smaller_is_better=True),
    "regression": Goal("reg:squarederror", "rmse", "regression_metrics", smaller_is_better=True),
}


def require_labels(labels: Labels, classes: tuple[str, ...], name: str) -> None:
    """Raise InputError unless a set has every class, without which its quality cannot be stated."""
    if len(classes) == 2:  # noqa: PLR2004 - binary
        require_two_classes(labels, name)
        return
    absent = [each for place, each in enumerate(classes) if not (labels == place).any()]
    if absent:
        raise InputError(f"the {name} set has no row of the class {absent[0]}: every class is needed")


def quality(objective: Objective, labels: Labels, scores: Scores) -> float:
    """Return the value of the objective's metric."""
    match objective:
        case "binary":
            return roc(labels, scores).area
        case "multiclass":
            likely = np.clip(scores[np.arange(labels.size), labels.astype(np.int64)], 1e-16, None)
            return float(-np.log(likely).mean())
        case "regression":
            return float(mean_squared_error(labels, scores) ** 0.5)
