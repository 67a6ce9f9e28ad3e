"""Rights on keys that are taken from a role of a deployed environment for a moment, and what is then refused."""

import copy
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from tests.systems.workplace import Workplace

ACTIONS = ("kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey")


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


def said_by(call: Callable[[], object]) -> str:
    """Words of the refusal of a call; "" for one that is done."""
    try:
        call()
    except ClientError as error:
        return str(error)
    return ""


def job_again(sagemaker: Any, role: Role) -> tuple[Callable[[], None], Callable[[], str]]:
    """Return what starts a job of a role anew, as it ran last, and what waits for its end and says why it failed."""
    for kind in ("Processing", "Training"):
        described = getattr(sagemaker, f"describe_{kind.lower()}_job")
        pages = sagemaker.get_paginator(f"list_{kind.lower()}_jobs").paginate(StatusEquals="Completed")
        for name in [each[f"{kind}JobName"] for page in pages for each in page[f"{kind}JobSummaries"]]:
            ran = described(**{f"{kind}JobName": name})
            if ran["RoleArn"] == role.arn:
                return _again(sagemaker, kind, ran)
    raise LookupError(f"no job has run as {role.description} ({role.name})")


def _again(sagemaker: Any, kind: str, ran: Mapping[str, Any]) -> tuple[Callable[[], None], Callable[[], str]]:
    members = sagemaker.meta.service_model.operation_model(f"Create{kind}Job").input_shape.members
    name = f"again-{uuid4().hex[:12]}"
    request = {**{member: value for member, value in ran.items() if member in members}, f"{kind}JobName": name}

    def start() -> None:
        getattr(sagemaker, f"create_{kind.lower()}_job")(**request)

    def reason() -> str:
        while True:
            found = getattr(sagemaker, f"describe_{kind.lower()}_job")(**{f"{kind}JobName": name})
            if found[f"{kind}JobStatus"] in {"Completed", "Failed", "Stopped"}:
                return str(found.get("FailureReason", ""))
            time.sleep(0.1)

    return start, reason
