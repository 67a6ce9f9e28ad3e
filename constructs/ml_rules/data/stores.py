"""Rules of buckets and tables that are made, keep what they are to keep, and do not set themselves off.

Sources: S3 user guide, "Setting a lifecycle configuration", "Enabling event notifications", "Configuring replication",
"Amazon S3 Inventory"; DynamoDB developer guide, "Global secondary indexes", "Table classes", "Partition key design".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules import policies
from ml_rules.access.reach import names_action, role_rights
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings, number, parse_json

Found = Iterator[tuple[Resource, str]]

_BUCKET: Final = "AWS::S3::Bucket"
_TABLE: Final = "AWS::DynamoDB::Table"


@rule
def lifecycle_in_order(templates: Templates) -> Found:
    """Objects move to another class before they expire, and one class comes after the other."""
    for bucket in templates.of(_BUCKET):
        for each in as_list(bucket.get("LifecycleConfiguration.Rules")):
            moves = [get(move, "TransitionInDays") for move in _moves(each, "Transition")]
            ends = number(get(each, "ExpirationInDays"))
            old_moves = [_days(move) for move in _moves(each, "NoncurrentVersionTransition")]
            old_ends = number(
                get(each, "NoncurrentVersionExpiration.NoncurrentDays", get(each, "NoncurrentVersionExpirationInDays"))
            )
            for days, end in ((map(number, moves), ends), (old_moves, old_ends)):
                last = max((day for day in days if day is not None), default=None)
                if last is not None and end is not None and end <= last:
                    yield (
                        bucket,
                        f"S3 refuses {get(each, 'Id', 'a rule')}: it expires at {end:g} days and moves at {last:g}.",
                    )


def _moves(each: object, name: str) -> list[Any]:
    return [*as_list(get(each, f"{name}s")), *as_list(get(each, name))]


def _days(move: object) -> float | None:
    return number(get(move, "NoncurrentDays", get(move, "TransitionInDays")))


_NOTIFIED: Final = {
    "LambdaConfigurations": ("Function", "AWS::Lambda::Permission", "FunctionName"),
    "QueueConfigurations": ("Queue", "AWS::SQS::QueuePolicy", "Queues"),
    "TopicConfigurations": ("Topic", "AWS::SNS::TopicPolicy", "Topics"),
}


@rule
def notified_in_order(templates: Templates) -> Found:
    """A bucket that notifies is made after the permission for it, which S3 tries out."""
    for bucket in templates.of(_BUCKET):
        waits = {*as_list(bucket.attributes.get("DependsOn")), *_names(templates, bucket)}
        for kind, (where, permission, of) in _NOTIFIED.items():
            for each in as_list(bucket.get(f"NotificationConfiguration.{kind}")):
                target = templates.find(get(each, where))
                permits = [
                    found
                    for found in templates.of(permission)
                    if target is not None and found.stack == bucket.stack
                    if any(templates.find(name) == target for name in as_list(found.get(of)))
                    if permission != "AWS::Lambda::Permission" or "s3" in str(found.get("Principal"))
                ]
                if permits and not waits & {found.logical_id for found in permits}:
                    yield bucket, f"It may be made before {permits[0].logical_id}: S3 then refuses to notify."


def _names(templates: Templates, resource: Resource) -> set[str]:
    body = get(templates.sources, resource.stack, {}).get("Resources", {}).get(resource.logical_id, {})
    return {str(item["Ref"]) for item in mappings(body) if "Ref" in item}


_WRITES: Final = re.compile(r"output|result|target|destination|dest(?![a-z])|scored|prefix", re.IGNORECASE)


@rule
def notified_of_others(templates: Templates) -> Found:
    """A function is not told of each object of a bucket: those that it writes itself would call it again."""
    for bucket in templates.of(_BUCKET):
        for each in as_list(bucket.get("NotificationConfiguration.LambdaConfigurations")):
            created = str(get(each, "Event", "")).startswith("s3:ObjectCreated")
            rules = as_list(get(each, "Filter.S3Key.Rules"))
            function = templates.find(get(each, "Function"))
            told = get(function.properties, "Environment.Variables", {}) if function is not None else {}
            begins = [str(get(item, "Value", "")) for item in rules if str(get(item, "Name")).lower() == "prefix"]
            own = [str(value) for name, value in told.items() if _WRITES.search(name) and isinstance(value, str)]
            written = any(value.startswith(start) for value in own for start in begins if "${" not in start + value)
            if created and (not rules or written):
                yield bucket, "What the function writes here calls it again: its notification has no prefix of its own."


@rule
def access_logs_admitted(templates: Templates) -> Found:
    """The bucket of access logs admits them under the prefix that they are written to."""
    for bucket in templates.of(_BUCKET):
        logs = templates.find(bucket.get("LoggingConfiguration.DestinationBucketName"))
        prefix = str(bucket.get("LoggingConfiguration.LogFilePrefix", ""))
        given = [
            (policy, each)
            for policy in templates.of("AWS::S3::BucketPolicy")
            if logs is not None and templates.find(policy.get("Bucket")) == logs
            for each in policies.read(policy.get("PolicyDocument"))
            if each.allows and any(name.startswith("logging.s3.") for name in each.services)
        ]
        if given and not any(_covers(name, prefix) for _, each in given for name in each.resources):
            yield given[0][0], f"{bucket.logical_id}'s access logs are dropped: {prefix}* is not among what it admits."


def _covers(name: str, prefix: str) -> bool:
    path = re.sub(r"^(\$\{[^}]*\}|arn:[^/]*?:::[^/]*)", "", name).removeprefix("/")
    start = path.rstrip("*")
    return not start or prefix.startswith(start) or ("${" in path + prefix and start.startswith(prefix))


@rule
def artifacts_written(templates: Templates) -> Found:
    """The role of a tracking server may write under the prefix that its artifacts are stored at."""
    rights = {role.path: given for role, given in role_rights(templates)}
    for server in templates.of("AWS::SageMaker::MlflowApp", "AWS::SageMaker::MlflowTrackingServer"):
        role, store = templates.find(server.get("RoleArn")), str(server.get("ArtifactStoreUri", ""))
        bucket = templates.find(store.removeprefix("s3://"))
        given = rights.get(role.path) if role is not None else None
        prefix = re.sub(r"^s3://(\$\{[^}]*\}|[^/])*/?", "", store)
        written = [name for each in given or () if names_action(each, "s3:PutObject") for name in each.resources]
        own = [name for name in written if bucket is not None and templates.find(name) == bucket]
        if own and not any(_covers(name, prefix.rstrip("/") + "/") for name in own):
            yield server, f"Its role may not write its artifacts: {own[0]} is not under {store}."


_APART: Final = re.compile(r"backup|archive|partner|account(?!Id\})", re.IGNORECASE)
"""How what keeps replicas is called where it is of another account."""


@rule
def owner_checked(templates: Templates) -> Found:
    """What goes to or comes from another bucket says whose it is, and replicas belong to who keeps them."""
    for bucket in templates.of(_BUCKET):
        for each in as_list(bucket.get("InventoryConfigurations")):
            if not get(each, "Destination.BucketAccountId"):
                yield bucket, "Its inventory goes to whoever owns that name: BucketAccountId is missing."
        for each in as_list(bucket.get("ReplicationConfiguration.Rules")):
            known = templates.find(get(each, "Destination.Bucket"))
            other = get(each, "Destination.Account")
            apart = other or (known is None and _APART.search(str(get(each, "Destination.Bucket"))))
            own = other == "${AWS::AccountId}" or bucket.environment.name
            if apart and not own and not get(each, "Destination.AccessControlTranslation"):
                yield bucket, "Its replicas stay those of this account: AccessControlTranslation is missing."
    for table in templates.of(_TABLE):
        source = table.get("ImportSourceSpecification.S3BucketSource")
        if source and not get(source, "S3BucketOwner"):
            yield table, "It takes what whoever owns that bucket's name has put there: S3BucketOwner is missing."


@rule
def table_accepted(templates: Templates) -> Found:
    """A table declares the attributes of its keys, all of them and no others."""
    for table in templates.of(_TABLE, "AWS::DynamoDB::GlobalTable"):
        declared = {str(get(each, "AttributeName")) for each in as_list(table.get("AttributeDefinitions"))}
        used = {
            str(get(each, "AttributeName"))
            for item in mappings(dict(table.properties))
            for each in as_list(item.get("KeySchema"))
        }
        if declared and used and (declared ^ used):
            name = min(declared ^ used)
            yield table, f"DynamoDB refuses it: {name} is {'of no key' if name in declared else 'not declared'}."


@rule
def index_keeps_up(templates: Templates) -> Found:
    """An index takes as many writes as its table, which otherwise waits for it."""
    for table in templates.of(_TABLE):
        for limit in ("OnDemandThroughput.MaxWriteRequestUnits", "ProvisionedThroughput.WriteCapacityUnits"):
            most = number(table.get(limit))
            for each in as_list(table.get("GlobalSecondaryIndexes")):
                own = number(get(each, limit))
                if most is not None and own is not None and 0 < own < most:
                    yield (
                        table,
                        f"{get(each, 'IndexName')} takes {own:g} writes and the table {most:g}: it throttles it.",
                    )


_MOST_COLD: Final = 5_000
_ONE_DAY: Final = re.compile(
    r"([a-z]*_?)?(date|day|month|year|week|hour)|status|state|country|region|type|environment", re.IGNORECASE
)


@rule
def table_fit(templates: Templates) -> Found:
    """A table's partitions share its load, its class fits how often it is read, and what it says expires does."""
    for table in templates.of(_TABLE):
        keys = as_list(table.get("KeySchema"))
        first = next((str(get(each, "AttributeName")) for each in keys if get(each, "KeyType") == "HASH"), "")
        if _ONE_DAY.fullmatch(first):
            yield table, f"All that is written at one time goes to one partition: its key is {first}."
        limits = [table.get(f"OnDemandThroughput.Max{each}RequestUnits") for each in ("Read", "Write")]
        limits += [table.get(f"ProvisionedThroughput.{each}CapacityUnits") for each in ("Read", "Write")]
        busy = max((value for each in limits if (value := number(each)) is not None), default=0)
        if table.get("TableClass") == "STANDARD_INFREQUENT_ACCESS" and busy >= _MOST_COLD:
            yield table, f"It is read {busy:g} times a second at most, in the class for what is seldom read."
        expiry = table.get("TimeToLiveSpecification", {})
        if expiry and not is_true(get(expiry, "Enabled")) and "${" not in str(get(expiry, "Enabled")):
            yield table, f"Nothing in it expires: {get(expiry, 'AttributeName')} is named, and not enabled."


