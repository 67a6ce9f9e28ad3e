"""Events, metrics, alarms and logs of MiniStack. Call these within `services.scope`."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs, eventbridge
from ministack.services.cloudformation import provisioners

from localcloud.alarm_settings import SETTINGS, problems
from localcloud.alarms import Alarm, AlarmState, Point


def put_event(source: str, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
    """Emit an event of an AWS service (`aws.sagemaker`) on the default bus."""
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": list(resources)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def put_metric(namespace: str, name: str, value: float, unit: str, dimensions: Mapping[str, str]) -> None:
    """Record one data point now."""
    cloudwatch.record_metric(namespace, name, value, unit, dict(dimensions))


def look_at_alarms() -> None:
    """Evaluate every alarm of this account and region."""
    cloudwatch._evaluate_all_alarms()


def use_alarm_evaluation(
    evaluate: Callable[[Alarm, Sequence[Point], float], AlarmState], seen: Callable[[str], Sequence[Point]]
) -> None:
    """Let `evaluate` decide the state of every metric alarm, whenever MiniStack looks at one.

    `seen` gives points of an alarm, by its ARN, beside those that were recorded.
    """

    def decide(record: dict[str, Any]) -> None:
        if "MetricName" in record:
            points = [*_points(record), *seen(record["AlarmArn"])]
            _set_state(record, evaluate(_alarm(record), points, time.time()))

    cloudwatch._evaluate_alarm = decide
    describe = cloudwatch._describe_alarms

    def describe_now(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack's
        cloudwatch._evaluate_all_alarms()
        return describe(*arguments)

    cloudwatch._describe_alarms = describe_now


def keep_set_states(scale: float) -> None:
    """Let a state that `SetAlarmState` sets stay until the alarm is evaluated next, a period later.

    Source: API reference of `SetAlarmState`: "When the updated state differs from the previous value, the action
    configured for the appropriate state is invoked … the alarm returns to its actual state, often within seconds".
    """
    place, evaluate = cloudwatch._set_alarm_state, cloudwatch._evaluate_alarm
    until: dict[str, float] = {}

    def placed(parameters: Any, decoded: Mapping[str, Any], *form: bool) -> Any:  # noqa: ANN401 - MiniStack's answer
        name = decoded.get("AlarmName", "") if any(form) else cloudwatch._p(parameters, "AlarmName")
        answer = place(parameters, decoded, *form)
        if record := cloudwatch._alarms.get(name):
            until[record["AlarmArn"]] = time.time() + record.get("Period", 60) / scale
        return answer

    def evaluated(record: dict[str, Any]) -> None:
        if until.get(record["AlarmArn"], 0) <= time.time():
            until.pop(record["AlarmArn"], None)
            evaluate(record)

    cloudwatch._set_alarm_state, cloudwatch._evaluate_alarm = placed, evaluated


def tell_of_alarms() -> None:
    """Emit an event of every change of an alarm's state.

    Source: user guide of CloudWatch, "Alarm events and EventBridge".
    """
    act = cloudwatch._dispatch_alarm_actions

    def told(record: Mapping[str, Any], before: str, state: str, reason: str) -> None:
        act(record, before, state, reason)
        now = datetime.now(UTC)
        moment = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}+0000"
        detail = {
            "alarmName": record["AlarmName"],
            "configuration": _configuration(record),
            "previousState": {"value": before},
            "state": {"value": state, "reason": reason, "timestamp": moment},
        }
        put_event("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [record["AlarmArn"]])

    cloudwatch._dispatch_alarm_actions = told


def _configuration(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an alarm watches, as its events have it."""
    described = {"description": record["AlarmDescription"]} if record.get("AlarmDescription") else {}
    if "MetricName" not in record:
        return {**described, "alarmRule": record.get("AlarmRule", "")}
    metric = {
        "namespace": record["Namespace"],
        "name": record["MetricName"],
        "dimensions": {each["Name"]: each["Value"] for each in record.get("Dimensions") or ()},
    }
    stat = {
        "metric": metric,
        "period": int(record.get("Period", 60)),
        "stat": record.get("ExtendedStatistic") or record.get("Statistic"),
    }
    id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, record["AlarmArn"]))
    return {**described, "metrics": [{"id": id_, "metricStat": stat, "returnData": True}]}


