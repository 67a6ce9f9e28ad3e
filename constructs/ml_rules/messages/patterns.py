"""Rules of what sets off what: patterns match the events that they are for, and schedules start what they say."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates, function_of, leads_elsewhere
from ml_rules.values import as_list, get, parse_json

Found = Iterator[tuple[Resource, str]]

_DETAIL_TYPES: Final = (
    *("AWS API Call via CloudTrail", "AWS Service Event via CloudTrail", "AWS Console Sign In via CloudTrail"),
    *("SageMaker Model Package State Change", "SageMaker Training Job State Change", "SageMaker Endpoint State Change"),
    *("SageMaker Endpoint Deployment State Change", "SageMaker Processing Job State Change"),
    *("SageMaker Transform Job State Change", "SageMaker HyperParameter Tuning Job State Change"),
    *("SageMaker Model Building Pipeline Execution Status Change", "SageMaker Feature Group State Change"),
    *("SageMaker Model Building Pipeline Execution Step Status Change", "SageMaker Image State Change"),
    *("SageMaker Model State Change", "SageMaker Endpoint Config State Change", "SageMaker Image Version State Change"),
    *("Step Functions Execution Status Change", "CloudWatch Alarm State Change", "Object Created", "Object Deleted"),
    *("GuardDuty Finding", "Security Hub Findings - Imported", "ECR Image Action", "ECR Image Scan"),
    *("CodeBuild Build State Change", "Config Rules Compliance Change", "Scheduled Event", "AWS Health Event"),
)
"""How services call their events, letter by letter (EventBridge events reference)."""
_API_CALL: Final = "AWS API Call via CloudTrail"
_READING: Final = re.compile(r"(Get|List|Describe|Lookup|BatchGet|Search)[A-Z]\w*")
"""Calls that only read, of which CloudTrail sends no events unless a rule asks for all management events
(EventBridge user guide, "Receiving read-only management events from AWS services")."""
_ALL_MANAGEMENT: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_OF_RECORDS: Final = (
    "body data dynamodb eventName eventID eventVersion eventSource eventSourceARN awsRegion messageId "
    "receiptHandle attributes messageAttributes md5OfBody partitionKey sequenceNumber "
    "approximateArrivalTimestamp kinesisSchemaVersion key value topic partition offset timestamp timestampType "
    "headers messageType destination redelivered basicProperties event userIdentity kinesis $or"
)
"""What records of queues, streams, topics and brokers have at their top."""
_FIELDS: Final = {
    name.lower(): name
    for name in (
        *(
            "eventName",
            "eventSource",
            "eventType",
            "eventTime",
            "eventCategory",
            "userIdentity",
            "userAgent",
            "awsRegion",
        ),
        *(
            "sourceIPAddress",
            "errorCode",
            "errorMessage",
            "requestParameters",
            "responseElements",
            "additionalEventData",
        ),
        *("recipientAccountId", "readOnly", "managementEvent", "tlsDetails"),
    )
}
"""How CloudTrail writes the fields of its records (CloudTrail guide, "CloudTrail record contents")."""
_LEAST_MINUTES: Final = 5
_STATUS: Final = re.compile(r"(^|\.)(ModelApprovalStatus|approvalStatus|ApprovalStatus)$")


def _pattern(waiting: Resource) -> Mapping[str, Any]:
    pattern = parse_json(waiting.get("EventPattern"))
    return pattern if isinstance(pattern, Mapping) else {}


@rule
def event_spelled(templates: Templates) -> Found:
    """A pattern names an event as its service does: it is compared letter by letter."""
    known = {name.lower(): name for name in _DETAIL_TYPES}
    for waiting in templates.of("AWS::Events::Rule"):
        pattern = _pattern(waiting)
        for name in as_list(pattern.get("detail-type")):
            meant = known.get(str(name).lower())
            if meant and name != meant:
                yield waiting, f"It waits for {name}, and AWS sends {meant}."
        for name in get(pattern, "detail", {}) if _API_CALL in as_list(pattern.get("detail-type")) else ():
            meant = _FIELDS.get(str(name).lower())
            if meant and name != meant:
                yield waiting, f"It asks for {name}, and CloudTrail writes {meant}."
        for source in as_list(pattern.get("source")):
            if str(source).lower().startswith("aws.") and source != str(source).lower():
                yield waiting, f"It waits for events of {source}, and AWS writes {str(source).lower()}."


@rule
def log_spelled(templates: Templates) -> Found:
    """A filter of CloudTrail's log names its fields as CloudTrail does: they are compared letter by letter."""
    for counting in templates.of("AWS::Logs::MetricFilter", "AWS::Logs::SubscriptionFilter"):
        for name in re.findall(r"\$\.([A-Za-z]+)", str(counting.get("FilterPattern", ""))):
            meant = _FIELDS.get(name.lower())
            if meant and name != meant:
                yield counting, f"It looks for {name}, and CloudTrail writes {meant}: it counts nothing."


