"""Histories have an end, and what has ended keeps no more than what can be asked of it."""

import gc
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.states.service import StepFunctions
from tests.localcloud.states.test_service import ROLE, ROOT, Cloud

pytestmark = pytest.mark.slow  # loads the interpreter, which takes seconds
AROUND: dict[str, Any] = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.never", "IsPresent": True, "Next": "C"}],
            "Default": "A",
        },
        "C": {"Type": "Succeed"},
    },
}
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
DEFINITIONS: dict[str, dict[str, Any]] = {
    "alone": AROUND,
    "branches": {
        "StartAt": "P",
        "States": {
            "P": {"Type": "Parallel", "Branches": [AROUND, AROUND], "Catch": CATCH, "End": True},
            "Caught": {"Type": "Pass", "End": True},
        },
    },
    "items": {
        "StartAt": "M",
        "States": {
            "M": {"Type": "Map", "ItemsPath": "$.of", "ItemProcessor": AROUND, "Catch": CATCH, "End": True},
            "Caught": {"Type": "Pass", "End": True},
        },
    },
}


@pytest.fixture
def service() -> StepFunctions:
    return Cloud().service


def start(service: StepFunctions, definition: dict[str, Any], kind: str = "STANDARD") -> str:
    given = {"name": "m", "definition": json.dumps(definition), "roleArn": ROLE, "type": kind}
    arn = service.call("CreateStateMachine", given, ROOT)["stateMachineArn"]
    started = service.call("StartExecution", {"stateMachineArn": arn, "input": '{"of": [1, 2, 3]}'}, ROOT)
    return str(started["executionArn"])


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_an_execution_whose_history_is_full_fails(service: StepFunctions, name: str) -> None:
    """Sources: developer guide, quotas (25,000 events); floci-io/floci#2734: the last event, as AWS tells it."""
    arn = start(service, DEFINITIONS[name])
    until(lambda: service.call("DescribeExecution", {"executionArn": arn}, ROOT)["status"] != "RUNNING")
    told = service.call("DescribeExecution", {"executionArn": arn}, ROOT)
    cause = "The execution reached the maximum number of history events (25000)."
    assert (told["status"], told["error"], told["cause"]) == ("FAILED", "States.Runtime", cause)
    assert (told["redriveStatus"], told["redriveStatusReason"]) == (
        "NOT_REDRIVABLE",
        "Execution history is too large to be redriven",
    )
    asked = {"executionArn": arn, "reverseOrder": True, "maxResults": 2}
    last, before = service.call("GetExecutionHistory", asked, ROOT)["events"]
    assert (last["id"], last["type"], before["id"]) == (25_000, "ExecutionFailed", 24_999)
    assert last["executionFailedEventDetails"] == {"error": "States.Runtime", "cause": cause}
    assert before["type"].startswith(("PassState", "ChoiceState"))


def kept(name: str, arn: str) -> list[Any]:
    """Find what there is of a class in this process for an execution."""
    gc.collect()
    found = [each for each in gc.get_objects() if type(each).__name__ == name]
    return [each for each in found if arn in (getattr(each, "arn", ""), execution_of(each))]


def execution_of(env: Any) -> str:
    """Return the ARN that is in the context of the interpreter's state; an empty text where there is none."""
    states = getattr(env, "states", None)
    return str(states.context_object.context_object_data["Execution"]["Id"]) if states else ""


def test_what_has_ended_keeps_its_history_alone(service: StepFunctions) -> None:
    arn = start(service, {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    until(lambda: service.call("DescribeExecution", {"executionArn": arn}, ROOT)["status"] != "RUNNING")
    until(lambda: not kept("Environment", arn))
    events = service.call("GetExecutionHistory", {"executionArn": arn}, ROOT)["events"]
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]


def test_an_express_execution_is_forgotten_at_its_end(service: StepFunctions) -> None:
    """Source: API reference: no operation describes an Express execution, or lists any."""
    arn = start(service, {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 100, "End": True}}}, "EXPRESS")
    assert kept("Execution", arn)
    until(lambda: not kept("Execution", arn))