@rule
def stream_holds(templates: Templates) -> Found:
    """A stream holds the pictures of a record that its consumer's filter reads."""
    for mapping in templates.of("AWS::Lambda::EventSourceMapping", "AWS::Pipes::Pipe"):
        table = templates.find(mapping.get("EventSourceArn", mapping.get("Source")))
        view = table.get("StreamSpecification.StreamViewType") if table is not None and table.type == _TABLE else None
        where = (
            "FilterCriteria.Filters"
            if mapping.type.startswith("AWS::Lambda")
            else "SourceParameters.FilterCriteria.Filters"
        )
        for each in as_list(mapping.get(where)):
            asked = get(parse_json(get(each, "Pattern")), "dynamodb", {})
            for image, views in (
                ("NewImage", {"NEW_IMAGE", "NEW_AND_OLD_IMAGES"}),
                ("OldImage", {"OLD_IMAGE", "NEW_AND_OLD_IMAGES"}),
            ):
                if view and image in asked and view not in views:
                    yield (
                        table or mapping,
                        f"{mapping.logical_id} gets nothing: it asks for {image}, and {view} holds none.",
                    )


_PHYSICAL: Final = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::KMS::Alias": "AliasName",
}
_WHERE: Final = re.compile(r"environment|stage|env", re.IGNORECASE)


@rule
def name_of_environment(templates: Templates) -> Found:
    """A template for several environments gives nothing a name that all of them share."""
    for kind, where in _PHYSICAL.items():
        for resource in templates.of(kind):
            template: Mapping[str, Any] = templates.sources[resource.stack]
            several = any(map(_WHERE.fullmatch, template.get("Parameters", {})))
            body = template.get("Resources", {}).get(resource.logical_id, {})
            if several and isinstance(get(body, f"Properties.{where}"), str):
                yield resource, f"It can be made once in an account: {where} is the same in every environment."


RULES: Final = (
    lifecycle_in_order,
    notified_in_order,
    notified_of_others,
    access_logs_admitted,
    artifacts_written,
    owner_checked,
    table_accepted,
    index_keeps_up,
    table_fit,
    stream_holds,
    name_of_environment,
)
