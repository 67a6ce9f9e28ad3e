"""Rules of keys that what they are of can use: each service has the rights that it needs, and the key is of its kind.

Sources: CloudWatch Logs user guide, "Encrypt log data using AWS KMS"; SNS developer guide, "Key management"; SQS
developer guide, "Key management"; KMS developer guide, "Asymmetric keys"; EventBridge user guide, "Troubleshooting".
"""

import fnmatch
import re
from collections.abc import Iterator
from typing import Any, Final

from ml_rules import policies
from ml_rules.access.reach import names_action
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, named_values

Found = Iterator[tuple[Resource, str]]

_KEY: Final = re.compile(r"kms|encryptionkey|keyarn", re.IGNORECASE)
_LOGS: Final = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")
_SENDS: Final = ("kms:Decrypt", "kms:GenerateDataKey")
_CONTEXT: Final = "kms:encryptioncontext:aws:logs:arn"
_TOPICS: Final = "AWS::SNS::Topic"
_QUEUES: Final = "AWS::SQS::Queue"


def _statements(key: Resource) -> list[policies.Statement]:
    return [each for each in policies.read(key.get("KeyPolicy")) if each.allows]


def _is_for(statement: policies.Statement, service: str) -> bool:
    everybody = statement.anonymous and not statement.condition_keys.get("aws:principalorgid")
    return everybody or any(each.startswith((f"{service}.", "*")) for each in statement.services)


def _lacks(key: Resource, service: str, actions: tuple[str, ...]) -> str:
    own = [each for each in _statements(key) if _is_for(each, service)]
    if not own:
        return f"{service} may not use it"
    missing = [action for action in actions if not any(names_action(each, action) for each in own)]
    return f"{service} may not {missing[0]} with it" if missing else ""


def _key_of(templates: Templates, name: object) -> Resource | None:
    found = templates.find(name)
    if found is not None and found.type == "AWS::KMS::Alias":
        found = templates.find(found.get("TargetKeyId"))
    return found if found is not None and found.type == "AWS::KMS::Key" else None


