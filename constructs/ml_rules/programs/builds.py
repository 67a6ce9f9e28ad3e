"""Rules of builds and of the work that people do: who starts them, with which rights, and what they leave behind."""

import re
from collections.abc import Iterator
from typing import Any, Final

from ml_rules import policies
from ml_rules.decided import leaves
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, named_values

Found = Iterator[tuple[Resource, str]]

_WRITTEN: Final = re.compile(
    r"(echo|printf|cat|printenv|env)\b[^\n;|]*\$\{?\w*(TOKEN|PASSWORD|SECRET|API_?KEY|CREDENTIALS?)\w*\}?[^\n;|]*(>|\btee\b)",
    re.IGNORECASE,
)
_REQUESTS: Final = re.compile(r"PULL_REQUEST_(CREATED|UPDATED|REOPENED)")
_ADMINISTRATOR: Final = re.compile(
    r"role/(\S*/)?(OrganizationAccountAccessRole|AWSControlTowerExecution|\w*Admin(istrator)?(Access|Role)?)$",
    re.IGNORECASE,
)
_PUBLIC: Final = re.compile(
    r"\b(?P<registry>docker\.io|registry-1\.docker\.io|quay\.io|ghcr\.io|gcr\.io|registry\.k8s\.io|mcr\.microsoft\.com"
    r"|nvcr\.io|public\.ecr\.aws)/(?P<name>[\w./-]*[\w-])(?P<version>:[\w.-]+|@sha256:[0-9a-f]{64})?"
)
_DOCKER: Final = "public.ecr.aws/docker/library/"
"""AWS's copy of Docker's official images; whatever else is public anybody may have published."""
_LARGE: Final = re.compile(r"ml\.(p\d\w*|trn\d\w*|inf\d\w*|g\d\w*)\.(12|16|24|32|48|metal)\w*")
"""Instances of several accelerators, which cost tens of dollars an hour."""
_DEFAULTS: Final = ("AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile", "AWS::SageMaker::Space")


@rule
def build_started(templates: Templates) -> Found:
    """Who opens a pull request starts no build unless a filter names them, from the first letter to the last.

    Source: CodeBuild user guide, "GitHub webhook events", and AWS security bulletin 2026-002.
    """
    for project in templates.of("AWS::CodeBuild::Project"):
        for group in as_list(project.get("Triggers.FilterGroups")):
            filters = [each for each in as_list(group) if isinstance(each, dict)]
            kinds = {each.get("Type") for each in filters}
            events = " ".join(str(each.get("Pattern")) for each in filters if each.get("Type") == "EVENT")
            if _REQUESTS.search(events) and "ACTOR_ACCOUNT_ID" not in kinds:
                yield project, "Whoever opens a pull request starts it: no filter asks for ACTOR_ACCOUNT_ID."
            for each in filters:
                pattern = str(each.get("Pattern", ""))
                anchored = all(part.startswith("^") and part.endswith("$") for part in _alternatives(pattern))
                if each.get("Type") == "ACTOR_ACCOUNT_ID" and not anchored:
                    yield project, f"Whoever has {pattern} in their number starts it: the pattern has no ^ and $."


def _alternatives(pattern: str) -> list[str]:
    """Return the patterns that one pattern is made of, outside of brackets."""
    return re.split(r"\|(?![^(]*\))", pattern)


@rule
def build_from(templates: Templates) -> Found:
    """A build takes no public image but Docker's official ones from AWS, and those by their version."""
    for project in templates.of("AWS::CodeBuild::Project"):
        for path, value in leaves({"BuildSpec": project.get("Source.BuildSpec")}):
            for image in _PUBLIC.finditer(str(value)):
                if not image[0].startswith(_DOCKER):
                    yield project, f"{path} takes {image[0]}, which anybody may have published."
                elif (image["version"] or ":latest") == ":latest":
                    yield project, f"{path} takes {image[0]}, which is another one tomorrow: name a version."


@rule
def secret_left(templates: Templates) -> Found:
    """A build or a script writes no secret into what it leaves behind."""
    for resource in templates.resources:
        for path, value in leaves(resource.properties):
            if match := _WRITTEN.search(str(value)):
                yield resource, f"{path} does `{match[0][:60]}`."


@rule
def work_limited(templates: Templates) -> Found:
    """People work with a role that is not an administrator's, and on machines that are large only when they ask."""
    for resource in templates.of(*_DEFAULTS):
        for name, value in named_values(resource.properties):
            if name in {"ExecutionRole", "DefaultSpaceExecutionRole"} and _ADMINISTRATOR.search(str(value)):
                yield resource, f"{name} is an administrator's: {value}."
            instance = get(value, "InstanceType") if name == "DefaultResourceSpec" else None
            if instance and _LARGE.fullmatch(str(instance)):
                yield resource, f"What people open starts on {instance} without their asking."


@rule
def connected_apart(templates: Templates) -> Found:
    """A repository that takes in packages of the public is not the one that our own are published to.

    Source: CodeArtifact user guide, "Connect a CodeArtifact repository to a public repository": one repository for each
    external connection, upstream of the others.
    """
    for repository in templates.of("AWS::CodeArtifact::Repository"):
        connected: list[Any] = as_list(repository.get("ExternalConnections"))
        publishes = "PublishPackageVersion" in str(repository.get("PermissionsPolicyDocument"))
        called = f"{repository.logical_id} {repository.get('RepositoryName', '')} {repository.get('Description', '')}"
        if connected and (publishes or re.search(r"internal|private|approved|release", called, re.IGNORECASE)):
            yield (
                repository,
                f"A stranger's package of the same name is taken for ours: it is connected to {connected[0]}.",
            )


@rule
def maker_bounded(templates: Templates) -> Found:
    """A role that makes roles has a boundary itself, so that it cannot give itself more."""
    makes = {"iam:createrole", "iam:putrolepolicy", "iam:attachrolepolicy", "iam:createpolicyversion"}
    for resource, statement in policies.identity(templates):
        actions = {action.lower() for action in statement.actions}
        bounded = resource.type != "AWS::IAM::Role" or resource.get("PermissionsBoundary")
        if statement.allows and actions & makes and not bounded:
            yield resource, "It makes roles, and has no PermissionsBoundary itself."


RULES: Final = (build_started, build_from, secret_left, work_limited, connected_apart, maker_bounded)
