"""Rules of who hears of what is wrong: an alarm tells somebody, and somebody at work."""

import re
from collections.abc import Iterator
from typing import Any, Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, named_values

Found = Iterator[tuple[Resource, str]]

_PRIVATE: Final = re.compile(
    r"@(gmail|googlemail|outlook|hotmail|live|yahoo|ymail|gmx|web|icloud|me|aol|proton|protonmail|mail|zoho|yandex|qq|163)\.\w+$",
    re.IGNORECASE,
)


@rule
def alarm_tells(templates: Templates) -> Found:
    """An alarm does something when it fires, or another resource waits for it (Security Hub, CloudWatch.15)."""
    for alarm in templates.of("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        if alarm.environment.name and not as_list(alarm.get("OKActions")):
            continue  # of ours cdk-nag asks, CloudWatchAlarmAction
        if not as_list(alarm.get("AlarmActions")) and not _waited_for(templates, alarm):
            yield alarm, "Nobody hears of it when it fires: it has no AlarmActions."


def _waited_for(templates: Templates, alarm: Resource) -> bool:
    """Return whether another resource names `alarm`: a roll-out, or an alarm of several."""
    name = alarm.get("AlarmName")
    return any(
        isinstance(value, str) and (f"/{alarm.logical_id}" in value or (name and str(name) in value))
        for other in templates.resources
        if other is not alarm and other.type != "AWS::CloudWatch::Dashboard"
        for _, value in _texts(other.properties)
    )


def _texts(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - whatever a template holds
    for name, item in named_values(value):
        for each in as_list(item):
            if isinstance(each, str):
                yield name, each


@rule
def told_at_work(templates: Templates) -> Found:
    """What is wrong is told to people at work: a mailbox of their own at a public provider is nobody's to close."""
    for resource in templates.of(
        "AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::Budgets::Budget", "AWS::CE::AnomalySubscription"
    ):
        for name, value in named_values(resource.properties):
            if name in {"Endpoint", "Address"} and _PRIVATE.search(str(value)):
                yield resource, f"It tells {value}, a private mailbox."


RULES: Final = (told_at_work, alarm_tells)
