"""Decisions between classes: hand-counted tables, scikit-learn as the oracle, and the cases where definitions break."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from contract.errors import InputError
from evaluation.classification import Confusion, ConfusionMatrix, accuracy, confusion_matrix, f1, precision, recall

if TYPE_CHECKING:
    from collections.abc import Callable

ACTUAL = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 1, 2, 2])
AVERAGED: list[tuple[Callable[..., float], Callable[..., Any]]] = [
    (precision, reference.precision_score),
    (recall, reference.recall_score),
    (f1, reference.f1_score),
]
pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)
binary_pairs = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40)


def arrays(table: list[tuple[int, int]]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    return np.array([actual for actual, _ in table]), np.array([predicted for _, predicted in table])


def test_a_hand_counted_table() -> None:
    assert confusion_matrix(ACTUAL, PREDICTED).tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    assert accuracy(ACTUAL, PREDICTED) == 4 / 6
    # class by class: precision 2/2, 1/2, 1/2; recall 2/3, 1/2, 1/1; F1 4/5, 1/2, 2/3; rows 3, 2, 1
    assert precision(ACTUAL, PREDICTED, average="macro") == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)
    assert recall(ACTUAL, PREDICTED, average="macro") == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert f1(ACTUAL, PREDICTED, average="macro") == pytest.approx((4 / 5 + 1 / 2 + 2 / 3) / 3)
    assert f1(ACTUAL, PREDICTED, average="weighted") == pytest.approx((3 * 4 / 5 + 2 / 2 + 2 / 3) / 6)


def test_the_published_figures_of_iris() -> None:
    """Article: accuracy 0.9736842105263158, and macro F1 0.97170347 in single precision, from this table of 38 rows."""
    counts = [[13, 0, 0], [0, 15, 1], [0, 0, 9]]
    cells = [(a, p) for a, row in enumerate(counts) for p, count in enumerate(row) for _ in range(count)]
    actual, predicted = arrays(cells)
    assert accuracy(actual, predicted) == 0.9736842105263158
    macro = f1(actual, predicted, average="macro")
    assert macro == pytest.approx((1 + 30 / 31 + 18 / 19) / 3, abs=1e-15)
    assert str(np.float32(macro)) == "0.97170347"


@pytest.mark.slow  # seconds of scikit-learn
@settings(deadline=None)
@given(pairs)
def test_averages_equal_scikit_learns(table: list[tuple[int, int]]) -> None:
    actual, predicted = arrays(table)
    assert confusion_matrix(actual, predicted).tolist() == reference.confusion_matrix(actual, predicted).tolist()
    assert accuracy(actual, predicted) == pytest.approx(reference.accuracy_score(actual, predicted))
    for ours, theirs in AVERAGED:
        for average in ("macro", "weighted"):
            expected = theirs(actual, predicted, average=average, zero_division=0)
            assert ours(actual, predicted, average=average) == pytest.approx(expected)


@pytest.mark.slow  # seconds of scikit-learn
@settings(deadline=None)
@given(table=binary_pairs)
@pytest.mark.parametrize("zero_division", [0.0, 1.0])
def test_binary_quality_equals_scikit_learns(table: list[tuple[int, int]], zero_division: float) -> None:
    actual, predicted = arrays(table)
    for ours, theirs in AVERAGED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one-class inputs, of which scikit-learn warns
            expected = theirs(actual, predicted, zero_division=zero_division)
        assert ours(actual, predicted, zero_division=zero_division) == pytest.approx(expected)


@settings(deadline=None)
@given(binary_pairs)
def test_the_binary_counts_agree_with_the_general_ones(table: list[tuple[int, int]]) -> None:
    actual, predicted = arrays(table)
    counts = Confusion.of(actual, predicted == 1)
    assert counts.accuracy == accuracy(actual, predicted)
    found = (counts.precision, counts.recall, counts.f1)
    assert found == pytest.approx([each(actual, predicted) for each, _ in AVERAGED])


def test_all_negative_has_no_positives_to_find_and_none_found() -> None:
    nothing = np.zeros(5, dtype=np.int64)
    assert accuracy(nothing, nothing) == 1
    assert [each(nothing, nothing) for each, _ in AVERAGED] == [0, 0, 0]
    assert [each(nothing, nothing, zero_division=1.0) for each, _ in AVERAGED] == [1, 1, 1]
    some = np.array([0, 1, 0, 1, 0])
    assert precision(some, nothing) == 0
    assert recall(nothing, some) == 0
    assert f1(some, nothing) == 0


def test_one_class_is_a_table_of_one_cell() -> None:
    same = np.array([7.0, 7.0])
    assert confusion_matrix(same, same).tolist() == [[2]]
    assert f1(same, same, average="macro") == f1(same, same, average="weighted") == 1


def test_a_class_that_is_only_predicted_counts_for_the_macro_average_and_weighs_nothing() -> None:
    actual, predicted = np.array([0, 0]), np.array([0, 1])
    assert ConfusionMatrix.of(actual, predicted).classes.tolist() == [0, 1]
    assert f1(actual, predicted, average="macro") == pytest.approx((2 / 3 + 0) / 2)
    assert f1(actual, predicted, average="weighted") == pytest.approx(2 / 3)


def test_an_unknown_average_is_refused() -> None:
    with pytest.raises(InputError, match="there is no average 'median': there are binary, macro and weighted"):
        f1(np.array([0, 1]), np.array([0, 1]), average=cast("Any", "median"))


def test_three_classes_need_an_average() -> None:
    with pytest.raises(InputError, match="3 classes need an average: macro or weighted"):
        f1(ACTUAL, PREDICTED)


@pytest.mark.parametrize(
    ("actual", "predicted", "sentence"),
    [
        ([], [], "no rows to judge"),
        ([0, 1], [0], "two vectors of one length"),
        ([[0], [1]], [[0], [1]], "two vectors of one length"),
        ([0.0, np.nan], [0.0, 1.0], "an actual value is NaN, in row 2"),
        ([0.0, 1.0], [np.nan, 1.0], "a predicted value is NaN, in row 1"),
    ],
)
def test_what_cannot_be_judged_is_refused(actual: list[Any], predicted: list[Any], sentence: str) -> None:
    for measure in (accuracy, confusion_matrix, f1):
        with pytest.raises(InputError, match=sentence):
            measure(np.array(actual), np.array(predicted))


def test_counts_of_nothing_have_no_accuracy() -> None:
    with pytest.raises(InputError, match="no rows to judge"):
        _ = Confusion(0, 0, 0, 0).accuracy