def refuse_alarms() -> None:
    """Refuse alarms that CloudWatch does not take, in requests and in templates."""
    put = cloudwatch._put_metric_alarm

    def checked(parameters: Any, decoded: Mapping[str, Any], *form: bool) -> Any:  # noqa: ANN401 - MiniStack's answer
        asked = decoded if any(form) else {name: cloudwatch._p(parameters, name) for name in SETTINGS}
        said = next(problems(asked), "")
        refused = cloudwatch._error("ValidationError", said, 400, use_json=form[-1], use_cbor=form[0]) if said else None
        return refused or put(parameters, decoded, *form)

    cloudwatch._put_metric_alarm = checked
    record = provisioners._cw_metric_alarm_record

    def judged(name: str, properties: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's record
        for said in problems(properties):
            raise ValueError(said)
        return record(name, properties)

    provisioners._cw_metric_alarm_record = judged


def alarm_state(name: str) -> AlarmState:
    """State of a metric alarm or composite alarm now."""
    record = cloudwatch._alarms.get(name)
    if record is not None:
        cloudwatch._evaluate_alarm(record)
    else:
        record = cloudwatch._composite_alarms.get(name)
    state: AlarmState = record["StateValue"] if record else "INSUFFICIENT_DATA"
    return state


def write_log(group: str, stream: str, lines: Sequence[str]) -> None:
    """Append lines to a log stream, making group and stream."""
    if group not in cloudwatch_logs._log_groups:
        cloudwatch_logs._create_log_group({"logGroupName": group})
    if stream not in cloudwatch_logs._log_groups[group]["streams"]:
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines]
    cloudwatch_logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": events})


def log_groups() -> Iterator[dict[str, Any]]:
    """Yield every log group of all accounts: {account, region, name, key, retention}; what it has not is None.

    A service that makes a group for itself, as SageMaker does for jobs, gives it neither a key nor an end.
    """
    for (account, region, name), group in list(cloudwatch_logs._log_groups.all_items()):
        key, retention = group.get("kmsKeyId"), group.get("retentionInDays")
        yield {"account": account, "region": region, "name": name, "key": key, "retention": retention}


def choose_streams() -> None:
    """Let `FilterLogEvents` search only the log streams whose names begin with the prefix that is asked for.

    Source: API reference of `FilterLogEvents`: `logStreamNamePrefix`, and that it does not go with `logStreamNames`.
    """
    search = cloudwatch_logs._filter_log_events

    def chosen(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        prefix = data.get("logStreamNamePrefix")
        if not prefix:
            return search(data)
        if data.get("logStreamNames"):
            message = "You cannot specify both logStreamNames and logStreamNamePrefix."
            return cloudwatch_logs.error_response_json("InvalidParameterException", message, 400)
        group = cloudwatch_logs._log_groups.get(cloudwatch_logs._resolve_log_group_name(data), {"streams": ()})
        streams = [name for name in group["streams"] if name.startswith(prefix)]
        return search({**data, "logStreamNames": streams or [prefix]})  # no stream has the name, when none begins so

    cloudwatch_logs._filter_log_events = chosen


def _alarm(record: Mapping[str, Any]) -> Alarm:
    return Alarm(
        statistic=record.get("ExtendedStatistic") or record.get("Statistic") or "Average",
        period=float(record.get("Period", 60)),
        evaluation_periods=int(record.get("EvaluationPeriods", 1)),
        datapoints=int(record.get("DatapointsToAlarm") or record.get("EvaluationPeriods", 1)),
        threshold=float(record.get("Threshold", 0)),
        comparison=record.get("ComparisonOperator", ""),
        missing=record.get("TreatMissingData") or "missing",
        state=record["StateValue"],
    )


def _points(record: Mapping[str, Any]) -> list[Point]:
    wanted = {d["Name"]: d["Value"] for d in record.get("Dimensions", [])}
    key = (record["Namespace"], record["MetricName"], cloudwatch._dims_key(wanted))
    return [
        Point(point["Timestamp"], *cloudwatch._point_stats(point)) for point in list(cloudwatch._metrics.get(key) or ())
    ]


def _set_state(record: dict[str, Any], state: AlarmState) -> None:
    before = record["StateValue"]
    if state == before:
        return
    reason = f"{record['MetricName']} {record.get('ComparisonOperator')} {record.get('Threshold')}: {state}"
    record.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(record["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(record, before, state, reason)
    cloudwatch._evaluate_parent_alarms(record)
