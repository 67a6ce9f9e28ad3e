"""Rules of what is sent and taken: a topic, a queue or a function admits who sends to it, and filters find their field.

Sources: SNS developer guide, "Example cases" and "Message filtering"; SQS developer guide, "Dead-letter queues"; Lambda
developer guide, "Resource-based policies"; Cost Management user guide, "Creating an Amazon SNS topic".
"""

import fnmatch
import re
from collections.abc import Iterator
from typing import Any, Final

from ml_rules import policies
from ml_rules.access.reach import names_action
from ml_rules.data.keys import senders
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates, leads_elsewhere
from ml_rules.values import as_list, get, parse_json

Found = Iterator[tuple[Resource, str]]

_POLICIES: Final = {
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues", "sqs:SendMessage"),
}


def _admitting(templates: Templates, target: Resource) -> list[tuple[Resource, policies.Statement]]:
    kind, where, _ = _POLICIES[target.type]
    return [
        (policy, statement)
        for policy in templates.of(kind)
        if any(templates.find(each) == target for each in as_list(policy.get(where)))
        for statement in policies.read(policy.get("PolicyDocument"))
    ]


@rule
def sender_admitted(templates: Templates) -> Found:
    """The policy of a topic or queue admits every service that the same templates have send to it."""
    for target, service, by in senders(templates):
        given = _admitting(templates, target)
        letting = [each for _, each in given if each.allows and names_action(each, _POLICIES[target.type][2])]
        admitted = [each for each in letting if _names(each, service)]
        if given and not admitted:
            yield given[0][0], f"{by.logical_id} reaches nobody: {service}.amazonaws.com may not send to it."
        elif by.type == "AWS::SNS::Subscription" and given:
            topic = by.get("TopicArn")
            if not any(_comes_from(templates, each, topic) for each in admitted):
                yield given[0][0], f"{by.logical_id} delivers nothing: the queue admits another topic than its own."


def _names(statement: policies.Statement, service: str) -> bool:
    return statement.anonymous or any(each.startswith((f"{service}.", "*")) for each in statement.services)


def _comes_from(templates: Templates, statement: policies.Statement, source: object) -> bool:
    values = statement.condition_keys.get("aws:sourcearn")
    found = templates.find(source)
    return not values or any(
        fnmatch.fnmatchcase(str(source), each)
        or (found is not None and templates.find(each) == found)
        or (found is None and each.startswith("arn:"))
        or (leads_elsewhere(each) and not each.startswith("arn:"))
        or "*" in each
        for each in values
    )


@rule
def call_permitted(templates: Templates) -> Found:
    """What a rule calls permits that rule, and on the alias where the rule calls that."""
    permissions = [each for each in templates.of("AWS::Lambda::Permission") if "events." in str(each.get("Principal"))]
    for waiting in templates.of("AWS::Events::Rule"):
        for target in as_list(waiting.get("Targets")):
            called = templates.find(get(target, "Arn"))
            if called is None or called.type not in {"AWS::Lambda::Function", "AWS::Lambda::Alias"}:
                continue
            function = templates.find(called.get("FunctionName")) if called.type.endswith("Alias") else called
            near = [each for each in permissions if templates.find(each.get("FunctionName")) in (called, function)]
            of_rule = [each for each in near if _permits(templates, each, waiting)]
            if near and not of_rule:
                yield near[0], f"{waiting.logical_id} is refused: it permits another rule."
            elif of_rule and not any(_is_on(templates, each, called) for each in of_rule):
                yield (
                    of_rule[0],
                    f"{waiting.logical_id} is refused: it calls {called.logical_id}, which permits nobody.",
                )


def _permits(templates: Templates, permission: Resource, waiting: Resource) -> bool:
    source = str(permission.get("SourceArn", ""))
    found = templates.find(source)
    named = bool(re.search(r":rule/", policies.plain(source)))
    return not source or found == waiting or "*" in source or (not named and found is None)


