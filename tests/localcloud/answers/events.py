"""Rules, buses and log groups."""

from tests.localcloud.answers.case import Call, Case, call, refuses, shows
from tests.localcloud.answers.sources import OF_LOGS, RECORDED

EVENTS = RECORDED + "events/test_events.snapshot.json: "

PATTERNS = RECORDED + "events/test_events_patterns.snapshot.json: "

LOGS = RECORDED + "logs/"

MISSING = "ResourceNotFoundException"

RULE = call("events.PutRule", Name="<id>", EventPattern='{"source": ["mine"]}')


def targets(count: int) -> Call:
    return call(
        "events.PutTargets",
        Rule="<id>",
        Targets=[{"Id": f"t{n}", "Arn": f"arn:aws:sqs:<region>:<account>:q{n}"} for n in range(count)],
    )


def pattern(text: str) -> Call:
    return call("events.PutRule", Name="<id>", EventPattern=text)


RULES = (
    refuses(
        "a rule that is not there",
        EVENTS + "test_describe_nonexistent_rule: Rule <rule-name> does not exist on EventBus default.",
        MISSING,
        r"^Rule <id> does not exist on EventBus default\.$",
        call("events.DescribeRule", Name="<id>"),
    ),
    refuses(
        "a bus that is not there",
        EVENTS + "test_describe_delete_not_existing_event_bus: Event bus <bus-name> does not exist.",
        MISSING,
        r"^Event bus <id> does not exist\.$",
        call("events.DescribeEventBus", Name="<id>"),
    ),
    refuses(
        "a bus twice",
        EVENTS + "test_create_multiple_event_buses_same_name: Event bus <bus-name> already exists.",
        "ResourceAlreadyExistsException",
        r"^Event bus <id> already exists\.$",
        call("events.CreateEventBus", Name="<id>"),
        call("events.CreateEventBus", Name="<id>"),
    ),
    refuses(
        "delete a rule that has targets",
        EVENTS + "test_delete_rule_with_targets: Rule can't be deleted since it has targets.",
        "ValidationException",
        r"^Rule can't be deleted since it has targets\.$",
        RULE,
        targets(1),
        call("events.DeleteRule", Name="<id>"),
    ),
    refuses(
        "six targets",
        EVENTS + "test_add_exceed_fife_targets_per_rule: LimitExceededException, The requested resource exceeds the "
        "maximum number allowed.",
        "LimitExceededException",
        r"^The requested resource exceeds the maximum number allowed\.$",
        RULE,
        targets(6),
    ),
    refuses(
        "delete the default bus",
        EVENTS + "test_delete_default_event_bus: Cannot delete event bus default.",
        "ValidationException",
        r"^Cannot delete event bus default\.$",
        call("events.DeleteEventBus", Name="default"),
    ),
    refuses(
        "a schedule that is none",
        RECORDED + "events/test_events_schedule.snapshot.json: Parameter ScheduleExpression is not valid.",
        "ValidationException",
        r"^Parameter ScheduleExpression is not valid\.$",
        call("events.PutRule", Name="<id>", ScheduleExpression="cron(INVALID)"),
    ),
    refuses(
        "a schedule on a bus of one's own",
        RECORDED
        + "events/test_events_schedule.snapshot.json: ScheduleExpression is supported only on the default event "
        "bus.",
        "ValidationException",
        r"^ScheduleExpression is supported only on the default event bus\.$",
        call("events.CreateEventBus", Name="<id>"),
        call("events.PutRule", Name="<id>", ScheduleExpression="rate(5 minutes)", EventBusName="<id>"),
    ),
    *(
        refuses(
            f"the event pattern {text}",
            PATTERNS + "InvalidEventPatternException, Event pattern is not valid. Reason: " + reason,
            "InvalidEventPatternException",
            rf"^Event pattern is not valid\. Reason: {reason}",
            pattern(text),
        )
        for text, reason in (
            ('{"source": "mine"}', '"source" must be an object or an array'),
            ('{"source": []}', "Empty arrays are not allowed"),
            ('{"source": [{"EXISTS": true}]}', "Unrecognized match type EXISTS"),
            ('{"source": [{"prefix": 1}]}', "prefix match pattern must be a string"),
            ('["source"]', "Filter is not an object"),
        )
    ),
)

GROUP = call("logs.CreateLogGroup", logGroupName="<id>")

STREAM = call("logs.CreateLogStream", logGroupName="<id>", logStreamName="one")

NOW = 1790000000000


def lines(*events: tuple[int, str], stream: str = "one") -> Call:
    return call(
        "logs.PutLogEvents",
        logGroupName="<id>",
        logStreamName=stream,
        logEvents=[{"timestamp": time, "message": text} for time, text in events],
    )


LOG_GROUPS = (
    refuses(
        "a log group that is not there",
        LOGS + "test_logs_events.snapshot.json: test_resource_does_not_exist: The specified log group does not exist.",
        MISSING,
        r"^The specified log group does not exist\.$",
        call("logs.GetLogEvents", logGroupName="<id>", logStreamName="one"),
    ),
    refuses(
        "a log stream that is not there",
        LOGS + "test_logs_events.snapshot.json: test_put_log_events_to_invalid_stream: The specified log stream does "
        "not exist.",
        MISSING,
        r"^The specified log stream does not exist\.$",
        GROUP,
        lines((NOW, "a")),
    ),
    refuses(
        "a log group twice",
        LOGS + "test_logs_groups.snapshot.json: test_create_log_group_duplicate_error: The specified log group already "
        "exists",
        "ResourceAlreadyExistsException",
        "^The specified log group already exists",
        GROUP,
        GROUP,
    ),
    refuses(
        "a log stream twice",
        LOGS + "test_logs_streams.snapshot.json: test_create_log_stream_duplicate_error: The specified log stream "
        "already exists",
        "ResourceAlreadyExistsException",
        "^The specified log stream already exists",
        GROUP,
        STREAM,
        STREAM,
    ),
    refuses(
        "lines out of order",
        LOGS + "test_logs_events.snapshot.json: test_put_log_events_wrong_order: Log events in a single PutLogEvents "
        "request must be in chronological order.",
        "InvalidParameterException",
        r"^Log events in a single PutLogEvents request must be in chronological order\.$",
        GROUP,
        STREAM,
        lines((NOW + 1, "b"), (NOW, "a")),
    ),
    refuses(
        "10001 lines",
        LOGS
        + "test_logs_filter_events.snapshot.json: test_filter_log_events_limit_validation: Value '10001' at 'limit' "
        "failed to satisfy constraint: Member must have value less than or equal to 10000",
        "InvalidParameterException",
        "Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
        GROUP,
        call("logs.FilterLogEvents", logGroupName="<id>", limit=10001),
    ),
    refuses(
        "log groups by a prefix and a pattern",
        LOGS + "test_logs_groups.snapshot.json: LogGroup name prefix and LogGroup name pattern are mutually exclusive "
        "parameters.",
        "InvalidParameterException",
        r"^LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters\.$",
        call("logs.DescribeLogGroups", logGroupNamePrefix="a", logGroupNamePattern="b"),
    ),
    shows(
        "lines of streams with a prefix",
        OF_LOGS + "FilterLogEventsRequest logStreamNamePrefix: Filters the results to "
        "include only events from log streams that have names starting with this prefix",
        {"events": []},
        GROUP,
        STREAM,
        call("logs.FilterLogEvents", logGroupName="<id>", logStreamNamePrefix="two"),
    ),
)


CASES: tuple[Case, ...] = (*RULES, *LOG_GROUPS)
