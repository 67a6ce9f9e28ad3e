"""Rules of the values that conditions compare with: each is one that a request can have.

Sources: IAM user guide, "AWS global condition context keys" and "IAM and AWS STS condition context keys"; KMS developer
guide, "kms:ViaService"; Service Authorization Reference of SageMaker; SNS and S3 user guides.
"""

import fnmatch
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ml_rules import policies
from ml_rules.access.accounts import statements
from ml_rules.access.reach import names_action
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, mappings

Found = Iterator[tuple[Resource, str]]

_SWITCH: Final = frozenset({"Enabled", "Disabled"})
_KNOWN: Final = {
    "sagemaker:directinternetaccess": _SWITCH,
    "sagemaker:rootaccess": _SWITCH,
    "sagemaker:appnetworkaccesstype": frozenset({"VpcOnly", "PublicInternetOnly"}),
    "sagemaker:modelapprovalstatus": frozenset({"Approved", "Rejected", "PendingManualApproval"}),
    "sagemaker:networkisolation": frozenset({"true", "false"}),
    "sagemaker:intercontainertrafficencryption": frozenset({"true", "false"}),
    "s3:x-amz-server-side-encryption": frozenset({"AES256", "aws:kms", "aws:kms:dsse"}),
    "aws:securetransport": frozenset({"true", "false"}),
    "aws:principalisawsservice": frozenset({"true", "false"}),
    "aws:viaawsservice": frozenset({"true", "false"}),
    "aws:multifactorauthpresent": frozenset({"true", "false"}),
}
"""All values that requests have, by the key."""
_NOT_OF: Final = (
    (
        "iam:passedtoservice",
        re.compile(
            r"^(?!logs\.|opsworks)[a-z0-9-]+\.(\$\{AWS::Region\}|[a-z]{2}(-[a-z]+)+-\d)\.amazonaws\.com(\.cn)?$"
        ),
        "services that take on roles are named without a region",
    ),
    ("kms:viaservice", re.compile(r"^[a-z0-9-]+\.amazonaws\.com(\.cn)?$"), "it is SERVICE.REGION.amazonaws.com"),
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        re.compile(r"(^|:)alias/"),
        "S3 compares it with the ARN of the key, and not with an alias",
    ),
    (
        "aws:sourcevpc",
        re.compile(r"^(vpce-|\$\{[^}]*(VpcEndpoint|Vpce|EndpointId)[^}]*\})", re.IGNORECASE),
        "it is the id of a VPC, and aws:SourceVpce that of an endpoint",
    ),
    ("aws:sourcevpce", re.compile(r"^vpc-"), "it is the id of an endpoint, and aws:SourceVpc that of a VPC"),
)
"""Key, values that it never has, and what it has instead."""
_FORMS: Final = (
    (re.compile(r"arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm(?!:)"), "an alarm is alarm:NAME"),
    (re.compile(r"arn:[^:]*:logs:[^:]*:[^:]*:log-group(?!:(?!\*?$))(?!:\*)"), "a log group is log-group:NAME"),
    (re.compile(r"arn:[^:]*:events:[^:]*:[^:]*:(rule|event-bus)(?!/)"), "a rule is rule/NAME"),
    (re.compile(r"arn:[^:]*:lambda:[^:]*:[^:]*:function(?!:)"), "a function is function:NAME"),
    (re.compile(r"arn:[^:]*:states:[^:]*:[^:]*:stateMachine(?!:)"), "a state machine is stateMachine:NAME"),
    (re.compile(r"arn:[^:]*:sagemaker:[^:]*:[^:]*:[a-z-]+:"), "SageMaker's are TYPE/NAME"),
)
_NEVER: Final = re.compile(r"String(Not)?(Equals|Like).*|Arn(Not)?(Equals|Like).*|Bool.*")


def _tests(statement: policies.Statement) -> Iterator[tuple[str, str, list[str]]]:
    for operator, pairs in statement.conditions.items():
        for key, value in pairs.items() if isinstance(pairs, Mapping) else ():
            yield operator, key.lower(), [str(each) for each in as_list(value)]


@rule
def value_met(templates: Templates) -> Found:
    """A condition compares with what requests can have: another value never holds, or holds for everybody."""
    for resource, statement in statements(templates):
        for operator, key, values in _tests(statement):
            for value in values if _NEVER.fullmatch(operator.rpartition(":")[2]) else ():
                if why := _why_never(key, value):
                    yield resource, f"{key} never is {value}: {why}."


def _why_never(key: str, value: str) -> str:
    known = _KNOWN.get(key)
    if known and "${" not in value and not any(fnmatch.fnmatchcase(each, value) for each in known):
        return f"it is {', '.join(sorted(known))}"
    if key.endswith("arn"):
        return next((words for form, words in _FORMS if form.match(policies.plain(value))), "")
    return next((words for asked, form, words in _NOT_OF if asked == key and form.search(value)), "")


@rule
def access_ends(templates: Templates) -> Found:
    """What is allowed from a day on is also allowed until one, and that day is not past."""
    for resource, statement in statements(templates):
        tested = [(op, values) for op, key, values in _tests(statement) if key in {"aws:currenttime", "aws:epochtime"}]
        if not statement.allows or not tested:
            continue
        if not any("LessThan" in op for op, _ in tested) and any("GreaterThan" in op for op, _ in tested):
            yield resource, "It begins on a day and never ends: DateLessThan is missing."
        for op, values in tested:
            if op.startswith("DateLessThan") and any(map(_is_past, values)):
                yield resource, f"It is allowed to nobody any more: {values[0]} is past."


def _is_past(text: str) -> bool:
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return False
    return (day if day.tzinfo else day.replace(tzinfo=UTC)) < datetime.now(UTC)