def _is_on(templates: Templates, permission: Resource, called: Resource) -> bool:
    on = templates.find(permission.get("FunctionName"))
    qualifier = permission.get("Qualifier")
    alias = called.type == "AWS::Lambda::Alias" and qualifier and qualifier == called.get("Name")
    return on == called or bool(alias) or ":" in str(permission.get("FunctionName")).rpartition("}")[2]


_EVERY: Final = re.compile(
    r"arn:[^:]*:(execute-api:[^:]*:[^:]*:\*|s3:::\*|events:[^:]*:[^:]*:rule/\*|sns:[^:]*:[^:]*:\*).*"
)


@rule
def source_named(templates: Templates) -> Found:
    """A function permits an API, a bucket, a rule or a topic that it names: not every one of the account."""
    for permission in templates.of("AWS::Lambda::Permission"):
        source = str(permission.get("SourceArn", ""))
        if _EVERY.fullmatch(policies.plain(source)):
            yield permission, f"Every one of the account may call it: {source} names none."


_WITH_BODY: Final = {"source", "detail", "detail-type", "Records", "AlarmName", "NewStateValue", "resources"}
"""What services put into the body of what they publish, and never into attributes."""


@rule
def filter_finds(templates: Templates) -> Found:
    """A filter looks where its field is: what services publish has it in the body, and no attributes."""
    for subscription in templates.of("AWS::SNS::Subscription"):
        asked = parse_json(subscription.get("FilterPolicy"))
        if not asked or not isinstance(asked, dict) or subscription.get("FilterPolicyScope") == "MessageBody":
            continue
        nested = any(isinstance(each, dict) for each in asked.values())
        if nested or set(asked) & _WITH_BODY or any(map(_is_of_event, asked)):
            yield subscription, "It takes nothing: its filter is of the body, and its scope MessageAttributes."


def _is_of_event(name: str) -> bool:
    return bool(re.fullmatch(r"[A-Z][A-Za-z]+(JobStatus|EndpointStatus|ApprovalStatus|ExecutionStatus)", name))


@rule
def dead_letters_taken(templates: Templates) -> Found:
    """A dead letter queue lets the queues that name it use it."""
    for queue in templates.of("AWS::SQS::Queue"):
        dead = templates.find(get(parse_json(queue.get("RedrivePolicy")), "deadLetterTargetArn"))
        if dead is None or dead.type != "AWS::SQS::Queue":
            continue
        given: Any = parse_json(dead.get("RedriveAllowPolicy"))
        sources = [templates.find(each) for each in as_list(get(given, "sourceQueueArns"))]
        denied = get(given, "redrivePermission") == "denyAll"
        others = get(given, "redrivePermission") == "byQueue" and all(sources) and queue not in sources
        if denied or others:
            yield dead, f"It refuses the dead letters of {queue.logical_id}, which names it."


@rule
def protection_stops(templates: Templates) -> Found:
    """A data protection policy masks or refuses what it finds: an audit alone delivers it all the same."""
    for resource in templates.of("AWS::SNS::Topic", "AWS::Logs::LogGroup"):
        given = parse_json(resource.get("DataProtectionPolicy"))
        operations = {name for each in as_list(get(given, "Statement")) for name in get(each, "Operation", {})}
        if operations == {"Audit"}:
            yield resource, "Its data protection policy audits alone: what it finds is neither masked nor refused."


@rule
def log_not_its_own(templates: Templates) -> Found:
    """What takes the lines of a log does not write to that log."""
    for subscription in templates.of("AWS::Logs::SubscriptionFilter"):
        function = templates.find(subscription.get("DestinationArn"))
        group = subscription.get("LogGroupName")
        if function is None or function.type != "AWS::Lambda::Function" or not group:
            continue
        own = f"/aws/lambda/{function.get('FunctionName')}"
        found = templates.find(group)
        named = found.get("LogGroupName") if found is not None else group
        if function.get("LoggingConfig.LogGroup") == group or named == own:
            yield subscription, f"{function.logical_id} is called by each line that it writes itself."


RULES: Final = (
    sender_admitted,
    call_permitted,
    source_named,
    filter_finds,
    dead_letters_taken,
    protection_stops,
    log_not_its_own,
)
