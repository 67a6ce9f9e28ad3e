"""Notices: what people were told of an environment, and what is wrong with it now."""

from dataclasses import dataclass
from typing import Any, Final

from mdlc.client import dead_letters
from mdlc.client.aws import Cloud

TABLE: Final = "NoticesTableName"
BURSTS: Final = "burst/"
"""How the ids of items begin that count notices and are none."""


@dataclass(frozen=True)
class Notice:
    """One notice as it was written down; `state` is told, counted (one of a burst) or claimed (being told)."""

    time: str
    system: str
    kind: str
    subject: str
    body: str
    state: str

    def as_json(self) -> dict[str, Any]:
        """Return it as --json shows it."""
        return dict(vars(self))


@dataclass(frozen=True)
class Open:
    """Something that is wrong now, as the service itself says, and what to do."""

    what: str
    command: str

    def as_json(self) -> dict[str, Any]:
        """Return it as --json shows it."""
        return dict(vars(self))


def recent(cloud: Cloud, environment: str, limit: int) -> list[Notice]:
    """Return the newest notices, the newest first; the table keeps them for 90 days."""
    table = cloud.output(environment, TABLE, "table of notices")
    pages = cloud.dynamodb.get_paginator("scan").paginate(TableName=table)
    items = [
        {name: each["S"] for name, each in item.items() if "S" in each} for page in pages for item in page["Items"]
    ]
    found = [
        Notice(item["Time"], item["System"], item["Kind"], item["Subject"], item["Body"], item["State"])
        for item in items
        if not item["Id"].startswith(BURSTS)
    ]
    return sorted(found, key=lambda notice: notice.time, reverse=True)[:limit]


def still_open(cloud: Cloud, environment: str) -> list[Open]:
    """Return what can be seen to be wrong now: dead letters, alarms that fire or get no data, disabled rules."""
    prefix, of = f"{environment}-", f"-e {environment}"
    found = [
        Open(f"{each.waiting} dead letter{'s' * (each.waiting != 1)} in {each.name}", f"mdlc redrive {each.name} {of}")
        for each in dead_letters.queues(cloud, environment)
        if each.waiting
    ]
    pages = cloud.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    for alarm in (alarm for page in pages for alarm in page["MetricAlarms"]):
        if alarm["StateValue"] != "OK" and not any(each.what.endswith(_queue(alarm)) for each in found):
            state = "fires" if alarm["StateValue"] == "ALARM" else "gets no data"
            command = f"aws cloudwatch describe-alarm-history --alarm-name {alarm['AlarmName']}"
            found.append(Open(f"the alarm {alarm['AlarmName']} {state}", command))
    rules = cloud.events.get_paginator("list_rules").paginate(NamePrefix=prefix)
    disabled = [rule["Name"] for page in rules for rule in page["Rules"] if rule.get("State") == "DISABLED"]
    return found + [Open(f"the rule {name} is disabled", f"aws events enable-rule --name {name}") for name in disabled]


def _queue(alarm: Any) -> str:  # noqa: ANN401 - an alarm of CloudWatch
    """Return the queue that an alarm watches; a text that ends nothing where it watches none."""
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", ())}
    return str(dimensions.get("QueueName", "\0"))
