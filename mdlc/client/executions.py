"""Pipeline executions: start one, read it with its steps, wait for its end."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from mdlc.client.aws import sentence
from mdlc.client.waiting import until
from mdlc.errors import InputError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import (
        ParameterTypeDef,
        PipelineExecutionStepTypeDef,
        PipelineExecutionSummaryTypeDef,
    )

RUNNING: Final = frozenset({"Executing", "Stopping"})
SUCCEEDED: Final = "Succeeded"
ENDINGS: Final = {"Stopped": "It was stopped.", "Failed": "SageMaker gives no reason."}
"""Why an execution did not succeed, where nothing else says it."""


@dataclass(frozen=True)
class Step:
    """One step of an execution, as SageMaker last described it."""

    name: str
    type: str
    """The kind of its work, such as `ProcessingJob` or `Condition`; empty before it starts."""
    status: str
    started: datetime | None
    ended: datetime | None
    reason: str
    """Why it failed, else empty."""
    detail: Mapping[str, Any]
    """What SageMaker tells of its work: the ARN of a job, the outcome of a condition."""

    @property
    def seconds(self) -> float | None:
        """How long it ran; None before its end."""
        if self.started is None or self.ended is None:
            return None
        return round((self.ended - self.started).total_seconds(), 3)

    def as_json(self) -> dict[str, Any]:
        """Return the step as --json shows it."""
        return {
            "name": self.name,
            "type": self.type,
            "status": self.status,
            "seconds": self.seconds,
            "reason": self.reason or None,
            "detail": dict(self.detail),
        }


@dataclass(frozen=True)
class Execution:
    """One execution of a pipeline."""

    arn: str
    pipeline: str
    status: str
    reason: str
    started: datetime
    ended: datetime | None
    parameters: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def seconds(self) -> float | None:
        """How long it ran; None before its end."""
        return None if self.ended is None else round((self.ended - self.started).total_seconds(), 3)

    @property
    def failure(self) -> str:
        """A sentence on why it did not succeed: the reasons of the steps that failed, else its own."""
        reasons = [f"{step.name}: {step.reason}" for step in self.steps if step.status == "Failed" and step.reason]
        return "; ".join(reasons) or self.reason or ENDINGS.get(self.status, f"It is {self.status}.")

    @property
    def source(self) -> str:
        """What it is an execution of."""
        return self.pipeline

    @property
    def succeeded(self) -> bool:
        """Whether it ended well."""
        return self.status == SUCCEEDED

    @property
    def stages(self) -> Sequence[Step]:
        """What it goes through, in order."""
        return self.steps

    @property
    def remarks(self) -> Sequence[str]:
        """What else is to be said of it in a sentence each."""
        return () if self.status in RUNNING or self.succeeded else (f"reason: {self.failure}",)

    @property
    def progress(self) -> str:
        """What runs now, in a few words."""
        running = [step.name for step in self.steps if step.status in {"Executing", "Starting"}]
        return f"{self.pipeline}: {', '.join(running) or self.status}"

    def step(self, name: str) -> Step | None:
        """Return the step called `name`, if it started."""
        return next((step for step in self.steps if step.name == name), None)

    def as_json(self) -> dict[str, Any]:
        """Return the execution as --json shows it."""
        return {
            "execution": self.arn,
            "execution_id": self.id,
            "pipeline": self.pipeline,
            "status": self.status,
            "reason": None if self.status in RUNNING or self.status == SUCCEEDED else self.failure,
            "started": self.started.isoformat(),
            "seconds": self.seconds,
            "parameters": dict(self.parameters),
            "steps": [step.as_json() for step in self.steps],
        }


def start(sagemaker: "SageMakerClient", pipeline: str, parameters: Mapping[str, str]) -> str:
    """Start `pipeline` and return the ARN of its execution; raise `InputError` for a value that it does not take."""
    listed: list[ParameterTypeDef] = [{"Name": name, "Value": value} for name, value in parameters.items()]
    try:
        return sagemaker.start_pipeline_execution(
            PipelineName=pipeline, PipelineParameters=listed, ClientRequestToken=str(uuid.uuid4())
        )["PipelineExecutionArn"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ValidationException":
            raise
        raise InputError(sentence(error)) from None


def stop(sagemaker: "SageMakerClient", arn: str) -> None:
    """Ask for the end of an execution; raise `InputError` when it has ended."""
    found = read(sagemaker, arn)
    if found.status not in RUNNING:
        raise InputError(f"{found.id} is {found.status}: there is nothing to stop.")
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=str(uuid.uuid4()))


def summaries(sagemaker: "SageMakerClient", pipeline: str) -> Iterator["PipelineExecutionSummaryTypeDef"]:
    """Yield the executions of a pipeline, the newest first."""
    pages = sagemaker.get_paginator("list_pipeline_executions").paginate(
        PipelineName=pipeline, SortBy="CreationTime", SortOrder="Descending"
    )
    for page in pages:
        yield from page["PipelineExecutionSummaries"]


def end(sagemaker: "SageMakerClient", arn: str, status: str) -> datetime | None:
    """Return when an execution of that status ended, which a list does not tell; None where it runs."""
    if status in RUNNING:
        return None
    return sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["LastModifiedTime"]


def resolve(sagemaker: "SageMakerClient", pipeline: str, execution: str | None) -> str:
    """Return the ARN of an execution given by ARN or id, or of the last one; `InputError` when there is none."""
    if execution is not None and execution.startswith("arn:"):
        return execution
    for summary in summaries(sagemaker, pipeline):
        arn = summary["PipelineExecutionArn"]
        if execution is None or arn.endswith(f"/{execution}"):
            return arn
    raise InputError(
        f"{pipeline} was never started." if execution is None else f"{pipeline} has no execution {execution}."
    )


def read(sagemaker: "SageMakerClient", arn: str) -> Execution:
    """Return the execution as it is now, its steps in the order of their start."""
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    steps: list[Step] = []
    for page in sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn, SortOrder="Ascending"
    ):
        steps.extend(_step(listed) for listed in page["PipelineExecutionSteps"])
    parameters = {
        parameter["Name"]: parameter["Value"]
        for page in sagemaker.get_paginator("list_pipeline_parameters_for_execution").paginate(PipelineExecutionArn=arn)
        for parameter in page["PipelineParameters"]
    }
    status = described["PipelineExecutionStatus"]
    return Execution(
        arn=arn,
        pipeline=described["PipelineArn"].rsplit("/", 1)[-1],
        status=status,
        reason=described.get("FailureReason", ""),
        started=described["CreationTime"],
        ended=None if status in RUNNING else described["LastModifiedTime"],
        parameters=parameters,
        steps=tuple(steps),
    )


def _step(listed: "PipelineExecutionStepTypeDef") -> Step:
    metadata: Mapping[str, Any] = {kind: value for kind, value in listed.get("Metadata", {}).items() if value}
    kind, detail = next(iter(metadata.items()), ("", {}))
    return Step(
        name=listed["StepName"],
        type=kind,
        status=listed["StepStatus"],
        started=listed.get("StartTime"),
        ended=listed.get("EndTime"),
        reason=listed.get("FailureReason", ""),
        detail=detail,
    )


def wait(
    sagemaker: "SageMakerClient",
    arn: str,
    *,
    timeout: float,
    interval: float,
    watch: Callable[[Execution], None] = lambda _: None,
) -> Execution:
    """Return the execution after its end, however it ended; `watch` sees it at every look.

    Raise `CommandError` when it has not ended within `timeout` seconds.
    """
    return until(
        lambda: read(sagemaker, arn),
        lambda execution: execution.status not in RUNNING,
        late=lambda execution: f"{execution.id} is still {execution.status}",
        timeout=timeout,
        interval=interval,
        watch=watch,
    )
