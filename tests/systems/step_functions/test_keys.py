"""No role has more of the key than it needs: without one of its actions on the key, the run fails and names it."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.end_to_end, pytest.mark.timeout(900)]
STACK = "dev-steps"
VALIDATION, COMPARISON = "CensusValidationRole", "CensusComparisonRole"
PREPROCESSING, TRAINING, EVALUATION = (f"Census{name}StepRole" for name in ("Preprocessing", "Training", "Evaluation"))
MACHINE = "CensusRole"
CASES = [
    ((VALIDATION,), "kms:Decrypt"),  # of a function, for a table
    ((PREPROCESSING,), "kms:Decrypt"),  # of a processing job: its input
    ((PREPROCESSING,), "kms:GenerateDataKey"),  # its output
    ((PREPROCESSING, MACHINE), "kms:CreateGrant"),  # its volume: the job's role, or who starts it
    ((TRAINING,), "kms:Decrypt"),  # of a training job: its channels
    ((TRAINING,), "kms:GenerateDataKey"),  # the model
    ((TRAINING, MACHINE), "kms:CreateGrant"),
    ((EVALUATION,), "kms:Decrypt"),
    ((COMPARISON,), "kms:Decrypt"),  # of a function, for an object and a table
]


@pytest.fixture(scope="module")
def census(demo: Workplace) -> Workplace:
    """The folder of the demo, with a small census published last."""
    folder = Path("census-under-a-key")
    demo.done("data", "generate", "census", str(folder), "--rows", "600", "--seed", "4")
    demo.done("data", "publish", "census", str(folder))
    return demo


@contextmanager
def without(here: Workplace, logical_id: str, action: str) -> Iterator[None]:
    """Take an action from the policies of a role of the stack, and give it back."""
    iam, pages = here.client("iam"), here.client("cloudformation").get_paginator("list_stack_resources")
    resources = [each for page in pages.paginate(StackName=STACK) for each in page["StackResourceSummaries"]]
    (role,) = [
        each["PhysicalResourceId"]
        for each in resources
        if each["ResourceType"] == "AWS::IAM::Role" and each["LogicalResourceId"][:-8] == logical_id
    ]
    before = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    assert any(action in json.dumps(document) for document in before.values()), f"{logical_id} needs no {action}"
    for name, document in before.items():
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(stripped(document, action)))
    try:
        yield
    finally:
        for name, document in before.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def stripped(document: dict[str, Any], action: str) -> dict[str, Any]:
    left = copy.deepcopy(document)
    for statement in left["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [each for each in actions if each != action]
    left["Statement"] = [statement for statement in left["Statement"] if statement["Action"]]
    return left


@pytest.mark.parametrize(
    ("roles", "action"), CASES, ids=lambda value: value if isinstance(value, str) else "+".join(value)
)
def test_a_run_fails_and_names_the_action_that_is_missing(
    census: Workplace, roles: tuple[str, ...], action: str
) -> None:
    first, *others = roles
    with without(census, first, action):
        if others:
            with without(census, others[0], action):
                said = failure(census)
        else:
            said = failure(census)
    assert f"is not authorized to perform: {action} on resource: " in said


def failure(here: Workplace) -> str:
    """Start a run, wait until it has failed, and return all that is known of it."""
    started = here.done("steps", "start", "census")
    ended = here.mdlc("steps", "wait", "census", started["execution_id"])
    assert ended.code == 1
    history = here.client("stepfunctions").get_execution_history(
        executionArn=ended.answer["execution"], reverseOrder=True
    )
    return json.dumps(history["events"], default=str).replace('\\"', '"')
