"""Rights on keys that are taken from a role of a deployed environment for a moment, and what is then refused."""

import copy
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.systems.workplace import Workplace

DECRYPT, GENERATE, GRANT = ACTIONS = "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"
DENIED = "is not authorized to perform"


@dataclass(frozen=True)
class Role:
    """A role of a stack: its name in IAM, what it is for, and its policies by name."""

    stack: str
    name: str
    arn: str
    description: str
    policies: Mapping[str, Mapping[str, Any]]

    @property
    def actions(self) -> frozenset[str]:
        """What it may do with keys, of what a run can miss."""
        named = {each for policy in self.policies.values() for each in _actions(policy)}
        return frozenset(named & set(ACTIONS))


def roles(here: Workplace, environment: str = "dev") -> list[Role]:
    """Every role of the deployed stacks of an environment."""
    iam, cloudformation = here.client("iam"), here.client("cloudformation")
    found = []
    for stack in cloudformation.describe_stacks()["Stacks"]:
        if not stack["StackName"].startswith(f"{environment}-"):
            continue
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack["StackName"])
        for each in (each for page in pages for each in page["StackResourceSummaries"]):
            if each["ResourceType"] != "AWS::IAM::Role":
                continue
            name = each["PhysicalResourceId"]
            role = iam.get_role(RoleName=name)["Role"]
            policies = {
                policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
            }
            found.append(Role(stack["StackName"], name, role["Arn"], role.get("Description", ""), policies))
    return found


@contextmanager
def without(here: Workplace, action: str, *those: Role) -> Iterator[None]:
    """Take an action from the policies of roles, and give it back."""
    iam = here.client("iam")
    try:
        for role in those:
            for name, document in role.policies.items():
                if action in _actions(document):
                    left = json.dumps(stripped(document, action))
                    iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=left)
        yield
    finally:
        for role in those:
            for name, document in role.policies.items():
                iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=json.dumps(document))


def stripped(document: Mapping[str, Any], action: str) -> dict[str, Any]:
    """Return a policy without an action, and without the statements that say nothing else."""
    left = copy.deepcopy(dict(document))
    for statement in left["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [each for each in actions if each != action]
    left["Statement"] = [statement for statement in left["Statement"] if statement["Action"]]
    return left


def _actions(document: Mapping[str, Any]) -> Sequence[str]:
    named = [statement["Action"] for statement in document["Statement"]]
    return [action for each in named for action in (each if isinstance(each, list) else [each])]


@dataclass(frozen=True)
class Row:
    """Roles of one kind by their description, an action, and their work that needs it; `beside` lose it with them."""

    roles: str
    action: str
    work: Callable[[Workplace, Role], str]
    beside: str = ""

    def __str__(self) -> str:
        """What a report calls it."""
        return f"{self.roles.rstrip('.*').strip()} {self.action}"

    def concerns(self, role: Role) -> bool:
        """Whether a role is of the kind, and has the right."""
        return self.action in role.actions and re.fullmatch(self.roles, role.description) is not None

    def refused(self, here: Workplace, role: Role, every: Iterable[Role]) -> str:
        """What is said where the role, and those beside it in its stack, do their work without the right."""
        beside = [each for each in every if each.stack == role.stack and re.fullmatch(self.beside, each.description)]
        with without(here, self.action, role, *beside):
            return self.work(here, role)


Unasked = Mapping[tuple[str, str], str]
"""Kinds of roles, and actions that they have by AWS's documents and nothing on this machine asks for: the reasons."""


def unaccounted(every: Sequence[Role], rows: Sequence[Row], unasked: Unasked) -> list[str]:
    """Name each right that has not exactly one row or reason, and each row and reason that no role has."""
    known = [(row.roles, row.action) for row in rows] + list(unasked)
    rights = [(role.description, action) for role in every for action in sorted(role.actions)]

    def fits(right: tuple[str, str], kind: tuple[str, str]) -> bool:
        return right[1] == kind[1] and re.fullmatch(kind[0], right[0]) is not None

    wrong = [right for right in rights if sum(fits(right, kind) for kind in known) != 1]
    return [": ".join(each) for each in [*wrong, *(kind for kind in known if not any(fits(r, kind) for r in rights))]]


def judge(here: Workplace, every: Sequence[Role], row: Row) -> None:
    """Take the right of a row from every role of its kind in turn: its work names it, and is done when it is back."""
    concerned = [role for role in every if row.concerns(role)]
    assert concerned
    for role in concerned:
        said = row.refused(here, role, every)
        assert re.search(rf"{DENIED}: {row.action} on resource: arn:aws:kms:", said), f"{role.description}: {said}"
    assert DENIED not in row.work(here, concerned[0]), "with the right it is done"
