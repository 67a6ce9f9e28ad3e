"""Runs, jobs and builds that failed. What somebody stopped is no failure.

Sources: SageMaker developer guide, "Events that Amazon SageMaker AI sends to Amazon EventBridge"; Step Functions
developer guide, "Automating Step Functions event delivery with EventBridge"; CodeBuild user guide, "Build
notifications input format reference".
"""

from collections.abc import Callable, Mapping
from shlex import quote
from typing import Any

from notices.notice import Kind, Notice
from notices.settings import PLATFORM, Settings

Detail = Mapping[str, Any]
PART_OF_MORE = frozenset({"sagemaker:pipeline-execution-arn", "AWS_STEP_FUNCTIONS_EXECUTION_ARN", "MANAGED_BY_AWS"})
"""Tags of jobs that a pipeline or a state machine started: the notice is about their execution."""
JOBS = {
    "SageMaker HyperParameter Tuning Job State Change": ("HyperParameterTuningJob", "tuning job", "hyper-tuning-jobs"),
    "SageMaker Processing Job State Change": ("ProcessingJob", "processing job", "processing-jobs"),
    "SageMaker Training Job State Change": ("TrainingJob", "training job", "jobs"),
    "SageMaker Transform Job State Change": ("TransformJob", "transform job", "transform-jobs"),
}
"""Of each detail type: the prefix of its members, how people call the job, and its page of the console."""
HAVE_LOGS = frozenset({"ProcessingJob", "TrainingJob"})
"""Jobs that `mdlc logs` knows."""


def of_pipeline(detail: Detail, settings: Settings, why: Callable[[str], str]) -> Notice | None:
    """Return the notice of a pipeline's execution that failed; `why` says the reason of one, which no event has."""
    arn = str(detail.get("pipelineExecutionArn", ""))
    name = str(detail.get("pipelineArn", "")).rpartition("/")[2]
    if detail.get("currentPipelineExecutionStatus") != "Failed" or not settings.owns(name):
        return None
    execution, system = arn.rpartition("/")[2], settings.system_of(name)
    steps = f"aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn {quote(arn)}"
    return Notice(
        id=f"run/{arn}",
        kind=Kind.RUN,
        environment=settings.environment,
        system=system,
        title="a training run failed",
        what=f"The execution {execution} of the pipeline {name} failed.",
        reason=why(arn),
        commands=_of_run(system, execution, settings) if system != PLATFORM else (steps,),
    )


def of_machine(detail: Detail, settings: Settings) -> Notice | None:
    """Return the notice of a state machine's execution that failed or timed out."""
    arn, name = str(detail.get("executionArn", "")), str(detail.get("stateMachineArn", "")).rpartition(":")[2]
    if detail.get("status") not in {"FAILED", "TIMED_OUT"} or not settings.owns(name):
        return None
    execution, system = arn.rpartition(":")[2], settings.system_of(name)
    said = ": ".join(str(detail[member]) for member in ("error", "cause") if detail.get(member))
    timed_out = "It took longer than it may." if detail["status"] == "TIMED_OUT" else ""
    history = f"aws stepfunctions get-execution-history --reverse-order --execution-arn {quote(arn)}"
    return Notice(
        id=f"run/{arn}",
        kind=Kind.RUN,
        environment=settings.environment,
        system=system,
        title="a training run failed" if system != PLATFORM else "a state machine failed",
        what=f"The execution {execution} of the state machine {name} failed.",
        reason=said or timed_out,
        commands=_of_run(system, execution, settings) if system != PLATFORM else (history,),
        link=f"https://{settings.region}.console.aws.amazon.com/states/home?region={settings.region}"
        f"#/v2/executions/details/{arn}",
    )


def _of_run(system: str, execution: str, settings: Settings) -> tuple[str, ...]:
    of = f"-e {settings.environment}"
    return (
        f"mdlc pipeline status {system} {quote(execution)} {of}",
        f"mdlc pipeline start {system} {of}",
    )


def of_job(kind: str, detail: Detail, settings: Settings, tags_of: Callable[[str], Mapping[str, str]]) -> Notice | None:
    """Return the notice of a job that failed by itself; `tags_of` reads the tags of an ARN, which not all events have.

    A job is the environment's by its tag, else by its name.
    """
    prefix, noun, page = JOBS[kind]
    if detail.get(f"{prefix}Status") != "Failed":
        return None
    name, arn = str(detail.get(f"{prefix}Name", "")), str(detail.get(f"{prefix}Arn", ""))
    tags = tags_of(arn)
    if not PART_OF_MORE.isdisjoint(tags):
        return None
    if tags.get("environment", settings.environment if settings.owns(name) else "") != settings.environment:
        return None
    shown = f"aws sagemaker describe-{_with_dashes(prefix)} --{_with_dashes(prefix)}-name {quote(name)}"
    return Notice(
        id=f"job/{arn}",
        kind=Kind.JOB,
        environment=settings.environment,
        system=tags.get("system") or settings.system_of(name),
        title=f"a {noun} failed",
        what=f"The {noun} {name}, which is part of no run, failed.",
        reason=str(detail.get("FailureReason", "")),
        commands=(f"mdlc logs {quote(name)} -e {settings.environment}" if prefix in HAVE_LOGS else shown,),
        link=f"https://{settings.region}.console.aws.amazon.com/sagemaker/home?region={settings.region}#/{page}/{name}",
    )


def _with_dashes(prefix: str) -> str:
    """Return how the AWS command line calls a kind of job."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in prefix).strip("-")


def of_build(detail: Detail, settings: Settings) -> Notice | None:
    """Return the notice of a build of images that failed."""
    status = str(detail.get("build-status", ""))
    if status not in {"FAILED", "FAULT", "TIMED_OUT"}:
        return None
    build, more = str(detail.get("build-id", "")), detail.get("additional-information") or {}
    said = [text for phase in more.get("phases", ()) for text in phase.get("phase-context") or () if text.strip(": ")]
    return Notice(
        id=f"build/{build}",
        kind=Kind.BUILD,
        environment=settings.environment,
        system=PLATFORM,
        title="a build of an image failed",
        what=f"The build {build.rpartition('/')[2]} ended as {status}.",
        reason=" ".join(said),
        commands=(f"cdk deploy --app cdk.out '{settings.environment}/images'",),
        link=str((more.get("logs") or {}).get("deep-link", "")),
    )
