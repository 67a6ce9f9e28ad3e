"""Runs of a training pipeline as the command line reads them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from mdlc.client import steps
from mdlc.errors import CommandError, InputError
from run_validation.request import parse

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:dev-census"
EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:dev-census:1"


def test_the_input_is_one_that_the_machine_takes() -> None:
    name = steps.new_name(NOW)
    assert name.startswith("20260101-000000-")
    given = steps.execution_input(
        prefix="dev-census-",
        name=name,
        experiment="census",
        data="0123456789abcdef",
        scripts="fedcba9876543210",
        parameters={"seed": "42"},
        hyperparameters={"eta": "0.1"},
        comment="",
    )
    assert parse(given, "dev-census-").training_job == f"dev-census-{name}-train"


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("plain", "plain"),
        ("[1]", "[1]"),
        ("", ""),
        ('{"errorType": "InvalidInput", "errorMessage": "The execution input lacks Comment."}', "lacks Comment"),
        ('{"TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: no rows"}', "AlgorithmError: no rows"),
        ('{"TrainingJobName": "j", "TrainingJobStatus": "Stopped"}', "the job j is Stopped"),
        ('{"other": 1}', '"other"'),
        (
            '{"TrainingJobName": "job", "TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxRuntimeExceeded"}',
            "the job job is Stopped (MaxRuntimeExceeded)",
        ),
    ],
)
def test_a_cause_is_said_in_words(cause: str, reason: str) -> None:
    assert reason in steps.reason(cause)


class States:
    """Step Functions with one execution."""

    def __init__(self, status: str, **described: Any) -> None:
        self.status = status
        self.described = described

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        assert executionArn == EXECUTION
        return {
            "executionArn": EXECUTION,
            "stateMachineArn": MACHINE,
            "status": self.status,
            "startDate": NOW,
            "input": '{"Comment": "why"}',
            **self.described,
        }

    def get_paginator(self, name: str) -> "States":
        assert name in {"get_execution_history", "list_executions"}
        return self

    def paginate(self, *, executionArn: str = "", stateMachineArn: str = "") -> list[dict[str, Any]]:  # noqa: N803
        if stateMachineArn:
            return [{"executions": []}]
        assert executionArn == EXECUTION
        return [
            {
                "events": [
                    {"timestamp": NOW, "stateEnteredEventDetails": {"name": "Validate"}},
                    {"timestamp": NOW + timedelta(seconds=2), "stateExitedEventDetails": {"name": "Validate"}},
                ]
            },
            {"events": [{"timestamp": NOW, "stateEnteredEventDetails": {"name": "Training"}}]},
        ]


def test_a_run_is_read_with_its_states_and_its_decision() -> None:
    comparison = {"is_best": True, "metric": "roc_auc", "value": 0.9}
    states = States(
        "SUCCEEDED",
        stopDate=NOW + timedelta(seconds=9),
        output=json.dumps({"Comparison": comparison, "Comment": "why"}),
    )
    run = steps.read(cast("Any", states), EXECUTION)
    assert (run.id, run.machine, run.seconds, run.comparison) == ("1", "dev-census", 9.0, comparison)
    assert [(state.name, state.seconds) for state in run.states] == [("Validate", 2.0), ("Training", None)]
    assert run.as_json()["reason"] is None


def test_a_failed_run_says_why() -> None:
    states = States("FAILED", error="States.TaskFailed", cause='{"FailureReason": "AlgorithmError: no rows"}')
    run = steps.read(cast("Any", states), EXECUTION)
    assert run.failure == "States.TaskFailed: AlgorithmError: no rows"
    assert run.as_json()["reason"] == run.failure


def test_waiting_ends_with_the_time() -> None:
    with pytest.raises(CommandError, match="still RUNNING"):
        steps.wait(cast("Any", States("RUNNING")), EXECUTION, timeout=-1, interval=0)


def test_an_execution_is_given_by_arn_by_name_or_not_at_all() -> None:
    states: Any = States("RUNNING")
    assert steps.resolve(states, MACHINE, EXECUTION) == EXECUTION
    assert steps.resolve(states, MACHINE, "1") == EXECUTION
    with pytest.raises(InputError, match="dev-census was never started"):
        steps.resolve(states, MACHINE, None)
