"""Policy statements, wherever a template keeps them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ml_constructs.rules.templates import Resource, Templates, as_list, get

_DOCUMENTS: Final = {
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SQS::QueueInlinePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SNS::TopicInlinePolicy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
    "AWS::Logs::ResourcePolicy": "PolicyDocument",
    "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupPolicy",
    "AWS::ApiGateway::RestApi": "Policy",
    "AWS::CodeArtifact::Domain": "PermissionsPolicyDocument",
    "AWS::CodeArtifact::Repository": "PermissionsPolicyDocument",
    "AWS::EFS::FileSystem": "FileSystemPolicy",
    "AWS::Events::EventBusPolicy": "Statement",
}
"""Where each type of resource keeps the policy that says who may use it."""
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
    )


def identity(templates: Templates) -> Iterator[tuple[Resource, Statement]]:
    """Yield what roles, users and groups may do."""
    for resource in templates.of(*_ALONE, *_ATTACHED):
        documents = [resource.get("PolicyDocument")] if resource.type in _ALONE else []
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
    """Yield who may use which bucket, queue, topic, key, repository or function."""
    for resource in templates.of(*_DOCUMENTS):
        for statement in read(resource.get(_DOCUMENTS[resource.type])):
            yield resource, statement
    for permission in templates.of("AWS::Lambda::Permission"):
        yield permission, _permission(permission)


def _permission(permission: Resource) -> Statement:
    principal = str(permission.get("Principal", ""))
    service = bool(re.search(r"\.amazonaws\.com(\.cn)?$", principal))
    keys = {
        "SourceAccount": "aws:SourceAccount",
        "SourceArn": "aws:SourceArn",
        "PrincipalOrgID": "aws:PrincipalOrgID",
        "EventSourceToken": "lambda:EventSourceToken",  # pragma: allowlist secret
    }
    given = {key: permission.get(name) for name, key in keys.items() if permission.get(name)}
    return Statement(
        allows=True,
        actions=(str(permission.get("Action")),),
        resources=(str(permission.get("FunctionName")),),
        services=(principal,) if service else (),
        principals=() if service else (principal,),
        federated=(),
        conditions={"StringEquals": given} if given else {},
        inverted=(),
    )
