"""What every step of a pipeline has."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from re import fullmatch
from typing import ClassVar, Literal

import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.values import NAME, StepProperty, render

Fault = Literal[
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
]


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often a step is tried again after `faults` of the service; faults of the code are never retried."""

    faults: Sequence[Fault]
    interval_seconds: int = 5
    backoff_rate: float = 2.0
    attempts: int = 5

    def declaration(self) -> Mapping[str, object]:
        """Return the entry in `RetryPolicies` of a step."""
        return {
            "ExceptionType": list(self.faults),
            "IntervalSeconds": self.interval_seconds,
            "BackoffRate": self.backoff_rate,
            "MaxAttempts": self.attempts,
        }


SERVICE_RETRY = RetryPolicy(faults=["Step.SERVICE_FAULT", "Step.THROTTLING"])
CAPACITY_RETRY = RetryPolicy(
    faults=["SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"],
    interval_seconds=60,
    attempts=3,
)


@dataclass(frozen=True)
class PropertyFile:
    """A JSON document among a step's outputs that `JsonGet` may read."""

    name: str
    output: str
    path: str

    def declaration(self) -> Mapping[str, object]:
        """Return the entry in `PropertyFiles` of a step."""
        return {"PropertyFileName": self.name, "OutputName": self.output, "FilePath": self.path}


class Step(Construct, metaclass=jsii.JSIIAbstractClass):
    """One step; its construct id is its name.

    It runs after the steps in `depends_on` and after every step whose results its request refers to.
    """

    type: str
    retries: ClassVar[Sequence[RetryPolicy]] = ()

    def __init__(self, scope: Construct, construct_id: str, *, depends_on: Sequence["Step"] = ()) -> None:
        super().__init__(scope, construct_id)
        if not fullmatch(NAME, construct_id):
            raise PipelineError(
                f"{construct_id!r} cannot name a step: use 1 to 64 letters, digits, hyphens and underscores."
            )
        self.name = construct_id
        self.depends_on = tuple(depends_on)

    @abstractmethod
    def arguments(self) -> Mapping[str, object]:
        """Return the request that the step makes, its expressions not yet written out."""

    @abstractmethod
    def grant_run(self, role: iam.IRole) -> None:
        """Let the pipeline's role make the request, follow it and stop it."""

    @property
    def property_files(self) -> Sequence[PropertyFile]:
        """Documents that `JsonGet` may read once the step is done."""
        return ()

    @property
    def branches(self) -> Sequence[Sequence["Step"]]:
        """Steps that run only if this one says so."""
        return ()

    def get(self, path: str) -> StepProperty:
        """Return a field of what describes the step's result."""
        return StepProperty(self.name, path)

    def members(self) -> Mapping[str, object]:
        """Return what the step's entry has beside `Name`, `Type`, `Arguments`, `DependsOn` and `RetryPolicies`."""
        return {}

    def declaration(self) -> Mapping[str, object]:
        """Return the step's entry in `Steps` of the definition."""
        declared: dict[str, object] = {"Name": self.name, "Type": self.type, "Arguments": render(self.arguments())}
        if self.depends_on:
            declared["DependsOn"] = [step.name for step in self.depends_on]
        if self.retries:
            declared["RetryPolicies"] = [policy.declaration() for policy in self.retries]
        return {**declared, **self.members()}
