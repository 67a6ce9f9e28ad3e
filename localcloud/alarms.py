"""When a CloudWatch metric alarm is in ALARM: M of the last N periods breach the threshold.

Source: Amazon CloudWatch user guide, "Evaluating an alarm" and "Configuring how alarms treat missing data".
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

STATISTICS = frozenset({"Average", "Maximum", "Minimum", "SampleCount", "Sum"})
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Point:
    """One recorded data point: time in seconds since the epoch, and the statistics of its values."""

    time: float
    count: float
    total: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Alarm:
    """What decides the state of an alarm. `period` is in seconds; `datapoints` of `evaluation_periods` must breach.

    `missing` is breaching, notBreaching, ignore or missing; `state` is the state so far.
    """

    statistic: str
    period: float
    evaluation_periods: int
    datapoints: int
    threshold: float
    comparison: str
    missing: str
    state: AlarmState


def evaluate(alarm: Alarm, points: Sequence[Point], now: float) -> AlarmState:
    """Return the state of the alarm at `now`. The current, unfinished period counts as the newest one.

    AWS waits for a period to end; a local roll-out would wait with it.
    Raises `ValueError` for a statistic or comparison that is not provided.
    """
    compare = COMPARISONS.get(alarm.comparison)
    if compare is None:
        raise ValueError(f"the local CloudWatch does not evaluate {alarm.comparison}")
    breaches: list[bool] = []
    for index in range(alarm.evaluation_periods):
        end = now - index * alarm.period
        window = [point for point in points if end - alarm.period < point.time <= end]
        if window:
            breaches.append(compare(_statistic(alarm.statistic, window), alarm.threshold))
        elif alarm.missing == "breaching":
            breaches.append(True)
        elif alarm.missing == "notBreaching":
            breaches.append(False)
    if sum(breaches) >= alarm.datapoints:
        return "ALARM"
    if not breaches:
        return alarm.state if alarm.missing == "ignore" else "INSUFFICIENT_DATA"
    return "OK"


def _statistic(name: str, window: Sequence[Point]) -> float:
    count, total = sum(p.count for p in window), sum(p.total for p in window)
    match name:
        case "Sum":
            return total
        case "SampleCount":
            return count
        case "Average":
            return total / count
        case "Minimum":
            return min(p.minimum for p in window)
        case "Maximum":
            return max(p.maximum for p in window)
    if name.startswith("p"):  # a percentile of single values: nearest rank
        values = sorted(p.total / p.count for p in window)
        return values[min(len(values) - 1, int(float(name[1:]) / 100 * len(values)))]
    raise ValueError(f"the local CloudWatch does not compute the statistic {name}")
