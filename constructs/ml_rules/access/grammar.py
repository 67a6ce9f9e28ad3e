"""Rules of how policies are written: actions that there are, on resources and conditions that they have."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

import botocore.session

from ml_rules import policies
from ml_rules.access.accounts import statements
from ml_rules.decided import FOLDER, read_rows
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list

Found = Iterator[tuple[Resource, str]]

_OPERATOR: Final = re.compile(
    r"(ForA(ll|ny)Values?:)?(String(Not)?(Equals|EqualsIgnoreCase|Like)|Numeric(Not)?Equals|Date(Not)?Equals"
    r"|(Numeric|Date)(LessThan|GreaterThan)(Equals)?|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?|Null",
    re.IGNORECASE,
)
"""IAM user guide, "IAM JSON policy elements: Condition operators"."""
_WORD: Final = re.compile(r"(true|false|\$\{.*)", re.IGNORECASE)
_ACTIONS_OF: Final = {
    "codeartifact": ("codeartifact",),
    "codebuild": ("codebuild",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "ecr": ("ecr",),
    "events": ("events",),
    "iam": ("iam",),
    "kms": ("kms",),
    "secretsmanager": ("secretsmanager",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "states": ("stepfunctions",),
    "sagemaker": ("sagemaker", "sagemaker-runtime", "sagemaker-featurestore-runtime", "sagemaker-metrics"),
    "s3": ("s3", "s3control"),
    "logs": ("logs",),
    "lambda": ("lambda",),
    "cloudwatch": ("cloudwatch",),
    "athena": ("athena",),
    "glue": ("glue",),
    "ssm": ("ssm",),
    "sts": ("sts",),
    "cloudtrail": ("cloudtrail",),
}
"""Services of which actions are called like operations, and botocore's models that have these."""
_CLOSE: Final = 0.9
_ALL_OF_S3: Final = ":::"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_OF_STREAMS: Final = {"PutLogEvents", "GetLogEvents"}
_SERVICE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9$*{}:-]+)*\.amazonaws\.com(\.cn)?|\$\{.*", re.IGNORECASE)
_PROVIDER: Final = {"saml", "accounts", "www", "graph", "cognito-identity", "token", "sts", "aws"}


@cache
def _operations(service: str) -> frozenset[str]:
    session = botocore.session.get_session()
    return frozenset(
        name for model in _ACTIONS_OF[service] for name in session.get_service_model(model).operation_names
    )


@cache
def _services() -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_available_services())


@rule
def action_exists(templates: Templates) -> Found:
    """A policy names actions as AWS does: what is misspelt allows and refuses nothing.

    An operation's name that differs by a letter or two from what a policy says was meant; actions that are no
    operations are left alone (Service Authorization Reference).
    """
    for resource, statement in statements(templates):
        for action in (*statement.actions, *statement.refused_but):
            service, colon, name = action.partition(":")
            if action != "*" and not colon and "${" not in action:
                yield resource, f"{action} is no action: it names no service."
            if service not in _ACTIONS_OF or not re.fullmatch(r"\w+", name):
                close = get_close_matches(service, _ACTIONS_OF, n=1, cutoff=_CLOSE)
                if close and service not in _ACTIONS_OF and service not in _services():
                    yield resource, f"{service} is no service: {close[0]} is."
                continue
            known = {each.lower(): each for each in _operations(service)}
            if name.lower() in known:
                continue
            meant = get_close_matches(name.lower(), known, n=1, cutoff=_CLOSE)
            if meant and name.lower() not in _NO_OPERATIONS:
                yield resource, f"{action} is no action: {service}:{known[meant[0]]} is."


