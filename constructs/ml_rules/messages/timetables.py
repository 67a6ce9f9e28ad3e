"""Rules of schedules: each is of a form that there is, will come, and is on."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates, function_of
from ml_rules.values import as_list, get

Found = Iterator[tuple[Resource, str]]

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")
_FIELDS: Final = 6
_DAYS: Final = {"2": 29, "4": 30, "6": 30, "9": 30, "11": 30, "FEB": 29, "APR": 30, "JUN": 30, "SEP": 30, "NOV": 30}
"""Months that are shorter than 31 days."""
_NEED_A_ROLE: Final = re.compile(
    r":states:.*:stateMachine:|:sagemaker:.*:pipeline/|:codebuild:.*:project/|:ecs:|:batch:|:firehose:|:kinesis:"
)
_NEED_A_ROLE_TOO: Final = {
    *("AWS::StepFunctions::StateMachine", "AWS::SageMaker::Pipeline", "AWS::CodeBuild::Project"),
    *("AWS::ECS::Cluster", "AWS::Batch::JobQueue", "AWS::KinesisFirehose::DeliveryStream", "AWS::Kinesis::Stream"),
}
"""What EventBridge starts with a role alone (user guide, "Using identity-based policies for Amazon EventBridge")."""


@rule
def schedule_comes(templates: Templates) -> Found:
    """A schedule is written as EventBridge reads it, and its time comes.

    Source: EventBridge Scheduler user guide, "Schedule types in EventBridge Scheduler".
    """
    for schedule in templates.of("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        expression = schedule.get("ScheduleExpression")
        if isinstance(expression, str) and "${" not in expression:
            for wrong in _find_wrong(expression.strip()):
                yield schedule, f"{expression}: {wrong}."


def _find_wrong(expression: str) -> Iterator[str]:
    if expression.startswith("at("):
        if expression[3:7].isdigit() and int(expression[3:7]) < datetime.now(tz=UTC).year:
            yield "that time has passed"
        return
    if match := _RATE.fullmatch(expression):
        if (match[1] == "1") == bool(match[3]) or match[1] == "0":
            yield "EventBridge takes 1 minute, hour or day, and more minutes, hours or days"
        return
    fields = expression[5:-1].split() if expression.startswith("cron(") and expression.endswith(")") else []
    if len(fields) != _FIELDS:
        yield "it is no rate, and no cron of six fields"
        return
    day, month, weekday, year = fields[2:]
    if (day == "?") == (weekday == "?"):
        yield "one of the day of the month and the day of the week is ?, and the other is not"
    if year.isdigit() and int(year) < datetime.now(tz=UTC).year:
        yield "that year has passed"
    if day.isdigit() and int(day) > _DAYS.get(month.upper(), 31):
        yield "that day does not come"


@rule
def target_permitted(templates: Templates) -> Found:
    """Who calls a function may: a permission names the service, and a target that needs a role has one."""
    for caller, service, arn in _find_calls(templates):
        function = function_of(templates, arn)
        if function is None or leads_past(templates, function):
            continue
        principals = {
            str(permission.get("Principal"))
            for permission in templates.of("AWS::Lambda::Permission")
            if function_of(templates, permission.get("FunctionName")) == function
        }
        if service not in principals and "*" not in principals:
            yield caller, f"{service} may not call {function.logical_id}: no permission names it."
    for waiting in templates.of("AWS::Events::Rule"):
        for target in as_list(waiting.get("Targets")):
            found = templates.find(get(target, "Arn"))
            needs = (found is not None and found.type in _NEED_A_ROLE_TOO) or _NEED_A_ROLE.search(
                str(get(target, "Arn", ""))
            )
            if needs and not get(target, "RoleArn"):
                yield waiting, f"It cannot start its target {get(target, 'Id', '')}: it has no role."
        if not as_list(waiting.get("Targets")) and not waiting.environment.name:
            yield waiting, "It tells nobody: it has no target."


def leads_past(templates: Templates, function: Resource) -> bool:
    """Return whether a permission is on a function that is told by something outside: it may be this one's."""
    return any(
        templates.find(permission.get("FunctionName")) is None and "${" in str(permission.get("FunctionName"))
        for permission in templates.of("AWS::Lambda::Permission")
        if permission.stack == function.stack
    )


def _find_calls(templates: Templates) -> Iterator[tuple[Resource, str, object]]:
    """Yield what has a function called by a service: the resource, the service and the function."""
    for waiting in templates.of("AWS::Events::Rule"):
        for target in as_list(waiting.get("Targets")):
            yield waiting, "events.amazonaws.com", get(target, "Arn")
    for bucket in templates.of("AWS::S3::Bucket"):
        for each in as_list(bucket.get("NotificationConfiguration.LambdaConfigurations")):
            yield bucket, "s3.amazonaws.com", get(each, "Function")
    for subscription in templates.of("AWS::SNS::Subscription"):
        if subscription.get("Protocol") == "lambda":
            yield subscription, "sns.amazonaws.com", subscription.get("Endpoint")
    for sending in templates.of("AWS::Logs::SubscriptionFilter"):
        yield sending, "logs.amazonaws.com", sending.get("DestinationArn")
    for rotation in templates.of("AWS::SecretsManager::RotationSchedule"):
        yield rotation, "secretsmanager.amazonaws.com", rotation.get("RotationLambdaARN")


RULES: Final = (schedule_comes, target_permitted)
