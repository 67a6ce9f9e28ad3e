"""Readings of a bias analysis in Clarify's format."""

import pytest

from mdlc.report.bias import SCALES, Metric, Size, read_bias
from tabular.bias_metrics import POST_TRAINING, PRE_TRAINING
from tests.mdlc.report.documents import BIAS


def test_groups_have_their_sizes() -> None:
    """Of 90 rows 40 are of the group; of 8 predicted 1, 3."""
    bias = read_bias(BIAS)
    assert bias.sizes == (Size("customer_gender_female = 1", 40, 3), Size("all others", 50, 5))
    assert (bias.facet, bias.value, bias.label, bias.favourable) == ("customer_gender_female", "1", "fraud", "0")
    assert bias.vacuous


def test_an_analysis_without_counts_has_no_sizes() -> None:
    assert read_bias(BIAS | {"decision": {}}).sizes == ()


def test_groups_that_are_counted_have_their_favourable_labels_and_predictions() -> None:
    groups = {
        "facet": {"rows": 40, "favorable_labels": 38, "favorable_predictions": 37},
        "others": {"rows": 50, "favorable_labels": 47, "favorable_predictions": 45},
    }
    bias = read_bias(BIAS | {"groups": groups})
    assert bias.sizes == (Size("customer_gender_female = 1", 40, 37, 38), Size("all others", 50, 45, 47))
    assert bias.favourable_counted
    assert not read_bias(BIAS).favourable_counted


def test_an_accepted_range_of_the_report_is_what_a_value_is_judged_by() -> None:
    ranges = {"RD": {"from": -0.1, "to": 0.1}}
    (_, (_, recall)) = read_bias(BIAS | {"accepted_ranges": ranges}).parts[1]
    assert recall.good == "0; -0.1 to 0.1 is accepted"
    assert recall.reading == "not accepted: worse for the group"


def test_an_analysis_that_asked_nothing_has_no_parts() -> None:
    assert read_bias({"version": "1.0", "note": "no facet was named"}).parts == ()


def test_every_metric_of_ours_has_its_range_and_its_best_value() -> None:
    for metric in (*PRE_TRAINING, *POST_TRAINING):
        assert SCALES[metric.name].range
        assert SCALES[metric.name].good == ("1" if metric.name == "DI" else "0")


@pytest.mark.parametrize(
    ("name", "value", "reading"),
    [
        ("DPL", -0.0139, "worse for the others"),
        ("DPL", 0.2, "worse for the group"),
        ("DPPL", 0.0, "even"),
        ("CI", 0.5, "the group has fewer rows"),
        ("DI", 0.5, "worse for the group"),
        ("DI", 1.0, "even"),
        ("DI", 1.3, "worse for the others"),
        ("KL", 0.3, ""),
        ("TE", -4.0, ""),
        ("RD", None, ""),
        ("of tomorrow", 1.0, ""),
    ],
)
def test_a_value_is_read_where_its_sign_says_who_is_worse_off(name: str, value: float | None, reading: str) -> None:
    assert Metric(name, "", value).reading == reading


@pytest.mark.parametrize(
    ("value", "reading"),
    [(0.79, "not accepted: worse for the group"), (0.8, "accepted"), (1.26, "not accepted: worse for the others")],
)
def test_the_four_fifths_rule_is_what_is_accepted(value: float, reading: str) -> None:
    assert Metric("DI", "", value, (0.8, 1.25)).reading == reading