@rule
def reading_noticed(templates: Templates) -> Found:
    """A rule that waits for calls that only read asks for all management events: else it gets none of them."""
    for waiting in templates.of("AWS::Events::Rule"):
        pattern = _pattern(waiting)
        calls = [each for each in as_list(get(pattern, "detail.eventName")) if isinstance(each, str)]
        of_calls = _API_CALL in as_list(pattern.get("detail-type"))
        read = [each for each in calls if _READING.fullmatch(each)]
        if of_calls and read and waiting.get("State", "ENABLED") == "ENABLED":
            yield waiting, f"It never hears of {', '.join(read)}: its State is not {_ALL_MANAGEMENT}."


@rule
def approval_named(templates: Templates) -> Found:
    """What waits for an approval waits for that status by its name: what is not rejected is not yet approved."""
    for waiting in templates.of("AWS::Events::Rule"):
        for path, wanted in _find_wanted(_pattern(waiting)):
            if _STATUS.search(path):
                for each in as_list(wanted):
                    if isinstance(each, Mapping) and not set(each) <= {"equals-ignore-case"}:
                        yield waiting, f"{path} may be more than one status: {each}."


def _find_wanted(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - part of a pattern
    """Yield what a pattern wants of every property, by the names that lead to it."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _find_wanted(item, f"{path}.{name}" if path else str(name))
    elif path:
        yield path, value


@rule
def sender_known(templates: Templates) -> Found:
    """A rule on a bus that others may send to says whose events it takes: a source is a word that anybody may send.

    Source: EventBridge user guide, "Sending and receiving events between AWS accounts".
    """
    shared = [templates.find(policy.get("EventBusName")) for policy in templates.of("AWS::Events::EventBusPolicy")]
    for waiting in templates.of("AWS::Events::Rule"):
        name, pattern = waiting.get("EventBusName"), _pattern(waiting)
        others = leads_elsewhere(name) or (
            name is not None and templates.find(name) in [each for each in shared if each]
        )
        if name and name != "default" and others and pattern and not as_list(pattern.get("account")):
            yield waiting, "Whoever may send to its bus sets it off: it does not ask for the account."


@rule
def started_seldom(templates: Templates) -> Found:
    """A schedule starts work as often as it says: not every minute of an hour, and no job every few minutes."""
    for schedule in templates.of("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        expression = str(schedule.get("ScheduleExpression", ""))
        targets = as_list(schedule.get("Targets")) or as_list(schedule.get("Target"))
        every = _minutes(expression)
        cron = re.match(r"cron\(\s*(\S+)\s+(\S+)", expression)
        if cron and cron[2] != "*" and every is not None and every < _LEAST_MINUTES:
            yield schedule, f"It starts every {every:g} minutes of the hours that it names: {expression}."
        elif every is not None and every < _LEAST_MINUTES:
            for target in targets:
                arn = get(target, "Arn", "")
                if function_of(templates, arn) is None and ":function:" not in str(arn):
                    yield schedule, f"It starts a run every {every:g} minutes."


def _minutes(expression: str) -> float | None:
    """Return how many minutes lie between two starts, where an expression gives them by the minute."""
    if match := re.fullmatch(r"rate\((\d+) minutes?\)", expression.strip()):
        return float(match[1])
    if match := re.match(r"cron\(\s*(\S+)\s", expression):
        if match[1] == "*":
            return 1.0
        if step := re.fullmatch(r"[\d*]+/(\d+)", match[1]):
            return float(step[1])
    return None


@rule
def filter_matches(templates: Templates) -> Found:
    """A filter of a function's source asks for what its records have: what does not match is thrown away.

    Source: Lambda developer guide, "Control which events Lambda sends to your function".
    """
    for mapping in templates.of("AWS::Lambda::EventSourceMapping"):
        for each in as_list(mapping.get("FilterCriteria.Filters")):
            pattern = parse_json(get(each, "Pattern"))
            unknown = sorted(set(pattern) - set(_OF_RECORDS.split())) if isinstance(pattern, Mapping) else []
            if unknown:
                yield mapping, f"No record has {', '.join(unknown)} at that place: the filter matches nothing."


RULES: Final = (
    filter_matches,
    log_spelled,
    event_spelled,
    reading_noticed,
    approval_named,
    sender_known,
    started_seldom,
)
