"""EventBridge events about the end of a job or execution. They may come late, twice and in any order.

Source: SageMaker developer guide, "Events that Amazon SageMaker AI sends to Amazon EventBridge"; Step Functions
developer guide, "Automating Step Functions event delivery with EventBridge".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What the event is about."""

    TRAINING_JOB = "training job"
    PIPELINE = "pipeline execution"
    MACHINE = "state machine execution"


@dataclass(frozen=True)
class Ended:
    """A job or an execution that has ended, well or not."""

    kind: Kind
    arn: str


# Of each detail type: the kind, the member with the ARN, the one with the status, and those that are an end.
TYPES = {
    "SageMaker Training Job State Change": (
        Kind.TRAINING_JOB,
        "TrainingJobArn",
        "TrainingJobStatus",
        {"Completed", "Failed", "Stopped"},
    ),
    "SageMaker Model Building Pipeline Execution Status Change": (
        Kind.PIPELINE,
        "pipelineExecutionArn",
        "currentPipelineExecutionStatus",
        {"Succeeded", "Failed", "Stopped"},
    ),
    "Step Functions Execution Status Change": (
        Kind.MACHINE,
        "executionArn",
        "status",
        {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"},
    ),
}


def parse(event: Mapping[str, Any]) -> Ended | None:
    """Read an event; none when it is about no end."""
    detail: Mapping[str, Any] = event.get("detail") or {}
    known = TYPES.get(str(event.get("detail-type")))
    if known is None:
        return None
    kind, arn, status, ends = known
    return Ended(kind, str(detail[arn])) if detail.get(status) in ends and detail.get(arn) else None
