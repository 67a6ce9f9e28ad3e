"""Quality metrics against hand-worked tables and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from contract.errors import InputError
from evaluation.classification import Confusion
from evaluation.ranking import area_under_curve, best_f1_threshold, precision_recall, require_two_classes, roc
from evaluation.sampling import resampled_deviation

LABELS = np.array([0, 0, 1, 1, 0])
SCORES = np.array([0.1, 0.4, 0.4, 0.8, 0.9])


def test_the_area_of_a_hand_worked_ranking() -> None:
    # Pairs (positive, negative): 0.4 beats 0.1, ties 0.4, loses to 0.9; 0.8 beats 0.1 and 0.4, loses to 0.9.
    assert area_under_curve(LABELS, SCORES) == roc(LABELS, SCORES).area == pytest.approx((1 + 0.5 + 0 + 1 + 1 + 0) / 6)


def test_the_points_of_a_hand_worked_ranking() -> None:
    curve = roc(LABELS, SCORES)
    np.testing.assert_allclose(curve.false_positive_rates, [0, 1 / 3, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(curve.true_positive_rates, [0, 0, 1 / 2, 1, 1])


labelled = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=2, max_size=60).filter(
    lambda pairs: len({label for label, _ in pairs}) == 2
)


@settings(deadline=None)
@given(labelled)
def test_the_area_equals_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    labels = np.array([label for label, _ in pairs])
    scores = np.array([score / 8 for _, score in pairs])
    assert roc(labels, scores).area == pytest.approx(reference.roc_auc_score(labels, scores))


@pytest.mark.slow  # seconds of trying every threshold
@settings(deadline=None)
@given(labelled)
def test_no_threshold_has_a_better_f1_than_the_chosen_one(pairs: list[tuple[int, int]]) -> None:
    labels = np.array([label for label, _ in pairs])
    scores = np.array([score / 8 for _, score in pairs])
    predicted = scores >= best_f1_threshold(labels, scores)
    best = max(reference.f1_score(labels, scores >= t) for t in np.unique(scores))
    assert predicted.any()
    assert reference.f1_score(labels, predicted) == pytest.approx(best)


def test_the_threshold_lies_between_two_scores() -> None:
    # Predicted 1 from 0.8 on: F1 = 2/3 at (1 of 2 right), from 0.4 on 2*2/(4+2) = 2/3, from 0.9 on 0.
    assert best_f1_threshold(LABELS, SCORES) == pytest.approx((0.4 + 0.1) / 2)


def test_a_hand_counted_decision() -> None:
    counts = Confusion.of(LABELS, SCORES >= 0.5)
    assert counts == Confusion(true_negatives=2, false_positives=1, false_negatives=1, true_positives=1)
    assert (counts.accuracy, counts.precision, counts.recall, counts.f1) == (3 / 5, 1 / 2, 1 / 2, 1 / 2)
    assert counts.false_positive_rate == 1 / 3


def test_nothing_predicted_has_precision_and_f1_zero() -> None:
    counts = Confusion.of(LABELS, SCORES > 1)
    assert (counts.precision, counts.recall, counts.f1) == (0, 0, 0)


@pytest.mark.parametrize("labels", [[], [0, 0], [1]])
def test_one_class_is_refused(labels: list[int]) -> None:
    with pytest.raises(InputError, match=r"the test set has .*: both classes are needed"):
        require_two_classes(np.array(labels, dtype=np.int8), "test")


@pytest.mark.parametrize("labels", [[0, 0], [1, 1]])
def test_one_class_has_no_area(labels: list[int]) -> None:
    with pytest.raises(InputError, match="both classes are needed"):
        area_under_curve(np.array(labels), np.array([0.1, 0.9]))


def test_a_ranking_of_nothing_and_of_other_lengths_is_refused() -> None:
    with pytest.raises(InputError, match="no rows to judge"):
        area_under_curve(np.array([], dtype=np.int8), np.array([]))
    with pytest.raises(InputError, match="one length"):
        area_under_curve(LABELS, SCORES[1:])


def test_a_deviation_is_stated_from_200_rows_on() -> None:
    labels = np.arange(200) % 2
    scores = np.linspace(0, 1, 200)
    assert resampled_deviation(labels[:199], scores[:199], lambda y, s: roc(y, s).area) is None
    deviation = resampled_deviation(labels, scores, lambda y, s: roc(y, s).area)
    assert deviation is not None
    assert 0 < deviation < 0.1
    assert deviation == resampled_deviation(labels, scores, lambda y, s: roc(y, s).area)


def test_precision_and_recall_by_hand() -> None:
    # From the highest score: 1 right of 1; then two equal scores, one of them right: 2 of 3; then 2 of 4.
    curve = precision_recall(np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1]))
    assert curve.precisions.tolist() == pytest.approx([1, 2 / 3, 2 / 4])
    assert curve.recalls.tolist() == [0.5, 1, 1]
    assert curve.average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
