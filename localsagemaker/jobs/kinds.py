"""The kinds of jobs: the one table to extend for a new kind, beside the module that runs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localsagemaker.jobs.job import Job
from localsagemaker.jobs.processing import ProcessingJob
from localsagemaker.jobs.training import TrainingJob
from localsagemaker.kernel.kinds import Kind


@dataclass(frozen=True, kw_only=True)
class JobKind(Kind):
    """A kind of job: what runs it, and how pipelines, Step Functions and EventBridge name it.

    `step` is the type of the pipeline steps that run it and `cached` the arguments that a cached step is known by,
    `rule` the managed rule that tells Step Functions of its end (`.sync`), `event` the detail type of its events. One
    with a `SecondaryStatus` announces every change of that.
    """

    job: type[Job] = field(compare=False)
    event: str
    step: str | None = None
    cached: tuple[str, ...] = ()
    rule: str | None = None
    has_secondary_status: bool = False

    @property
    def status(self) -> str:
        """The member that holds the status."""
        return f"{self.name}Status"

    @property
    def announced(self) -> str:
        """The member whose changes are events."""
        return "SecondaryStatus" if self.has_secondary_status else self.status

    @property
    def initial(self) -> Mapping[str, Any]:
        """Members of a job that has just been created."""
        return {self.status: "InProgress", **({"SecondaryStatus": "Starting"} if self.has_secondary_status else {})}


PROCESSING_JOB = JobKind(
    name="ProcessingJob",
    path="processing-job",
    key="ProcessingJobName",
    absent="Could not find requested job with name: {name}",
    job=ProcessingJob,
    event="SageMaker Processing Job State Change",
    step="Processing",
    cached=("AppSpecification", "Environment", "ProcessingInputs"),
    rule="StepFunctionsGetEventsForSageMakerProcessingJobsRule",
)
TRAINING_JOB = JobKind(
    name="TrainingJob",
    path="training-job",
    key="TrainingJobName",
    absent="Requested resource not found.",
    job=TrainingJob,
    event="SageMaker Training Job State Change",
    step="Training",
    cached=(
        "AlgorithmSpecification",
        "CheckpointConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "Environment",
        "HyperParameters",
        "InputDataConfig",
    ),
    rule="StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    has_secondary_status=True,
)
KINDS: tuple[JobKind, ...] = (PROCESSING_JOB, TRAINING_JOB)


def kind_of_step(step_type: str) -> JobKind | None:
    """Return the kind of job that pipeline steps of a type run; none for steps that run no job."""
    return next((kind for kind in KINDS if kind.step == step_type), None)


def kind_of_operation(operation: str) -> JobKind | None:
    """Return the kind of job that an operation creates; none for one that creates no job."""
    return next((kind for kind in KINDS if operation == f"Create{kind.name}"), None)
