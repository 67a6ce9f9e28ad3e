"""Readings of an evaluation, against counts made by hand."""

import pytest

from mdlc.report.quality import PrecisionRecall, read_cells, read_matrix, read_quality
from tests.mdlc.report.documents import EVALUATION, SEVERAL


def test_precision_over_recall_follows_from_the_roc_and_the_counts() -> None:
    """85 negatives and 5 positives: 8.5 and 3 of them at the second point, all of them at the last."""
    quality = read_quality(EVALUATION)
    assert quality is not None
    assert quality.curve.recalls == (0.6, 1.0)
    assert quality.curve.precisions == pytest.approx((3 / 11.5, 5 / 90))
    assert quality.curve.average == pytest.approx(0.6 * 3 / 11.5 + 0.4 * 5 / 90)
    assert (quality.rows, quality.positives) == (90, 5)
    assert quality.share == pytest.approx(5 / 90)
    assert quality.rates == pytest.approx((6 / 85, 2 / 5))
    assert quality.precision == pytest.approx(2 / 8)


@pytest.mark.parametrize(
    "written",
    [
        {"recalls": [0.0, 0.5, 1.0], "precisions": [1.0, 0.75, 0.25]},
        {"recalls": [1.0, 0.5, 0.0], "precisions": [0.25, 0.75, 1.0], "thresholds": [0.1, 0.4]},
    ],
)
def test_a_curve_that_the_report_holds_is_taken_by_rising_recall(written: dict[str, list[float]]) -> None:
    binary = EVALUATION["binary_classification_metrics"] | {"precision_recall_curve": written}
    quality = read_quality(EVALUATION | {"binary_classification_metrics": binary})
    assert quality is not None
    assert quality.curve == PrecisionRecall((0.0, 0.5, 1.0), (1.0, 0.75, 0.25))
    assert quality.curve.average == 0.5 * 0.75 + 0.5 * 0.25


def test_a_model_that_says_1_of_nobody_has_no_precision() -> None:
    counts = {"0": {"0": 85, "1": 0}, "1": {"0": 5, "1": 0}}
    binary = EVALUATION["binary_classification_metrics"] | {"confusion_matrix": counts}
    quality = read_quality(EVALUATION | {"binary_classification_metrics": binary})
    assert quality is not None
    assert quality.precision is None


def test_a_matrix_has_names_where_the_classes_have_some() -> None:
    matrix = read_matrix(SEVERAL)
    assert matrix is not None
    assert matrix.total == 8
    assert [[cell.count for cell in row] for row in matrix.rows] == [[3, 1, 0], [0, 2, 0], [1, 0, 1]]
    assert [cell.share for cell in matrix.rows[0]] == [0.75, 0.25, 0.0]
    assert [cell.right for cell in matrix.rows[2]] == [False, False, True]
    assert matrix.with_names({"0": "setosa"}).classes == ("setosa", "1", "2")


def test_a_report_without_a_matrix_has_none() -> None:
    assert read_matrix({"classification_metrics": {"roc_auc": {"value": 1}}, "x": 3}) is None
    assert read_quality(SEVERAL) is None


def test_cells_that_were_missing_or_unseen_are_counted() -> None:
    counted = {"rows": 90, "affected_rows": 9, "missing_cells": 12, "unseen_cells": 0, "columns": {}}
    assert read_cells({"missing_values": counted}) == [
        ("cells missing", 12),
        ("cells never seen in training", 0),
        ("rows with such cells", 9),
    ]


def test_a_report_that_does_not_count_says_nothing_of_cells() -> None:
    assert read_cells(EVALUATION) == []
