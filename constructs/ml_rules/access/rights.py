"""Rules of rights that nobody should have, and of those that somebody has judged, by the kind of role that has them."""

import csv
import fnmatch
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from ml_rules import policies
from ml_rules.decided import FOLDER, WHERE
from ml_rules.requests import states
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates, leads_elsewhere
from ml_rules.values import as_list, get

Found = Iterator[tuple[Resource, str]]

_CALL: Final = re.compile(r"arn:[^:]+:(?:states|scheduler):::aws-sdk:([a-z0-9]+):([A-Za-z0-9]+)")
"""How a state machine or a schedule names an operation that it calls by itself."""
_PREFIXES: Final = {"sfn": "states", "eventbridge": "events", "cloudwatchlogs": "logs", "efs": "elasticfilesystem"}
"""Services that the SDK calls otherwise than IAM does."""
_GRANT_BOUND: Final = {"kms:grantisforawsresource", "kms:granteeprincipal", "kms:grantconstrainttype", "kms:viaservice"}
_BOUNDED: Final = {
    "iam:createrole",
    "iam:putrolepolicy",
    "iam:attachrolepolicy",
    "iam:createuser",
    "iam:attachuserpolicy",
}
"""What may be delegated to who must attach a boundary (IAM user guide, "Permissions boundaries for IAM entities")."""
_SERVICE: Final = ".amazonaws.com"


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    return tuple(csv.DictReader((FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


@cache
def danger(action: str) -> str:
    """Return why nobody should have a right, or nothing."""
    asked = action.lower()
    return next(
        (
            row["why"]
            for row in _rows("rights")
            if any(fnmatch.fnmatchcase(asked, each.lower()) for each in row["actions"].split())
        ),
        "",
    )


@rule
def dangerous_right(templates: Templates) -> Found:
    """Nothing may give itself rights, hide what it does, open the network, or take away what protects data."""
    for resource, statement in policies.identity(templates):
        bounded = "iam:permissionsboundary" in statement.required
        for action in statement.actions if statement.allows else ():
            if bounded and action.lower() in _BOUNDED:
                continue
            if why := danger(action):
                yield resource, f"It allows {action}: {why}."
    for resource, service, operation in _calls(templates):
        if why := danger(f"{_PREFIXES.get(service, service)}:{operation}"):
            yield resource, f"It calls {operation} of {service}: {why}."


def _calls(templates: Templates) -> Iterator[tuple[Resource, str, str]]:
    """Yield the operations of services that state machines and schedules call by themselves."""
    named = [(schedule, schedule.get("Target.Arn")) for schedule in templates.of("AWS::Scheduler::Schedule")]
    named += [
        (machine, state.get("Resource"))
        for machine in templates.of("AWS::StepFunctions::StateMachine")
        for _, state in states(machine)
    ]
    for resource, name in named:
        if match := _CALL.match(str(name)):
            yield resource, match[1].lower(), match[2]


@rule
def grant_bound(templates: Templates) -> Found:
    """Who may grant the use of a key grants it to AWS's services alone, or to somebody whom the policy names."""
    of_keys = (
        (key, statement)
        for key in templates.of("AWS::KMS::Key")
        for statement in policies.read(key.get("KeyPolicy"))
        if statement.principals or statement.services
    )
    for resource, statement in [*policies.identity(templates), *of_keys]:
        named = "kms:creategrant" in map(str.lower, statement.actions)
        if statement.allows and named and not _GRANT_BOUND & set(statement.required):
            yield resource, "It may grant the use of a key to anybody: kms:GrantIsForAWSResource is missing."


@rule
def decided_action(templates: Templates) -> Found:
    """Every action that a role of ours may do has been judged for its kind of role, with a reason."""
    for resource, words in undecided_actions(templates):
        if resource.environment.name:
            yield resource, words


def undecided_actions(templates: Templates) -> Found:
    """Yield the actions that nobody has judged for the service that takes on the role."""
    for resource, statement in policies.identity(templates):
        for action in statement.actions if statement.allows else ():
            for service in sorted(_taken_on_by(templates, resource)):
                if not _may(service, action):
                    yield (
                        resource,
                        f"Nobody has judged {action} for roles of {service}: say why in {WHERE}/actions.csv.",
                    )


@cache
def _may(service: str, action: str) -> bool:
    return any(
        row["role"] in {service, "*"} and any(fnmatch.fnmatchcase(action, each) for each in row["actions"].split())
        for row in _rows("actions")
    )


def _taken_on_by(templates: Templates, resource: Resource) -> set[str]:
    """Return the services that take on the roles which a policy is of; `people` where no service does."""
    roles = [resource] if resource.type == "AWS::IAM::Role" else []
    for name in (*as_list(resource.get("Roles")), *as_list(resource.get("RoleName"))):
        found = templates.find(name)
        roles += [found] if found is not None and found.type == "AWS::IAM::Role" else []
    services = {
        service.removesuffix(_SERVICE)
        for role in roles
        for statement in policies.read(role.get("AssumeRolePolicyDocument"))
        for service in statement.services
    }
    return services or {"people"}


@rule
def decided_service(templates: Templates) -> Found:
    """Every service that acts on a resource of ours, or takes on a role, has been judged, with a reason."""
    for resource, words in undecided_services(templates):
        if resource.environment.name:
            yield resource, words


def undecided_services(templates: Templates) -> Found:
    """Yield the services that nobody has judged as principals of a type of resource."""
    for resource, statement in [*policies.trusts(templates), *policies.resource_based(templates)]:
        for service in statement.services if statement.allows else ():
            if not any(
                resource.type in row["types"].split()
                and any(fnmatch.fnmatchcase(service, each) for each in row["services"].split())
                for row in _rows("services")
            ):
                yield (
                    resource,
                    f"Nobody has judged {service} as a principal of {resource.type}: say why in {WHERE}/services.csv.",
                )


@rule
def machine_crosses(templates: Templates) -> Found:
    """A task of a state machine acts with the machine's role, and calls AWS alone."""
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        for name, state in states(machine):
            role = get(state.get("Credentials"), "RoleArn", "")
            if state.get("Credentials") and (machine.environment.name or not role or not leads_elsewhere(role)):
                yield machine, f"{name} acts with another role than the machine's."
            if str(state.get("Resource", "")).endswith(":states:::http:invoke"):
                endpoint = get(state.get("Parameters", state.get("Arguments")), "ApiEndpoint", "an address")
                yield machine, f"{name} sends data to {endpoint}."


RULES: Final = (dangerous_right, grant_bound, decided_action, decided_service, machine_crosses)
