"""What is kept of a metric after seconds, hours and weeks.

Source: API reference of GetMetricStatistics, "CloudWatch metrics retention".
"""

import time
from typing import Any

import pytest
from ministack.core import responses
from ministack.services import cloudwatch

from localcloud.hooks import metric_store

NOW = 1_800_000_000.0
HOUR, DAY = 3600, 86400


def point(age: float, value: float, **members: Any) -> dict[str, Any]:
    return {"Timestamp": NOW - age, "Value": value, "Unit": "None", "Dimensions": {"A": "b"}, **members}


def statistics(found: dict[str, Any]) -> tuple[float, float, float, float]:
    count, total, least, most = cloudwatch._point_stats(found)  # noqa: SLF001 - what CloudWatch computes with
    return count, total, least, most


def test_values_of_three_hours_stay_as_they_are() -> None:
    points = [point(3 * HOUR - 1, 1), point(0, 2)]
    kept = list(points)
    metric_store.compact(points, NOW)
    assert points == kept


def test_older_ones_become_one_set_a_minute() -> None:
    points = [point(4 * HOUR, 1), point(4 * HOUR - 1, 5, Count=3.0), point(4 * HOUR - 60, 2), point(0, 9)]
    metric_store.compact(points, NOW)
    assert [each["Timestamp"] for each in points] == [NOW - 4 * HOUR, NOW - 4 * HOUR + 60, NOW]
    assert statistics(points[0]) == (4, 16, 1, 5)
    assert statistics(points[1]) == (1, 2, 2, 2)
    again = list(points)
    metric_store.compact(points, NOW)
    assert points == again


def test_after_fifteen_days_nothing_is_left() -> None:
    points = [point(16 * DAY, 1), point(14 * DAY, 2)]
    metric_store.compact(points, NOW)
    assert [statistics(each) for each in points] == [(1, 2, 2, 2)]


def test_a_value_that_comes_again_within_a_second_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    with responses.request_scope("222222222222", "eu-west-1"):
        for value in (1, 1, 1, 2, 1):
            metric_store.record("N", "m", value, "Count", {"A": "b"})
        points = cloudwatch._metrics.pop(("N", "m", cloudwatch._dims_key({"A": "b"})))  # noqa: SLF001 - where it is
    assert [statistics(each) for each in points] == [(3, 3, 1, 1), (1, 2, 2, 2), (1, 1, 1, 1)]
    assert points[0]["Dimensions"] is points[-1]["Dimensions"]
