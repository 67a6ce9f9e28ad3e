"""Figures of evaluation.json."""

import json

import pytest

from experiments.evaluation import quality, read_quality

REPORT = {
    "binary_classification_metrics": {
        "confusion_matrix": {"0": {"0": 8, "1": 2}, "1": {"0": 1, "1": 9}},
        "accuracy": {"value": 0.85, "standard_deviation": "NaN"},
        "auc": {"value": 1},
    },
    "classification_metrics": {"roc_auc": {"value": 0.9}, "accuracy": {"value": 0.1}},
    "decision": {"threshold": 0.5},
    "dataset": {"item_count": 20},
}


def test_every_figure_is_there_by_name_and_the_first_of_two_counts() -> None:
    assert quality(REPORT) == {"accuracy": 0.85, "auc": 1.0, "roc_auc": 0.9}
    assert read_quality(json.dumps(REPORT).encode()) == quality(REPORT)


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b'"text"', b'{"a": 1, "b": {"c": {"value": true}}}'])
def test_what_is_no_report_has_no_figures(document: bytes) -> None:
    assert read_quality(document) == {}
