"""Rules of alarms and budgets that can tell what they are for, in time.

Sources: CloudWatch API reference, PutMetricAlarm and PutCompositeAlarm; SQS developer guide, "Available CloudWatch
metrics"; API Gateway developer guide, "Dimensions for metrics"; Cost Management user guide, "Budgets" and "Anomalies".
"""

import re
from collections.abc import Iterator
from typing import Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings, number

Found = Iterator[tuple[Resource, str]]

_ALARM: Final = "AWS::CloudWatch::Alarm"
_BUDGET: Final = "AWS::Budgets::Budget"
_DEAD: Final = re.compile(r"dead|dlq", re.IGNORECASE)
_LATEST: Final = 86_400
_MOST_PERCENT: Final = 1_000
_LEAST_SHARE: Final = 0.01


@rule
def one_series(templates: Templates) -> Found:
    """An alarm on several metrics returns the data of one."""
    for alarm in templates.of(_ALARM):
        several = as_list(alarm.get("Metrics"))
        returned = [each for each in several if is_true(get(each, "ReturnData", default=True))]
        if several and len(returned) != 1:
            yield alarm, f"CloudWatch refuses it: {len(returned)} of its metrics return data, and one has to."


_STATE: Final = re.compile(r"(NOT\s+)?(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*[\"']?([^\"')]+)[\"']?\s*\)")


@rule
def composite_can_be_on(templates: Templates) -> Found:
    """A composite alarm asks for what can be at once: an alarm is in one state."""
    for alarm in templates.of("AWS::CloudWatch::CompositeAlarm"):
        text = str(alarm.get("AlarmRule", ""))
        if re.search(r"\bOR\b", text):
            continue
        states: dict[str, set[str]] = {}
        for denied, state, name in _STATE.findall(text):
            states.setdefault(name.strip(), set()).add(f"not {state}" if denied else state)
        for name, asked in states.items():
            plain = {each for each in asked if not each.startswith("not ")}
            if len(plain) > 1 or any(f"not {each}" in asked for each in plain) or "FALSE" in text.split():
                yield alarm, f"It is never on: {name} is not {' and '.join(sorted(asked))} at once."


def _metrics(alarm: Resource) -> Iterator[dict[str, object]]:
    for item in mappings(dict(alarm.properties)):
        if "MetricName" in item and "Namespace" in item:
            yield dict(item)


@rule
def metric_fits(templates: Templates) -> Found:
    """An alarm watches what its subject publishes: messages that lie in a dead letter queue, an API by its name."""
    dead = {
        found.path
        for queue in templates.of("AWS::SQS::Queue")
        if (found := templates.find(get(queue.get("RedrivePolicy"), "deadLetterTargetArn"))) is not None
    }
    for alarm in templates.of(_ALARM):
        for metric in _metrics(alarm):
            named = {str(get(each, "Name")): get(each, "Value") for each in as_list(metric.get("Dimensions"))}
            queue = templates.find(named.get("QueueName"))
            of_dead = (queue is not None and queue.path in dead) or _DEAD.search(
                f"{named.get('QueueName')} {alarm.logical_id} {alarm.get('AlarmDescription', '')}"
            )
            if metric["MetricName"] == "NumberOfMessagesSent" and of_dead:
                yield (
                    alarm,
                    "Messages that a queue gives up are not counted as sent: ApproximateNumberOfMessagesVisible.",
                )
            api = templates.find(named.get("ApiName"))
            if api is not None and str(named["ApiName"]).startswith("${") and api.type.endswith("::RestApi"):
                yield alarm, "It sees nothing: API Gateway counts by the API's name, and not by its id."


@rule
def alarm_soon(templates: Templates) -> Found:
    """An alarm tells within a day: of what lies in a dead letter queue, and of what fails."""
    for alarm in templates.of(_ALARM):
        period, times = number(alarm.get("Period")), number(alarm.get("EvaluationPeriods"))
        needed = number(alarm.get("DatapointsToAlarm", alarm.get("EvaluationPeriods")))
        if period is None or times is None or needed is None:
            continue
        if period * needed > _LATEST and needed > 1:
            yield alarm, f"It tells after {period * needed / 86_400:g} days."


@rule
def threshold_meant(templates: Templates) -> Found:
    """A budget's threshold is of its kind: per cent of the limit, or an amount near it."""
    for budget in templates.of(_BUDGET):
        limit = number(budget.get("Budget.BudgetLimit.Amount"))
        for notice in as_list(budget.get("NotificationsWithSubscribers")):
            given = get(notice, "Notification", {})
            at, kind = number(get(given, "Threshold")), get(given, "ThresholdType", "PERCENTAGE")
            if at is not None and kind == "PERCENTAGE" and at > _MOST_PERCENT:
                yield (
                    budget,
                    f"It tells nobody: {at:g} is per cent of the limit where ThresholdType is not ABSOLUTE_VALUE.",
                )
            if at is not None and kind == "ABSOLUTE_VALUE" and limit and at < _LEAST_SHARE * limit:
                yield budget, f"It tells at once, each month: {at:g} is an amount, of a limit of {limit:g}."


_TAG: Final = re.compile(r"(user|aws):[^$]+\$.*")


@rule
def budget_counts(templates: Templates) -> Found:
    """A budget counts what is used, by tags as Budgets writes them: `user:KEY$VALUE`, without credits."""
    for budget in templates.of(_BUDGET):
        for value in as_list(budget.get("Budget.CostFilters.TagKeyValue")):
            if not _TAG.fullmatch(str(value)) and not str(value).startswith("${"):
                yield budget, f"It counts nothing: {value} is not user:KEY$VALUE."
        for name in ("IncludeCredit", "IncludeRefund"):
            if is_true(budget.get(f"Budget.CostTypes.{name}")):
                yield budget, f"Credits hide what is spent: {name} is true."


@rule
def anomaly_told(templates: Templates) -> Found:
    """An anomaly is told at once to a topic alone: mail is daily or weekly."""
    for subscription in templates.of("AWS::CE::AnomalySubscription"):
        kinds = {get(each, "Type") for each in as_list(subscription.get("Subscribers"))}
        if subscription.get("Frequency") == "IMMEDIATE" and "EMAIL" in kinds:
            yield subscription, "It is refused: IMMEDIATE is for topics, and one of its subscribers is EMAIL."


RULES: Final = (
    one_series,
    composite_can_be_on,
    metric_fits,
    alarm_soon,
    threshold_meant,
    budget_counts,
    anomaly_told,
)
