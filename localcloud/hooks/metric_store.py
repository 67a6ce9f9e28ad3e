"""How CloudWatch keeps metrics: every value for three hours, then one statistic set a minute, for 15 days.

Source: API reference of `GetMetricStatistics`, "CloudWatch metrics retention": data points with a period of less than
60 seconds are available for 3 hours, those of 60 seconds for 15 days.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, takewhile
from typing import Any, Final

from ministack.core import responses
from ministack.services import cloudwatch

FINE_S: Final = 3 * 60 * 60
KEPT_S: Final = 15 * 24 * 60 * 60
MINUTE: Final = 60

Point = dict[str, Any]


def keep_as_cloudwatch() -> None:
    """Let values that services measure be kept in a form that does not grow with every one of them."""
    tidied: dict[tuple[str, str], float] = {}

    def tidy() -> None:
        scope, now = (str(responses.get_account_id()), str(responses.get_region())), time.time()
        if now - tidied.get(scope, 0) < MINUTE:
            return
        tidied[scope] = now
        for key, points in list(cloudwatch._metrics.items()):
            compact(points, now)
            if not points:
                cloudwatch._metrics.pop(key, None)

    cloudwatch.record_metric, cloudwatch._evict_old_metrics = record, tidy


def record(
    namespace: str, name: str, value: float, unit: str = "None", dimensions: Mapping[str, str] | None = None
) -> None:
    """Keep a value of now; the same one within a second is counted."""
    given = dict(dimensions or {})
    points: list[Point] = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(given)))
    now, last = time.time(), points[-1] if points else {}
    if int(last.get("Timestamp", 0)) == int(now) and (last["Value"], last["Unit"]) == (value, unit):
        last["Count"] = last.get("Count", 1.0) + 1
        return
    shared = last.get("Dimensions", given)
    points.append({"Timestamp": now, "Value": float(value), "Unit": unit, "Dimensions": shared})


def compact(points: list[Point], now: float) -> None:
    """Fold the leading points that are older than three hours into minutes, and drop those older than 15 days."""
    old = list(takewhile(lambda point: point["Timestamp"] < now - FINE_S, points))
    points[: len(old)] = folded(point for point in old if point["Timestamp"] >= now - KEPT_S)


def folded(points: Iterable[Point]) -> list[Point]:
    """Return one statistic set for each minute and unit."""
    return [_set(minute, list(some)) for minute, some in groupby(points, _minute)]


def _minute(point: Point) -> tuple[float, str]:
    return point["Timestamp"] // MINUTE * MINUTE, point["Unit"]


def _set(minute: tuple[float, str], points: Sequence[Point]) -> Point:
    counts, sums, least, most = zip(*(cloudwatch._point_stats(point) for point in points), strict=True)
    statistics = {"SampleCount": sum(counts), "Sum": sum(sums), "Minimum": min(least), "Maximum": max(most)}
    return {
        "Timestamp": minute[0],
        "Value": sum(sums) / (sum(counts) or 1),
        "Unit": minute[1],
        "Dimensions": points[0]["Dimensions"],
        "_stat": statistics,
    }
