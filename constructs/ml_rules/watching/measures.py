"""Rules of what alarms watch: a metric that is published, by a statistic and a threshold at which they fire."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from ml_rules.decided import FOLDER, read_rows
from ml_rules.rule import rule
from ml_rules.serving.fleets import metrics
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, number

Found = Iterator[tuple[Resource, str]]
Row = Mapping[str, str]

_MOST_FAILURES: Final = 10_000
"""More failures in one period are an outage that somebody has noticed otherwise."""
_COUNTS: Final = {"Sum", "SampleCount"}
_MILLISECOND: Final = 1_000
"""Microseconds: no model answers in less, so that a smaller threshold was meant in another unit."""
_DAY: Final = 86_400
_HOUR: Final = 3_600
_SHORT_PERIODS: Final = {10, 20, 30}
_MINUTE: Final = 60
_URL_OR_ARN: Final = re.compile(r"(arn:|https://)|\$\{[^}]*\.(Arn|TopicArn|QueueUrl)\}$")
_OWN_REFERENCE: Final = {"AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}
"""Types whose `Ref` is a URL or an ARN, and no name."""
_DEAD: Final = re.compile(r"dlq|dead.?letter", re.IGNORECASE)
_QUOTED: Final = re.compile(r"['\"]|SELECT|SEARCH", re.IGNORECASE)


@cache
def _rows() -> tuple[Row, ...]:
    return tuple(read_rows(FOLDER / "metrics.csv"))


@cache
def _dimensions() -> Mapping[str, frozenset[str]]:
    rows = read_rows(FOLDER / "dimensions.csv")
    return {row["namespaces"]: frozenset(row["dimensions"].split()) for row in rows}


@cache
def _find_row(namespace: str, name: str) -> Row | None:
    """Return what AWS says of a metric, `decisions/metrics.csv`."""
    return next(
        (
            row
            for row in _rows()
            if row["namespace"] == namespace and any(fnmatchcase(name, each) for each in row["metrics"].split())
        ),
        None,
    )


@rule
def metric_published(templates: Templates) -> Found:
    """An alarm looks for a metric where AWS publishes it: in its namespace, with its dimensions and its unit."""
    spelled = {row["namespace"].lower(): row["namespace"] for row in _rows()}
    services = {row["namespace"]: row["service"] for row in _rows()}
    for alarm in templates.of("AWS::CloudWatch::Alarm"):
        for metric in metrics(alarm):
            namespace, name = str(metric.get("Namespace")), str(metric.get("MetricName"))
            meant, row = spelled.get(namespace.lower()), _find_row(namespace, name)
            if meant is None or "${" in name:
                continue
            if namespace != meant:
                yield alarm, f"AWS writes {meant}, and not {namespace}."
            elif row is None:
                siblings = [other for other, service in services.items() if service == services[namespace]]
                elsewhere = [other for other in siblings if _find_row(other, name)]
                where = f"is published in {elsewhere[0]}, and not in" if elsewhere else "is no metric of"
                yield alarm, f"{name} {where} {namespace}."
            unit = metric.get("Unit", alarm.get("Unit"))
            if row and row["unit"] and unit is not None and unit != row["unit"]:
                yield alarm, f"{name} is published in {row['unit']}, and not in {unit}."


@rule
def dimension_published(templates: Templates) -> Found:
    """An alarm names a metric's dimensions as AWS does, and their values: a name where AWS has a name."""
    for alarm in templates.of("AWS::CloudWatch::Alarm"):
        for metric in metrics(alarm):
            namespace, name = str(metric.get("Namespace")), str(metric.get("MetricName"))
            given = {str(get(item, "Name")): get(item, "Value") for item in as_list(metric.get("Dimensions"))}
            row, known = _find_row(namespace, name), _dimensions().get(namespace)
            needed = row["dimensions"] if row else ""
            if needed and not given:
                yield alarm, f"{name} is published by {needed} alone."
            elif known and (strange := set(given) - known):
                yield alarm, f"{namespace} has no dimension {', '.join(sorted(strange))}."
            elif needed and needed not in given:
                yield alarm, f"{name} is published by {needed}, and not by {', '.join(sorted(given))}."
            for dimension, value in given.items() if known else ():
                yield from _value(templates, alarm, dimension, value)
            if name in {"NumberOfMessagesSent", "NumberOfMessagesReceived"} and _DEAD.search(str(given)):
                yield alarm, f"{name} does not count what a queue moves to its dead letters."


def _value(templates: Templates, alarm: Resource, dimension: str, value: object) -> Found:
    of_arn, text = dimension.endswith("Arn"), str(value)
    named = templates.find(text) if re.fullmatch(r"\$\{[^.}]*\}", text) else None
    address = bool(_URL_OR_ARN.search(text)) or (named is not None and named.type in _OWN_REFERENCE)
    if dimension != "Resource" and address and not of_arn:
        yield alarm, f"{dimension} is a name, and not {text}."
    if of_arn and not address and ("${" not in text or re.search(r"\.(Name|TopicName|QueueName)\}$", text)):
        yield alarm, f"{dimension} is an ARN, and not {text}."


@rule
def alarm_can_fire(templates: Templates) -> Found:
    """An alarm fires on what is wrong: at a threshold that can be reached, from the right side."""
    for alarm in templates.of("AWS::CloudWatch::Alarm"):
        threshold, comparison = number(alarm.get("Threshold")), str(alarm.get("ComparisonOperator"))
        row, name = _find_row(str(alarm.get("Namespace")), str(alarm.get("MetricName"))), alarm.get("MetricName")
        if threshold is None or row is None:
            continue
        failures, rises = row["failures"] == "yes", comparison.startswith("GreaterThan")
        if failures and not rises:
            yield alarm, f"It fires when there is little of {name}, and not when there is much."
        elif threshold <= 0 and comparison == "LessThanThreshold":
            yield alarm, f"{name} is never below {threshold:g}."
        if rises and row["most"] and threshold > float(row["most"]):
            yield alarm, f"{name} is never above {row['most']}."
        if rises and row["unit"] == "Microseconds" and 0 < threshold < _MILLISECOND:
            yield alarm, f"It fires at every answer: {name} is in microseconds."
        if failures and not row["unit"]:
            yield from _judge_count(alarm, str(name), threshold, rises=rises)