_NO_OPERATIONS: Final = frozenset(
    (
        "ListBucket ListBucketVersions ListBucketMultipartUploads ListMultipartUploadParts ListAllMyBuckets "
        "GetObjectVersion GetObjectVersionAcl GetObjectVersionTagging GetObjectVersionForReplication "
        "GetObjectVersionAttributes GetObjectVersionTorrent DeleteObjectVersion DeleteObjectVersionTagging "
        "PutObjectVersionAcl PutObjectVersionTagging ReplicateObject ReplicateDelete ReplicateTags "
        "GetLifecycleConfiguration PutLifecycleConfiguration GetEncryptionConfiguration PutEncryptionConfiguration "
        "GetReplicationConfiguration PutReplicationConfiguration GetAccelerateConfiguration PutAccelerateConfiguration "
        "GetInventoryConfiguration PutInventoryConfiguration GetMetricsConfiguration PutMetricsConfiguration "
        "GetAnalyticsConfiguration PutAnalyticsConfiguration GetIntelligentTieringConfiguration "
        "PutIntelligentTieringConfiguration GetBucketObjectLockConfiguration PutBucketObjectLockConfiguration "
        "GetBucketPublicAccessBlock PutBucketPublicAccessBlock GetAccountPublicAccessBlock PutAccountPublicAccessBlock "
        "GetBucketNotification PutBucketNotification PutBucketVersioning GetBucketVersioning GetBucketCORS "
        "PutBucketCORS "
        "InvokeFunction InvokeAsync InvokeFunctionUrl ConditionCheckItem PartiQLDelete PartiQLInsert PartiQLSelect "
        "PartiQLUpdate ReEncryptFrom ReEncryptTo CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery "
        "ListLogDeliveries StartSession GetResourcePolicies BatchGetItems GetServiceBearerToken ListNotebooks "
        "DescribeScalingActivities TagGetResources SetSourceIdentity GetServiceLinkedRole EnableMFA"
    )
    .lower()
    .split()
)
"""Actions that are no operations and look like one (Service Authorization Reference)."""


@rule
def action_has_resource(templates: Templates) -> Found:
    """A statement names resources that its actions have: a bucket for its list, objects for what is done to them."""
    for resource, statement in policies.identity(templates):
        named = [policies.plain(each) for each in statement.resources]
        if any(each == "*" or not each.startswith("arn:") for each in named) or not named:
            continue
        for action in statement.actions:
            service, _, name = action.partition(":")
            if not any(_fits(service, name, each) for each in named):
                yield resource, f"{action} has no resource like {', '.join(statement.resources)[:120]}."
        for each in named:
            if not any(
                _fits(action.partition(":")[0], action.partition(":")[2], each)
                for action in statement.actions
                if ":" in action
            ) and not any(action == "*" for action in statement.actions):
                yield resource, f"No action of its statement is done to {each}."


def _fits(service: str, name: str, arn: str) -> bool:
    """Return whether an action of that service and name may be done to resources of that ARN."""
    parts = arn.split(":", 3)
    row = _arns().get(service)
    if len(parts) < 4 or row is None or "*" in service:  # noqa: PLR2004 - service, and the rest of an ARN
        return True
    if parts[2] not in {service, "*", *row["also"].split()}:
        return False
    if parts[2] != service or not row["resources"]:
        return True
    rest = ":" + parts[3]
    if not re.search(row["resources"], rest):
        return False
    return _is_kept_in(service, name, rest)


def _is_kept_in(service: str, name: str, rest: str) -> bool:
    """Return whether an action on log streams, or on objects, names some, and one on a bucket names that."""
    if service == "logs" and name in _OF_STREAMS and ":log-group:" in rest:
        return "*" in rest or ":log-stream:" in rest
    if service != "s3" or "*" in name or "accesspoint" in rest:
        return True
    given = rest.removeprefix(_ALL_OF_S3)
    if re.search(r"Object|MultipartUpload(?!s)", name) and "ObjectLockConfiguration" not in name:
        return "/" in given or "*" in given
    return "/" not in given.rstrip("*")


@cache
def _arns() -> Mapping[str, Mapping[str, str]]:
    return {row["service"]: row for row in read_rows(FOLDER / "arns.csv")}


