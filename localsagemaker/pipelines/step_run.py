"""What became of one step of an execution."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localsagemaker.pipelines.definition import Step


@dataclass(frozen=True)
class StepRun:
    """What became of one step."""

    step: Step
    status: str
    start: datetime
    attempts: int = 1
    name: str = ""
    end: datetime | None = None
    reason: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    cached: str | None = None

    def describe(self) -> dict[str, Any]:
        """Return the step as ListPipelineExecutionSteps shows it."""
        members = {
            "StepName": self.step.name,
            "StepDisplayName": self.step.display_name,
            "StepDescription": self.step.description,
            "StartTime": self.start,
            "EndTime": self.end,
            "StepStatus": self.status,
            "AttemptCount": self.attempts,
            "FailureReason": self.reason,
            "Metadata": dict(self.metadata) or None,
            "CacheHitResult": {"SourcePipelineExecutionArn": self.cached} if self.cached else None,
        }
        return {name: value for name, value in members.items() if value is not None}
