"""Curves from log lines: known lines, known figures."""

import math

import pytest

from experiments.run import Point
from experiments.series import MOST_POINTS, read_series

NUMBER = r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?nan|[-+]?inf)"


def values(lines: list[str], regex: str) -> list[float]:
    found = read_series(enumerate(lines), [("metric", regex)])
    return [point.value for point in found.get("metric", ())]


def test_points_count_from_zero_and_keep_the_time_of_their_line() -> None:
    lines = [(1000, "[0]\ttrain-auc:0.80\tvalidation-auc:0.75"), (1500, "resting"), (2000, "[1]\ttrain-auc:0.9")]
    found = read_series(lines, [("train-auc", f"train-auc:{NUMBER}"), ("validation-auc", f"validation-auc:{NUMBER}")])
    assert found == {
        "train-auc": (Point(0, 1000, 0.8), Point(1, 2000, 0.9)),
        "validation-auc": (Point(0, 1000, 0.75),),
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-05", 1e-05), ("1.2E+3", 1200.0), ("-0.5", -0.5), (".25", 0.25), ("7", 7.0), ("inf", math.inf)],
)
def test_every_way_to_write_a_number_is_read(text: str, value: float) -> None:
    assert values([f"train Loss: {text} end"], f"train Loss: {NUMBER}") == [value]


def test_nan_is_a_value() -> None:
    [value] = values(["val Loss: nan"], f"val Loss: {NUMBER}")
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("text", "value"), [("1.2e-05", 1.2e-05), ("1e-05", 1e-05), ("0.75.", 0.75), ("0.75", 0.75), ("3", 3.0)]
)
def test_a_pattern_of_digits_and_points_does_not_cut_a_number(text: str, value: float) -> None:
    assert values([f"train Loss: {text}"], r"train Loss: ([0-9\.]+)") == [value]


@pytest.mark.parametrize("regex", ["(", "train Loss: [0-9.]+", r"train (Loss)", r"Loss(x)?"])
def test_a_definition_that_gives_no_number_finds_nothing(regex: str) -> None:
    assert values(["train Loss: 0.5"], regex) == []


def test_the_built_in_algorithms_score_line_is_read() -> None:
    line = "[11/21/2026 12:00:00 INFO 140] #test_score (algo-1) : ('accuracy', 0.9736842105263158)"
    assert values([line], rf"#test_score \(algo-1\) : \('accuracy', {NUMBER}\)") == [0.9736842105263158]


def test_a_long_curve_is_thinned_out_and_keeps_both_ends() -> None:
    lines = [(number, f"loss={number}") for number in range(4 * MOST_POINTS)]
    points = read_series(lines, [("loss", r"loss=(\d+)")])["loss"]
    assert len(points) <= MOST_POINTS + 1
    assert (points[0].value, points[-1].value) == (0, 4 * MOST_POINTS - 1)
    assert points[1].step - points[0].step == 4
