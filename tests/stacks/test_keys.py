"""Every right on a key is tried on a deployed cloud, or has a reason why nothing there asks for it."""

from collections.abc import Sequence
from typing import Any

import pytest

from checks.access.policies import Environment
from tests.environments import DEV, SANDBOX
from tests.systems import test_keys
from tests.systems import test_labeling_keys as of_labeling
from tests.systems import test_review_keys as of_reviews
from tests.systems.step_functions import test_keys as of_machines
from tests.systems.taken import Role, Row, Unasked, unaccounted

MACHINES = {"steps", "vision"}
LABELING = {"api", "labeling"}
PIPELINES = {"features", "knn", "serving", "training", "experiments", "images", "notices", "studio"}


@pytest.fixture(scope="module")
def every(templates: dict[str, dict[str, Any]]) -> list[Role]:
    """Roles of the first environment that have rights on keys; those of labeling are the sandbox's, with streams."""
    found = [
        Role(each.stack, each.logical_id, each.arn, each.description, {"its own": {"Statement": each.statements}})
        for environment in (DEV, SANDBOX)
        for each in Environment(environment, templates).roles()
        if (each.stack in LABELING) == (environment is SANDBOX)
    ]
    return [role for role in found if role.actions]


@pytest.mark.parametrize(
    ("stacks", "rows", "unasked"),
    [
        (PIPELINES, test_keys.ROWS, test_keys.UNASKED),
        (MACHINES, (*of_machines.RUNS, *of_machines.ROWS), of_machines.UNASKED),
        (LABELING, (*of_labeling.ROWS, *of_reviews.ROWS), {**of_labeling.UNASKED, **of_reviews.UNASKED}),
    ],
    ids=["pipelines", "machines", "labeling"],
)
def test_every_right_on_a_key_has_work_that_needs_it_or_a_reason(
    every: list[Role], stacks: set[str], rows: Sequence[Row], unasked: Unasked
) -> None:
    assert {role.stack for role in every} == PIPELINES | MACHINES | LABELING
    assert unaccounted([role for role in every if role.stack in stacks], rows, unasked) == []


def test_a_right_that_is_new_or_gone_is_named(every: list[Role]) -> None:
    role = Role("api", "r", "arn", "Asks the model", {"p": {"Statement": [{"Action": "kms:Decrypt"}]}})
    row = Row("Jobs of the step .*", "kms:CreateGrant", lambda _here, _role: "")
    jobs = [each for each in every if each.description.startswith("Jobs of ")]
    assert unaccounted([role], [row], {}) == ["Asks the model: kms:Decrypt", "Jobs of the step .*: kms:CreateGrant"]
    assert unaccounted([role, *jobs], [row], {("Asks the model", "kms:Decrypt"): "why"}) != []
