"""Alarm states, worked out by hand from the user guide's rules."""

import pytest

from localcloud.alarms import Alarm, AlarmState, Point, evaluate

NOW = 1_000_000.0


def alarm(  # noqa: PLR0913, PLR0917 - the settings of an alarm
    statistic: str = "Sum",
    threshold: float = 1,
    periods: int = 1,
    datapoints: int = 1,
    missing: str = "notBreaching",
    comparison: str = "GreaterThanOrEqualToThreshold",
    state: AlarmState = "OK",
) -> Alarm:
    return Alarm(statistic, 60, periods, datapoints, threshold, comparison, missing, state)


def point(age: float, value: float) -> Point:
    return Point(NOW - age, 1, value, value, value)


def test_a_breaching_point_of_the_current_period_alarms() -> None:
    assert evaluate(alarm(), [point(5, 1)], NOW) == "ALARM"


def test_a_point_older_than_the_period_does_not_count() -> None:
    assert evaluate(alarm(), [point(61, 1)], NOW) == "OK"


@pytest.mark.parametrize(
    ("missing", "state"),
    [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA"), ("ignore", "ALARM")],
)
def test_missing_data_is_treated_as_the_alarm_says(missing: str, state: str) -> None:
    assert evaluate(alarm(missing=missing, state="ALARM"), [], NOW) == state


def test_two_of_three_periods_must_breach() -> None:
    two_of_three = alarm(periods=3, datapoints=2)
    assert evaluate(two_of_three, [point(10, 1), point(70, 0), point(130, 0)], NOW) == "OK"
    assert evaluate(two_of_three, [point(10, 1), point(70, 0), point(130, 1)], NOW) == "ALARM"


@pytest.mark.parametrize(
    ("statistic", "value"), [("Sum", 9), ("Average", 3), ("Minimum", 1), ("Maximum", 5), ("SampleCount", 3), ("p90", 5)]
)
def test_statistics_over_one_five_and_three(statistic: str, value: float) -> None:
    points = [point(1, 1), point(2, 5), point(3, 3)]
    assert evaluate(alarm(statistic, threshold=value), points, NOW) == "ALARM"
    assert evaluate(alarm(statistic, threshold=value + 0.01), points, NOW) == "OK"


@pytest.mark.parametrize(
    ("comparison", "state"),
    [
        ("GreaterThanThreshold", "OK"),
        ("GreaterThanOrEqualToThreshold", "ALARM"),
        ("LessThanThreshold", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM"),
    ],
)
def test_a_value_on_the_threshold(comparison: str, state: str) -> None:
    assert evaluate(alarm(comparison=comparison), [point(1, 1)], NOW) == state


def test_what_is_not_provided_is_named() -> None:
    with pytest.raises(ValueError, match="LessThanLowerThreshold"):
        evaluate(alarm(comparison="LessThanLowerThreshold"), [], NOW)
    with pytest.raises(ValueError, match="tm90"):
        evaluate(alarm("tm90"), [point(1, 1)], NOW)
