"""Errors of predicted numbers, by hand and by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from contract.errors import InputError
from evaluation.regression import mean_absolute_error, mean_squared_error, r_squared
from evaluation.reports import MOST_PAIRS, pairs, regression

number = st.floats(-1e6, 1e6)


def test_hand_worked_errors() -> None:
    actual, predicted = np.array([1.0, 2.0, 4.0]), np.array([1.0, 4.0, 1.0])
    assert mean_squared_error(actual, predicted) == pytest.approx((0 + 4 + 9) / 3)
    assert mean_absolute_error(actual, predicted) == pytest.approx((0 + 2 + 3) / 3)


@settings(deadline=None)
@given(st.lists(st.tuples(number, number), min_size=1, max_size=30))
def test_errors_equal_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    actual, predicted = np.array(pairs).T
    assert mean_squared_error(actual, predicted) == pytest.approx(reference.mean_squared_error(actual, predicted))
    assert mean_absolute_error(actual, predicted) == pytest.approx(reference.mean_absolute_error(actual, predicted))


@pytest.mark.parametrize(("actual", "predicted"), [([], []), ([1.0], [1.0, 2.0]), ([np.nan], [1.0])])
def test_what_cannot_be_judged_is_refused(actual: list[float], predicted: list[float]) -> None:
    for measure in (mean_squared_error, mean_absolute_error, r_squared):
        with pytest.raises(InputError):
            measure(np.array(actual), np.array(predicted))


def test_the_share_of_the_variance_by_hand() -> None:
    # The mean is 3, the squared differences to it are 4 + 1 + 9 = 14; those to the predictions 0 + 4 + 1 = 5.
    actual, predicted = np.array([1.0, 2.0, 6.0]), np.array([1.0, 4.0, 5.0])
    assert r_squared(actual, predicted) == pytest.approx(1 - 5 / 14)
    report = regression(actual, predicted)["regression_metrics"]
    assert isinstance(report, dict)
    assert {name: figure["value"] for name, figure in report.items()} == pytest.approx(
        {"mae": 1, "mse": 5 / 3, "rmse": (5 / 3) ** 0.5, "r2": 9 / 14}
    )


def test_equal_numbers_have_no_variance_to_explain() -> None:
    with pytest.raises(InputError, match="all actual values are equal"):
        r_squared(np.ones(3), np.zeros(3))
    assert "r2" not in str(regression(np.ones(3), np.zeros(3)))


@pytest.mark.parametrize(
    ("rows", "kept"), [(1, 1), (MOST_PAIRS, MOST_PAIRS), (MOST_PAIRS + 1, 251), (5 * MOST_PAIRS, 500)]
)
def test_the_pairs_of_a_picture_are_all_or_some_at_even_distances(rows: int, kept: int) -> None:
    actual = np.arange(rows, dtype=float)
    shown = pairs(actual, actual + 1)
    assert len(shown["actual"]) == kept
    assert shown["predicted"] == [value + 1 for value in shown["actual"]]
    assert len(set(np.diff(shown["actual"]))) <= 1
