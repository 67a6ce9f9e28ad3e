"""Settings of metric alarms that CloudWatch refuses: API reference, PutMetricAlarm, at both sides of each limit."""

from typing import Any

import pytest

from localcloud.alarm_settings import problems

ALARM = {"Period": 60, "EvaluationPeriods": 1, "Statistic": "Sum", "ComparisonOperator": "GreaterThanThreshold"}
TOPIC = "arn:aws:sns:eu-west-1:111122223333:topic"


@pytest.mark.parametrize(
    "differs",
    [
        {"Period": 10},
        {"Period": "120"},
        {"Period": 60, "EvaluationPeriods": 1440},
        {"Period": 3600, "EvaluationPeriods": 168},
        {"EvaluationPeriods": 3, "DatapointsToAlarm": 3},
        {"TreatMissingData": "notBreaching", "AlarmActions": [TOPIC]},
        {"ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold", "Statistic": None},
    ],
)
def test_alarms(differs: dict[str, Any]) -> None:
    assert list(problems({**ALARM, **differs})) == []


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({"Period": 45}, "multiple of 60"),
        ({"Period": 5}, "multiple of 60"),
        ({"Period": 60, "EvaluationPeriods": 1441}, "more than a day"),
        ({"Period": 3600, "EvaluationPeriods": 169}, "more than seven days"),
        ({"EvaluationPeriods": 3, "DatapointsToAlarm": 4}, "less than or equal to EvaluationPeriods"),
        ({"Statistic": "Median"}, "Value 'Median' at 'statistic' failed to satisfy constraint"),
        ({"TreatMissingData": "ignored"}, "Value 'ignored' at 'treatMissingData'"),
        ({"ComparisonOperator": "Greater"}, "Value 'Greater' at 'comparisonOperator'"),
        ({"AlarmActions": ["a topic"]}, "Invalid arn syntax: a topic"),
    ],
)
def test_alarms_that_are_none(differs: dict[str, Any], words: str) -> None:
    (said,) = problems({**ALARM, **differs})
    assert words in said
