"""Rules that are none: user guide of EventBridge, "Setting a schedule pattern"; API reference, PutRule."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.hooks.schedules import RATE, wrong


@pytest.mark.parametrize("rate", ["rate(1 minute)", "rate(5 minutes)", "rate(1 day)", "rate(12 hours)"])
def test_rates(rate: str) -> None:
    assert RATE.match(rate)


@pytest.mark.parametrize("rate", ["rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "rate(1 week)"])
def test_rates_that_are_none(rate: str) -> None:
    assert not RATE.match(rate)


def test_a_rule_has_a_time_or_a_pattern() -> None:
    assert wrong({"Name": "r"}) == "Parameter(s) EventPattern or ScheduleExpression must be specified."
    assert not wrong({"Name": "r", "EventPattern": '{"source": ["a"]}'})


@pytest.mark.slow
def test_requests_and_templates(aws: Callable[..., Any], deploy: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid"):
        aws("events").put_rule(Name="r", ScheduleExpression="rate(1 hours)")
    rule = {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 hours)"}}
    assert deploy({"Rule": rule})["Failed"]["Rule"] == "Parameter ScheduleExpression is not valid."
    with pytest.raises(ClientError, match="must be specified"):
        aws("events").put_rule(Name="r")