def _judge_count(alarm: Resource, name: str, threshold: float, *, rises: bool) -> Found:
    """Yield what is wrong with the statistic of a count of failures."""
    statistic = alarm.get("Statistic")
    if statistic in _COUNTS and threshold > _MOST_FAILURES and rises:
        yield alarm, f"{threshold:g} of {name} in a period are not reached."
    if statistic in {"Minimum", "SampleCount"}:
        yield alarm, f"The {statistic} of {name} does not say how many there were."
    if statistic == "Average" and threshold >= 1 and rises:
        yield alarm, f"An Average of {name} is not {threshold:g} unless everything fails."
    if alarm.get("TreatMissingData") == "breaching":
        yield alarm, f"It fires where nothing happens: without {name} there is no data."


@rule
def alarm_in_time(templates: Templates) -> Found:
    """An alarm looks at as many periods as CloudWatch lets it, of a length that there is."""
    for alarm in templates.of("AWS::CloudWatch::Alarm"):
        period, of = number(alarm.get("Period")), number(alarm.get("EvaluationPeriods"))
        needed = number(alarm.get("DatapointsToAlarm", ""))
        if of is not None and needed is not None and needed > of:
            yield alarm, f"It needs {needed:g} of {of:g} periods: it never fires."
        if period is None or of is None:
            continue
        if period not in _SHORT_PERIODS and (period <= 0 or period % _MINUTE):
            yield alarm, f"A period is 10, 20, 30 or a multiple of 60 seconds, and not {period:g}."
        if period * of > (7 * _DAY if period >= _HOUR else _DAY):
            yield alarm, f"CloudWatch looks back for a day, or for a week by the hour, and not {period * of:g} seconds."
        row = _find_row(str(alarm.get("Namespace")), str(alarm.get("MetricName")))
        if row and row["failures"] == "yes" and period * (needed or of) > _DAY:
            yield alarm, f"It tells of failures after {period * (needed or of) / _DAY:g} days."


@rule
def silence_noticed(templates: Templates) -> Found:
    """An alarm that waits for a sign of life takes silence for what it is: what is dead sends no data."""
    for alarm in templates.of("AWS::CloudWatch::Alarm"):
        waits = str(alarm.get("ComparisonOperator")).startswith("LessThan") and alarm.get("Statistic") in _COUNTS
        silent = alarm.get("TreatMissingData", "missing")
        unheard = silent in {"notBreaching", "ignore"} or (
            silent == "missing" and not as_list(alarm.get("InsufficientDataActions"))
        )
        if waits and unheard and (number(alarm.get("Threshold")) or 0) > 0:
            yield alarm, f"It takes silence for health: TreatMissingData is {silent}."


@rule
def metric_counted(templates: Templates) -> Found:
    """A filter of logs counts what it finds, and the alarm beside it watches that very metric."""
    counted = {
        (str(get(each, "MetricNamespace")), str(get(each, "MetricName")))
        for counting in templates.of("AWS::Logs::MetricFilter")
        for each in as_list(counting.get("MetricTransformations"))
    }
    watched = {
        (str(metric.get("Namespace")), str(metric.get("MetricName")))
        for alarm in templates.of("AWS::CloudWatch::Alarm")
        for metric in metrics(alarm)
    }
    for counting in templates.of("AWS::Logs::MetricFilter"):
        for each in as_list(counting.get("MetricTransformations")):
            if number(get(each, "MetricValue")) == 0:
                yield counting, "It counts nothing: its MetricValue is 0."
    for alarm in templates.of("AWS::CloudWatch::Alarm"):
        for metric in metrics(alarm):
            namespace, name = str(metric.get("Namespace")), str(metric.get("MetricName"))
            near = [n for n, m in counted - watched if n.lower() == namespace.lower() or m.lower() == name.lower()]
            if near and (namespace, name) not in counted and namespace.lower() not in _namespaces():
                yield alarm, f"Nothing publishes {name} in {namespace}: the filter of the log counts another."


@cache
def _namespaces() -> frozenset[str]:
    return frozenset(row["namespace"].lower() for row in _rows())


@rule
def alarm_computed(templates: Templates) -> Found:
    """What an alarm computes is of metrics that it names, and its rule can be true and false."""
    for alarm in templates.of("AWS::CloudWatch::Alarm"):
        queries = [each for each in as_list(alarm.get("Metrics")) if isinstance(each, Mapping)]
        names = {str(each.get("Id")) for each in queries}
        for each in queries:
            expression = str(each.get("Expression", ""))
            used = set() if _QUOTED.search(expression) else set(re.findall(r"\b[a-z]\w*", expression))
            if used - names:
                yield alarm, f"It computes with {', '.join(sorted(used - names))}, which is no metric of it."
    for alarm in templates.of("AWS::CloudWatch::CompositeAlarm"):
        if str(alarm.get("AlarmRule")).strip().upper() in {"TRUE", "FALSE"}:
            yield alarm, f"Its AlarmRule is always {alarm.get('AlarmRule')}."


RULES: Final = (
    metric_published,
    dimension_published,
    alarm_can_fire,
    alarm_in_time,
    silence_noticed,
    metric_counted,
    alarm_computed,
)
