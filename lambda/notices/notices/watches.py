"""Alarms, and what should watch and does not: rules that are disabled, alarms that get no data.

Of an alarm people are told when it changes, and again each day that it lasts; of a rule, each day that it is disabled.
Source: CloudWatch user guide, "Alarm events and EventBridge".
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from shlex import quote
from typing import Any

from notices.notice import Kind, Notice
from notices.settings import Settings

DEAD_LETTERS = "ApproximateNumberOfMessagesVisible"
"""Metric of the alarms on dead-letter queues."""
DAY = timedelta(days=1)


def of_alarm(detail: Mapping[str, Any], settings: Settings) -> Notice | None:
    """Return the notice of an alarm that fires or gets no data any more."""
    name, state = str(detail.get("alarmName", "")), detail.get("state") or {}
    if not settings.owns(name) or state.get("value") not in {"ALARM", "INSUFFICIENT_DATA"}:
        return None
    configuration = detail.get("configuration") or {}
    metrics = [each["metricStat"]["metric"] for each in configuration.get("metrics", ()) if "metricStat" in each]
    return _notice(
        name,
        f"alarm/{name}/{state.get('timestamp', '')}",
        fires=state["value"] == "ALARM",
        description=str(configuration.get("description", "")),
        metric=str(metrics[0].get("name", "")) if metrics else "",
        dimensions=metrics[0].get("dimensions", {}) if metrics else {},
        reason=str(state.get("reason", "")),
        settings=settings,
    )


def lasting(alarms: Iterable[Mapping[str, Any]], settings: Settings, now: datetime) -> Iterator[Notice]:
    """Yield a notice for every whole day that an alarm, as DescribeAlarms shows it, fires or gets no data."""
    for alarm in alarms:
        since = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
        days = (now - since) // DAY
        if days < 1 or alarm["StateValue"] == "OK":
            continue
        name = str(alarm["AlarmName"])
        yield _notice(
            name,
            f"alarm/{name}/{since.astimezone(UTC).isoformat()}/{days}",
            fires=alarm["StateValue"] == "ALARM",
            description=str(alarm.get("AlarmDescription", "")),
            metric=str(alarm.get("MetricName", "")),
            dimensions={each["Name"]: each["Value"] for each in alarm.get("Dimensions", ())},
            reason=f"For {days} days now: {alarm.get('StateReason', '')}",
            settings=settings,
        )


def disabled_rules(rules: Iterable[Mapping[str, Any]], settings: Settings, now: datetime) -> Iterator[Notice]:
    """Yield a notice for every rule of EventBridge that is disabled, as ListRules shows it."""
    for rule in rules:
        name = str(rule["Name"])
        if rule.get("State") == "DISABLED" and settings.owns(name):
            yield Notice(
                id=f"rule/{name}/{now:%Y-%m-%d}",
                kind=Kind.WATCH,
                environment=settings.environment,
                system=settings.system_of(name),
                title="a rule is disabled, and its events start nothing",
                what=f"The rule {name} of EventBridge is disabled: {rule.get('Description') or 'no description'}.",
                reason="Somebody disabled it, or a deployment did.",
                commands=(f"aws events enable-rule --name {quote(name)} --region {settings.region}",),
            )


def _notice(  # noqa: PLR0913 - members of an alarm, which an event and a description spell differently
    name: str,
    id_: str,
    *,
    fires: bool,
    description: str,
    metric: str,
    dimensions: Mapping[str, str],
    reason: str,
    settings: Settings,
) -> Notice:
    queue, endpoint = str(dimensions.get("QueueName", "")), str(dimensions.get("EndpointName", ""))
    of = f"-e {settings.environment}"
    if not fires:
        kind, title = Kind.WATCH, "an alarm gets no data"
        commands = (f"aws cloudwatch describe-alarms --alarm-names {quote(name)} --region {settings.region}",)
    elif metric == DEAD_LETTERS and queue:
        kind, title = Kind.DEAD_LETTER, "events failed for good and wait as dead letters"
        commands = (f"mdlc redrive {quote(queue)} {of}",)
    elif endpoint:
        kind, title = Kind.ALARM, f"the endpoint {endpoint} is in alarm"
        commands = (f"mdlc logs {quote(endpoint)} {of}",)
    else:
        kind, title = Kind.ALARM, f"the alarm {name} fires"
        commands = (f"aws cloudwatch describe-alarm-history --alarm-name {quote(name)} --region {settings.region}",)
    return Notice(
        id=id_,
        kind=kind,
        environment=settings.environment,
        system=settings.system_of(endpoint or queue or name),
        title=title,
        what=f"The alarm {name} {'fires' if fires else 'gets no data'}: {description or 'it has no description'}.",
        reason=reason,
        commands=commands,
        link=f"https://{settings.region}.console.aws.amazon.com/cloudwatch/home?region={settings.region}"
        f"#alarmsV2:alarm/{name}",
    )
