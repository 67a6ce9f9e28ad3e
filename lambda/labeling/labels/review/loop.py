"""Human loops: A2I's `StartHumanLoop`, the states of a loop, and what the service answers about one.

Sources: API reference of Amazon Augmented AI Runtime; SageMaker developer guide, "Create and Start a Human Loop"
(a2i-start-human-loop), "Delete a Human Loop" (a2i-delete-human-loop) and "Use Amazon CloudWatch Events in Amazon
Augmented AI" (a2i-cloudwatch-events).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from labels.service_model import problems
from labels.worker_response import moment


class LoopError(ValueError):
    """A request that is refused: one sentence that names the member and the remedy. A2I's ValidationException."""


class ConflictError(LoopError):
    """A name that another loop has. A2I's ConflictException."""


class LoopStatus(StrEnum):
    """A2I's HumanLoopStatus."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    FAILED = "Failed"

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more; A2I sends an event then."""
        return self in {LoopStatus.COMPLETED, LoopStatus.STOPPED, LoopStatus.FAILED}


@dataclass(frozen=True)
class Start:
    """A valid request to start a loop."""

    name: str
    flow: str
    """ARN of the flow definition."""
    content: Mapping[str, Any]
    """What people are shown: the template's `task.input`."""
    body: Mapping[str, Any]

    @property
    def flow_name(self) -> str:
        """The last part of the flow definition's ARN."""
        return self.flow.partition(":flow-definition/")[2]


@dataclass(frozen=True)
class Loop:
    """A loop that was started: its request, when, how many people it asks and until when."""

    start: Start
    created: datetime
    people: int
    until: datetime

    @property
    def arn(self) -> str:
        """The loop's ARN."""
        return arn(self.start.flow, self.start.name)


@dataclass(frozen=True)
class Standing:
    """What the service says of a loop: its state, why it failed, and the URI of its output where it has one."""

    status: LoopStatus = LoopStatus.IN_PROGRESS
    failure: str = ""
    output: str = ""


@dataclass(frozen=True)
class Course:
    """What has happened to a loop: how many have answered, who works on it, and what ends it."""

    answers: int = 0
    held: int = 0
    """How many people have it before them now."""
    stopped: bool = False
    """Whether StopHumanLoop was called."""
    failure: str = ""
    """Why nobody can be asked, such as a template that does not render."""


def read(body: object) -> Start:
    """Return a request to start a loop. Raises LoopError."""
    if not isinstance(body, Mapping):
        raise LoopError("The request is no object: give the body of StartHumanLoop as JSON.")
    for problem in problems("sagemaker-a2i-runtime", "StartHumanLoop", body):
        raise LoopError(f"{problem} The request is that of StartHumanLoop in Augmented AI's API reference.")
    try:
        content = json.loads(body["HumanLoopInput"]["InputContent"])
    except (ValueError, RecursionError) as error:
        raise LoopError(f"HumanLoopInput.InputContent is no JSON ({error}): give an object as its text.") from error
    if not isinstance(content, dict):
        raise LoopError("HumanLoopInput.InputContent is no JSON object: give what the template reads as task.input.")
    return Start(body["HumanLoopName"], body["FlowDefinitionArn"], content, body)


def require_same(start: Start, existing: Loop) -> None:
    """Accept a request that was made before: the same name twice is one loop. Raises ConflictError for another."""
    if (start.flow, start.content) != (existing.start.flow, existing.start.content):
        raise ConflictError(
            f"Another human loop is called {start.name} and has other input, or another flow definition: "
            "give each loop a name of its own."
        )


def status(loop: Loop, course: Course, now: datetime) -> LoopStatus:
    """Return the state of a loop. Who has begun when it is stopped may finish; time that is over stops it at once."""
    if course.failure:
        return LoopStatus.FAILED
    if course.answers >= loop.people:
        return LoopStatus.COMPLETED
    if now >= loop.until:
        return LoopStatus.STOPPED
    if course.stopped:
        return LoopStatus.STOPPING if course.held else LoopStatus.STOPPED
    return LoopStatus.IN_PROGRESS


def has_output(loop: Loop, course: Course, now: datetime) -> bool:
    """Return whether a loop leaves a file: A2I writes none until it has ended, nor without an answer."""
    return course.answers > 0 and status(loop, course, now).ended


def describe(loop: Loop, standing: Standing) -> Mapping[str, Any]:
    """Return the answer of DescribeHumanLoop."""
    failure = {"FailureReason": standing.failure, "FailureCode": "ValidationError"} if standing.failure else {}
    return {
        "CreationTime": loop.created,
        **failure,
        "HumanLoopStatus": standing.status.value,
        "HumanLoopName": loop.start.name,
        "HumanLoopArn": loop.arn,
        "FlowDefinitionArn": loop.start.flow,
        **({"HumanLoopOutput": {"OutputS3Uri": standing.output}} if standing.output else {}),
    }


def summarize(name: str, flow: str, created: datetime, standing: Standing) -> Mapping[str, Any]:
    """Return a loop as ListHumanLoops has it; `flow` is the flow definition's ARN."""
    return {
        "HumanLoopName": name,
        "HumanLoopStatus": standing.status.value,
        "CreationTime": created,
        **({"FailureReason": standing.failure} if standing.failure else {}),
        "FlowDefinitionArn": flow,
    }


def detail(name: str, flow: str, created: datetime, standing: Standing) -> Mapping[str, Any]:
    """Return the detail of the event "SageMaker A2I HumanLoop Status Change"."""
    return {
        "creationTime": moment(created),
        "failureCode": "ValidationError" if standing.failure else None,
        "failureReason": standing.failure or None,
        "flowDefinitionArn": flow,
        "humanLoopArn": arn(flow, name),
        "humanLoopName": name,
        "humanLoopOutput": {"outputS3Uri": standing.output} if standing.output else None,
        "humanLoopStatus": standing.status.value,
    }


def arn(flow: str, name: str) -> str:
    """Return the ARN of a loop of the flow definition whose ARN is `flow`."""
    return flow.partition(":flow-definition/")[0] + f":human-loop/{name}"


def key(loop: Loop) -> str:
    """Return the name of a loop's output below the S3OutputPath of its flow definition."""
    when = loop.created.astimezone(UTC).strftime("%Y/%m/%d/%H/%M/%S")
    return f"{loop.start.flow_name}/{when}/{loop.start.name}/output.json"
