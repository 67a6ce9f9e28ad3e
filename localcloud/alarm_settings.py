"""Settings of metric alarms that CloudWatch refuses.

Source: API reference of CloudWatch, PutMetricAlarm, and the service's own words as users quote them; where none are
published, the sentence says what the reference asks for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from localcloud.alarms import COMPARISONS, STATISTICS

SHORT_PERIODS: Final = frozenset({10, 20, 30})
"""Seconds; every other period is a multiple of a minute."""
HOUR, DAY, WEEK = 3_600, 86_400, 604_800
SETTINGS: Final = (
    "ComparisonOperator",
    "DatapointsToAlarm",
    "EvaluationPeriods",
    "Period",
    "Statistic",
    "TreatMissingData",
)
"""What is judged of an alarm beside its actions."""
MISSING: Final = frozenset({"breaching", "notBreaching", "ignore", "missing"})
_ARN: Final = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:\w*:.+")
_OF_BANDS: Final = re.compile(r"(Less|Greater)Than.*(Lower|Upper)Threshold")


def problems(alarm: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with an alarm; it has the members of a request, which are those of a template too."""
    period, periods = int(alarm.get("Period") or 60), int(alarm.get("EvaluationPeriods") or 1)
    if period not in SHORT_PERIODS and (period < 1 or period % 60):
        yield "Period must be 10, 20, 30 or a multiple of 60"
    if period * periods > (WEEK if period >= HOUR else DAY):
        yield f"Metrics cannot be checked across more than {'seven days' if period >= HOUR else 'a day'}"
    if int(alarm.get("DatapointsToAlarm") or 0) > periods:
        yield "DatapointsToAlarm must be less than or equal to EvaluationPeriods"
    for member, values in (("Statistic", STATISTICS), ("TreatMissingData", MISSING)):
        if (value := alarm.get(member)) and value not in values:
            yield _not_one_of(member, value, values)
    comparison = str(alarm.get("ComparisonOperator") or "")
    if comparison and comparison not in COMPARISONS and not _OF_BANDS.fullmatch(comparison):
        yield _not_one_of("ComparisonOperator", comparison, COMPARISONS)
    for member in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for action in alarm.get(member) or ():
            if not _ARN.fullmatch(str(action)):
                yield f"Invalid arn syntax: {action}"


def _not_one_of(member: str, value: object, values: Iterable[str]) -> str:
    listed = ", ".join(sorted(values))
    where = member[:1].lower() + member[1:]
    return (
        f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint: Member must satisfy "
        f"enum value set: [{listed}]"
    )