_OF_TEMPLATES: Final = re.compile(r"\$\{(?!!)((?!AWS::)[A-Za-z0-9_-]+:[^}]*)\}")


@rule
def variable_escaped(templates: Templates) -> Found:
    """A policy's variable stands in `Fn::Sub` as `${!…}`: CloudFormation takes any other for its own."""
    for stack, template in templates.sources.items():
        for logical_id, body in template.get("Resources", {}).items():
            for item in mappings(body):
                text = item.get("Fn::Sub")
                text = text[0] if isinstance(text, list) and text else text
                if isinstance(text, str) and (found := _OF_TEMPLATES.search(text)):
                    yield (
                        Resource(stack, logical_id, str(body.get("Type")), {}, {}),
                        f"CloudFormation refuses ${{{found[1]}}}: written ${{!{found[1]}}} it is left to the policy.",
                    )


_OWNERS: Final = re.compile(
    r"aws:(principalaccount|principalorgid|principalorgpaths|resourceaccount|resourceorgid|sourceaccount|sourceorgid)"
)


@rule
def test_not_turned(templates: Templates) -> Found:
    """What is allowed to one's own is not allowed to all but them, and what refuses plain text refuses that."""
    for resource, statement in statements(templates):
        for operator, key, values in _tests(statement):
            if statement.allows and "Not" in operator and _OWNERS.fullmatch(key):
                yield resource, f"It lets in everybody but whom it means: {operator} of {key}."
            plain = operator.startswith("Bool") and key == "aws:securetransport"
            if plain and values == (["false"] if statement.allows else ["true"]):
                yield resource, "It is about who has TLS where it means who has none: aws:SecureTransport is turned."
            pattern = any("*" in each and fnmatch.fnmatchcase("unauthenticated", each) for each in values)
            if statement.allows and key.endswith(":amr") and "Not" not in operator and pattern:
                yield resource, f"Guests meet it too: unauthenticated is {values[0]}."


_ORIGINS: Final = re.compile(r"aws:(sourcevpce?|sourceip|vpcsourceip)")


@rule
def door_left(templates: Templates) -> Found:
    """Who changes a bucket's policy is not shut out by it: what refuses all but a network spares one role."""
    for policy in templates.of("AWS::S3::BucketPolicy"):
        for statement in policies.read(policy.get("PolicyDocument")):
            keys = {key for _, key, _ in _tests(statement)}
            shuts = not statement.allows and statement.anonymous and names_action(statement, "s3:PutBucketPolicy")
            if shuts and keys and all(map(_ORIGINS.fullmatch, keys)):
                yield policy, "Nobody can change it from outside that network, nor can CloudFormation: spare a role."


_PERIMETER: Final = re.compile(r"aws:principal(orgid|orgpaths|account)")
_SPARED: Final = {"aws:principalisawsservice", "aws:principalarn", "aws:principalservicename", "aws:viaawsservice"}


@rule
def services_spared(templates: Templates) -> Found:
    """A perimeter does not refuse the services that the same policy lets in, which belong to no organisation."""
    by_resource: dict[str, list[tuple[Resource, policies.Statement]]] = {}
    for resource, statement in policies.resource_based(templates):
        by_resource.setdefault(resource.path, []).append((resource, statement))
    for own in by_resource.values():
        let_in = [action for _, each in own if each.allows and each.services for action in each.actions]
        for resource, statement in own:
            keys = {key for op, key, _ in _tests(statement) if "Not" in op or key in _SPARED or op == "Null"}
            refuses = not statement.allows and statement.anonymous and any(map(_PERIMETER.fullmatch, keys))
            hit = any(names_action(statement, each) or _overlap(statement, each) for each in let_in)
            nulls = any(op == "Null" for op, key, _ in _tests(statement) if _PERIMETER.fullmatch(key))
            if refuses and hit and not keys & _SPARED and not nulls:
                yield resource, "It refuses the services that it lets in: aws:PrincipalIsAWSService is not spared."


def _overlap(statement: policies.Statement, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(each.lower(), pattern.lower()) for each in statement.actions)


@rule
def rotation_spared(templates: Templates) -> Found:
    """Who rotates a secret is not refused its value by the secret's own policy."""
    for policy in templates.of("AWS::SecretsManager::ResourcePolicy"):
        rotated = [
            each
            for each in templates.of("AWS::SecretsManager::RotationSchedule")
            if each.get("SecretId") == policy.get("SecretId")
        ]
        for statement in policies.read(policy.get("ResourcePolicy")) if rotated else ():
            but = [
                v for op, key, values in _tests(statement) if "Not" in op and key == "aws:principalarn" for v in values
            ]
            if not statement.allows and but and not any(_rotates(each, rotated[0], templates) for each in but):
                yield policy, "It refuses the function that rotates the secret: its role is not among those spared."


def _rotates(name: str, schedule: Resource, templates: Templates) -> bool:
    function = templates.find(schedule.get("RotationLambdaARN"))
    own: Any = function.get("Role") if function is not None else None
    return name == own or (own is None and bool(re.search(r"rotat|\*", name, re.IGNORECASE)))


@rule
def approved_by_another(templates: Templates) -> Found:
    """Who registers a model does not approve it: changes of versions are bound by the status that they may set."""
    for resource, statement in policies.identity(templates):
        both = all(names_action(statement, f"sagemaker:{each}ModelPackage") for each in ("Create", "Update"))
        if statement.allows and both and "sagemaker:modelapprovalstatus" not in statement.condition_keys:
            yield resource, "Who registers a model may approve it: sagemaker:ModelApprovalStatus bounds no change."


RULES: Final = (
    value_met,
    access_ends,
    variable_escaped,
    test_not_turned,
    door_left,
    services_spared,
    rotation_spared,
    approved_by_another,
)