def senders(templates: Templates) -> Iterator[tuple[Resource, str, Resource]]:
    """Yield the topics and queues to which a service sends, that service, and what has it send."""
    for alarm in templates.of("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        names = [each for kind in ("Alarm", "OK", "InsufficientData") for each in as_list(alarm.get(f"{kind}Actions"))]
        yield from _deliveries(templates, names, "cloudwatch", alarm)
    for waiting in templates.of("AWS::Events::Rule"):
        targets = as_list(waiting.get("Targets"))
        dead = [get(each, "DeadLetterConfig.Arn") for each in targets]
        yield from _deliveries(templates, [*(get(each, "Arn") for each in targets), *dead], "events", waiting)
    for budget in templates.of("AWS::Budgets::Budget"):
        told = [each for notice in as_list(budget.get("NotificationsWithSubscribers")) for each in _subscribers(notice)]
        yield from _deliveries(templates, told, "budgets", budget)
    for subscription in templates.of("AWS::CE::AnomalySubscription"):
        yield from _deliveries(templates, _subscribers(subscription.properties), "costalerts", subscription)
    for bucket in templates.of("AWS::S3::Bucket"):
        given = bucket.get("NotificationConfiguration", {})
        names = [get(each, "Topic") for each in as_list(get(given, "TopicConfigurations"))]
        names += [get(each, "Queue") for each in as_list(get(given, "QueueConfigurations"))]
        yield from _deliveries(templates, names, "s3", bucket)
    for subscription in templates.of("AWS::SNS::Subscription"):
        if subscription.get("Protocol") == "sqs":
            yield from _deliveries(templates, [subscription.get("Endpoint")], "sns", subscription)


def _subscribers(notice: Any) -> list[Any]:  # noqa: ANN401 - part of a template
    return [get(each, "Address") for each in as_list(get(notice, "Subscribers"))]


def _deliveries(
    templates: Templates, names: list[Any], service: str, by: Resource
) -> Iterator[tuple[Resource, str, Resource]]:
    for found in dict.fromkeys(each.path for name in names if (each := templates.find(name)) is not None):
        target = next(each for each in templates.resources if each.path == found)
        if target.type in {_TOPICS, _QUEUES}:
            yield target, service, by


@rule
def key_serves(templates: Templates) -> Found:
    """A service that writes what a key encrypts may use the key: logs, and what alarms and events are sent to."""
    for group in templates.of("AWS::Logs::LogGroup"):
        key = _key_of(templates, group.get("KmsKeyId"))
        if key is not None and (why := _lacks(key, "logs", _LOGS)):
            yield key, f"{group.logical_id} cannot be made: {why}."
        elif key is not None and not _is_its_context(key, group):
            yield key, f"{group.logical_id} cannot be made: the context that the key asks for is not its ARN."
    for target, service, by in senders(templates):
        key = _key_of(templates, target.get("KmsMasterKeyId"))
        if key is not None and (why := _lacks(key, service, _SENDS)):
            yield key, f"{by.logical_id} reaches nobody: {why}, and {target.logical_id} is encrypted with it."


def _is_its_context(key: Resource, group: Resource) -> bool:
    name = policies.plain(str(group.get("LogGroupName", "")))
    asked = [each.condition_keys.get(_CONTEXT) for each in _statements(key) if _is_for(each, "logs")]
    for values in asked:
        if not values or not name:
            return True
        for value in values:
            _, _, given = policies.plain(value).partition(":log-group:")
            whole = value.startswith("${") or (not given and "*" in value)
            if whole or fnmatch.fnmatchcase(name, given) or fnmatch.fnmatchcase(name, given.removesuffix(":*")):
                return True
    return False


@rule
def key_of_its_kind(templates: Templates) -> Found:
    """A key that a service encrypts data with is symmetric: no service takes another."""
    for key in templates.of("AWS::KMS::Key"):
        kind = key.get("KeySpec", "SYMMETRIC_DEFAULT")
        if kind == "SYMMETRIC_DEFAULT" or "${" in str(kind):
            continue
        for user in templates.resources:
            if user.type.startswith(("AWS::KMS::", "AWS::IAM::")):
                continue
            named = [name for name, value in named_values(user.properties) if templates.find(value) == key]
            if any(map(_KEY.search, named)):
                yield key, f"{user.logical_id} cannot encrypt with it: {kind} is not symmetric."


@rule
def key_asks_what_is_sent(templates: Templates) -> Found:
    """A key does not ask EventBridge for a source, which its requests for topics do not carry."""
    for key in templates.of("AWS::KMS::Key"):
        for statement in _statements(key):
            events = bool(statement.services) and all(each.startswith("events.") for each in statement.services)
            asked = {"aws:sourceaccount", "aws:sourcearn"} & set(statement.required)
            sends = [each for each, service, _ in senders(templates) if service == "events" and each.type == _TOPICS]
            used = any(_key_of(templates, each.get("KmsMasterKeyId")) == key for each in sends)
            if events and used and asked:
                yield key, f"EventBridge never meets it: what it asks KMS for a topic has no {min(asked)}."


_ACCOUNT: Final = re.compile(r"arn:[^:]*:iam::([^:]+(?:::[^:]+)?):|(\d{12}|\$\{[^}]*Account[^}]*\})$")


def _account(name: str) -> str:
    held = name.replace("${AWS::AccountId}", "own")
    found = _ACCOUNT.match(held)
    return (found[1] or found[2]) if found else ""


@rule
def reader_decrypts(templates: Templates) -> Found:
    """Who reads a bucket from another account may decrypt with the key that it is encrypted with."""
    for policy in templates.of("AWS::S3::BucketPolicy"):
        bucket = templates.find(policy.get("Bucket"))
        defaults = as_list(bucket.get("BucketEncryption.ServerSideEncryptionConfiguration")) if bucket else []
        names = [get(each, "ServerSideEncryptionByDefault.KMSMasterKeyID") for each in defaults]
        key = next((found for each in names if (found := _key_of(templates, each)) is not None), None)
        if key is None:
            continue
        known = {
            _account(each) for own in _statements(key) for each in own.principals if names_action(own, "kms:Decrypt")
        }
        anybody = any(own.anonymous for own in _statements(key))
        for statement in policies.read(policy.get("PolicyDocument")):
            for name in statement.principals if statement.allows and names_action(statement, "s3:GetObject") else ():
                account = _account(name)
                if account and account != "own" and account not in known and not anybody:
                    yield (
                        key,
                        f"Who reads {policy.logical_id}'s bucket as {name} cannot decrypt: the key lets nobody there.",
                    )


RULES: Final = (key_serves, key_of_its_kind, key_asks_what_is_sent, reader_decrypts)
