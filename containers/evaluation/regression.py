"""Quality of predicted numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contract.errors import InputError
from evaluation.classification import check_pairs

if TYPE_CHECKING:
    import numpy.typing as npt

    Values = npt.NDArray[np.float64]


def mean_squared_error(actual: Values, predicted: Values) -> float:
    """Return the mean of the squared differences."""
    check_pairs(actual, predicted)
    return float(np.mean(np.square(actual - predicted)))


def mean_absolute_error(actual: Values, predicted: Values) -> float:
    """Return the mean of the absolute differences."""
    check_pairs(actual, predicted)
    return float(np.mean(np.abs(actual - predicted)))


def r_squared(actual: Values, predicted: Values) -> float:
    """Return the share of the variance that is explained; InputError when the actual values have none."""
    check_pairs(actual, predicted)
    variance = float(np.mean(np.square(actual - actual.mean())))
    if not variance:
        raise InputError("all actual values are equal: no share of their variance can be stated")
    return 1 - mean_squared_error(actual, predicted) / variance
