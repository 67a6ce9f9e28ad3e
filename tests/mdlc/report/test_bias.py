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
        ("DI", 0.79, "worse for the group"),
        ("DI", 0.8, "within 0.8 to 1.25"),
        ("DI", 1.3, "worse for the others"),
        ("KL", 0.3, ""),
        ("TE", -4.0, ""),
        ("RD", None, ""),
        ("of tomorrow", 1.0, ""),
    ],
)
def test_a_value_is_read_where_its_sign_says_who_is_worse_off(name: str, value: float | None, reading: str) -> None:
    assert Metric(name, "", value).reading == reading