@rule
def condition_formed(templates: Templates) -> Found:
    """A condition has an operator that there is, and a value of its kind, which a request can have or lack."""
    now = datetime.now(tz=UTC).isoformat()
    for resource, statement in statements(templates):
        for operator, pairs in statement.conditions.items():
            if not _OPERATOR.fullmatch(operator):
                yield resource, f"{operator} is no operator of conditions."
                continue
            for key, value in pairs.items() if isinstance(pairs, Mapping) else ():
                for each in map(str, as_list(value)):
                    for wrong in _find_wrong(operator, key.lower(), each, now, allows=statement.allows):
                        yield resource, f"{key} {operator} {each}: {wrong}."


def _find_wrong(operator: str, key: str, value: str, now: str, *, allows: bool) -> Iterator[str]:
    if re.search(r"Bool|Null", operator) and not _WORD.fullmatch(value):
        yield "it is neither true nor false"
    if operator.startswith("Numeric") and not re.fullmatch(r"-?[\d.]+|\$\{.*", value):
        yield "it is no number"
    dated = bool(_DAY.match(value))
    if operator.startswith("DateLess") and dated and value[:19] < now[:19]:
        yield "that time has passed, and nothing meets it"
    if operator.startswith("DateGreater") and dated and value[:10] < now[:10] and allows:
        yield "that time has passed, and everything meets it"
    if allows and operator.endswith("Like") and "Not" not in operator and value == "*":
        yield "whatever it is meets it"
    if "IpAddress" in operator and key == "aws:sourceip":
        with suppress(ValueError):
            network = ipaddress.ip_network(value, strict=False)
            if network.prefixlen == 0:
                yield "every address is meant"
            elif network.is_private:
                yield "aws:SourceIp is a public address: a private one is in aws:VpcSourceIp"


@rule
def condition_carried(templates: Templates) -> Found:
    """A condition asks for what requests of its actions carry: another's key nothing has, and nothing meets it."""
    for resource, statement in statements(templates):
        actions = [each for each in statement.actions if ":" in each]
        if not actions or len(actions) != len(statement.actions):
            continue
        services = {each.partition(":")[0].lower() for each in actions}
        for operator, pairs in statement.conditions.items():
            for key in pairs if isinstance(pairs, Mapping) else ():
                prefix, _, _ = key.lower().partition(":")
                if "." in prefix or prefix in _PROVIDER - {"sts"} or operator == "Null":
                    continue
                bare = key.lower().partition("/")[0]
                wanted = [row["actions"].split() for row in _find_carriers() if bare in row["keys"].split()]
                fitting = any(_overlap(action, each) for action in actions for row in wanted for each in row)
                if (prefix not in services and "*" not in "".join(services)) or (wanted and not fitting):
                    yield resource, f"No request of {', '.join(actions)[:80]} has {key}: nothing meets it."


def _overlap(one: str, other: str) -> bool:
    """Return whether some action may be meant by both, each of which may have wildcards."""
    one, other = one.lower(), other.lower()
    return fnmatchcase(one, other) or fnmatchcase(other, one) or fnmatchcase(one.rstrip("*"), other)


@cache
def _find_carriers() -> tuple[Mapping[str, str], ...]:
    return tuple(read_rows(FOLDER / "conditions.csv"))


@rule
def principal_exists(templates: Templates) -> Found:
    """A policy names services as AWS does."""
    for resource, statement in statements(templates):
        for service in statement.services:
            if not _SERVICE.fullmatch(service) and service != "*":
                yield resource, f"{service} is no service: its name ends in amazonaws.com."
            known = [f"{each}.amazonaws.com" for each in _arns()]
            if service not in known and service.endswith(".amazonaws.com") and service.count(".") == 2:  # noqa: PLR2004 - x.amazonaws.com
                close = get_close_matches(service, known, n=1, cutoff=0.95)
                if close:
                    yield resource, f"{service} is no service: {close[0]} is."


RULES: Final = (action_exists, action_has_resource, condition_formed, condition_carried, principal_exists)
