"""Policy statements, wherever a template keeps them."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get

_JUDGED_APART: Final = {"AWS::IAM::Role", "AWS::EC2::VPCEndpoint"}
"""Their statements name principals, too: who may take on a role, and whom an endpoint lets through."""
_PERMISSIONS: Final = ("AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission", "AWS::Events::EventBusPolicy")
"""Statements that are a resource of their own."""
_PLACEHOLDER: Final = re.compile(r"\$\{[^}]*\}")
_PREFIXED: Final = re.compile(r"arn:[^:]+:[^:*]+:[^:*]*:[^:*]*:[^*].*")
"""An ARN whose partition, service, region and account are given, and its resource's beginning."""
_LAX: Final = re.compile(r"Not(Equals|Like|IpAddress)|IfExists$|^ForAllValues:|^Null$", re.IGNORECASE)
_ATTACHED: Final = {"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"}
_ALONE: Final = {
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
}


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, its single values made lists."""

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    services: tuple[str, ...]
    principals: tuple[str, ...]
    federated: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]]
    inverted: tuple[str, ...]
    sid: str = ""
    refused_but: tuple[str, ...] = ()
    """Actions that it is not about, of a statement that names those."""

    @property
    def condition_keys(self) -> dict[str, list[str]]:
        """Values of every condition by its key, which IAM reads in any case."""
        keys: dict[str, list[str]] = {}
        for pairs in self.conditions.values():
            for key, value in pairs.items():
                keys.setdefault(key.lower(), []).extend(str(item) for item in as_list(value))
        return keys

    @property
    def required(self) -> dict[str, list[str]]:
        """Values of which a request must have one, by the condition's key.

        Not those of conditions that every value meets, or a request without the key: negated ones, `…IfExists` and
        `ForAllValues:…` (IAM user guide, "IAM JSON policy elements: Condition operators").
        """
        demanding = {operator: pairs for operator, pairs in self.conditions.items() if not _LAX.search(operator)}
        keys = replace(self, conditions=demanding).condition_keys
        return {key: values for key, values in keys.items() if "*" not in values}

    @property
    def anonymous(self) -> bool:
        """Whether anybody is meant."""
        return "*" in self.principals


def plain(name: str) -> str:
    """Return an ARN with its references made words, since their own colons are not those of the ARN."""
    return _PLACEHOLDER.sub("x", name)


def is_named(resource: str) -> bool:
    """Return whether a wildcard in `resource`, if any, stands for the end of a name."""
    name = plain(resource)
    return not name.startswith(("arn", "*")) or bool(_PREFIXED.fullmatch(name))


def read(document: object) -> list[Statement]:
    """Return the statements of a policy document, given as an object or as JSON."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return []
    statements = get(document, "Statement", document)
    return [_statement(statement) for statement in as_list(statements) if isinstance(statement, Mapping)]


def _statement(statement: Mapping[str, Any]) -> Statement:
    principal = statement.get("Principal", {})
    principal = {"AWS": principal} if not isinstance(principal, Mapping) else principal
    return Statement(
        allows=statement.get("Effect") == "Allow",
        actions=tuple(map(str, as_list(statement.get("Action")))),
        resources=tuple(map(str, as_list(statement.get("Resource")))),
        services=tuple(map(str, as_list(principal.get("Service")))),
        principals=tuple(map(str, as_list(principal.get("AWS")))),
        federated=tuple(map(str, as_list(principal.get("Federated")))),
        conditions=statement.get("Condition", {}),
        inverted=tuple(key for key in ("NotAction", "NotResource", "NotPrincipal") if key in statement),
        sid=str(statement.get("Sid", "")),
        refused_but=tuple(map(str, as_list(statement.get("NotAction")))),
    )


def identity(templates: Templates) -> Iterator[tuple[Resource, Statement]]:
    """Yield what roles, users and groups may do."""
    for resource in templates.of(*_ALONE, *_ATTACHED, "AWS::SSO::PermissionSet"):
        documents = [resource.get("PolicyDocument")] if resource.type in _ALONE else [resource.get("InlinePolicy")]
        documents += [get(policy, "PolicyDocument") for policy in as_list(resource.get("Policies"))]
        for document in documents:
            for statement in read(document):
                yield resource, statement


def trusts(templates: Templates) -> Iterator[tuple[Resource, Statement]]:
    """Yield who may take on which role."""
    for role in templates.of("AWS::IAM::Role"):
        for statement in read(role.get("AssumeRolePolicyDocument")):
            yield role, statement


def resource_based(templates: Templates) -> Iterator[tuple[Resource, Statement]]:
    """Yield who may use which bucket, queue, topic, key, table or function, wherever a template says so."""
    for resource in templates.resources:
        if resource.type not in _JUDGED_APART:
            for statement in _with_principals(resource.properties):
                yield resource, _statement(statement)
    for permission in templates.of(*_PERMISSIONS):
        if permission.get("Principal"):
            yield permission, _permission(permission)


def _with_principals(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - whatever a template holds
    """Yield the statements in `value` that name who is meant, of documents given as objects or as JSON."""
    if isinstance(value, str) and '"Effect"' in value:
        with suppress(ValueError):
            yield from _with_principals(json.loads(value))
    elif isinstance(value, dict):
        if "Effect" in value and {"Principal", "NotPrincipal"} & set(value):
            yield value
        else:
            for item in value.values():
                yield from _with_principals(item)
    elif isinstance(value, list):
        for item in value:
            yield from _with_principals(item)


def _permission(permission: Resource) -> Statement:
    principal = str(permission.get("Principal", ""))
    service = bool(re.search(r"\.amazonaws\.com(\.cn)?$", principal))
    keys = {
        "SourceAccount": "aws:SourceAccount",
        "SourceArn": "aws:SourceArn",
        "PrincipalOrgID": "aws:PrincipalOrgID",
        "OrganizationId": "aws:PrincipalOrgID",
        "EventSourceToken": "lambda:EventSourceToken",  # pragma: allowlist secret
    }
    given = {key: permission.get(name) for name, key in keys.items() if permission.get(name)}
    given |= {permission.get("Condition.Key"): permission.get("Condition.Value")} if permission.get("Condition") else {}
    alike = {key: given.pop(key) for key in ("aws:SourceArn",) if key in given}  # Lambda compares it as a pattern
    return Statement(
        allows=True,
        actions=(str(permission.get("Action")),),
        resources=(str(permission.get("FunctionName")),),
        services=(principal,) if service else (),
        principals=() if service else (principal,),
        federated=(),
        conditions={operator: pairs for operator, pairs in (("StringEquals", given), ("ArnLike", alike)) if pairs},
        inverted=(),
    )
