"""The request that makes a labeling job: Ground Truth's `CreateLabelingJob`, held against AWS's own service model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from labels import task_types
from labels.service_model import RequestError, problems
from labels.streaming import terms
from labels.streaming.terms import Streaming
from labels.task_types import TaskType, UnknownTaskError

DEFAULT_AVAILABLE: Final = 30 * 24 * 3600
"""How long a private team has for an object where the request does not say; also the most."""
MOST_LIMIT: Final = 8 * 3600
"""The most seconds that a worker may have for one answer, for pictures and text."""
DEFAULT_CONCURRENT: Final = 1000


@dataclass(frozen=True)
class Request:
    """A valid request; texts that it does not have are empty."""

    job: str
    attribute: str
    manifest: str
    """S3 URI of the objects; empty where all of them come as messages."""
    output: str
    """S3 URI of the folder that gets the job's own, without a slash at its end."""
    role: str
    workteam: str
    template: str
    task: TaskType | None
    """None where the template has to tell."""
    before: str
    """ARN of the user's own function that makes a task of a line."""
    after: str
    """ARN of the user's own function that makes a label of answers."""
    categories: str
    title: str
    description: str
    workers: int
    limit: int
    available: int
    concurrent: int
    most_labeled: int | None
    most_percent: int | None
    streaming: Streaming | None
    """The topics that objects and labels go by; None for a job of a manifest alone."""
    body: Mapping[str, Any]

    @property
    def team(self) -> str:
        """The name of the team: the last part of its ARN."""
        return self.workteam.rpartition("/")[2]

    def kind(self, template: str) -> TaskType:
        """Return what people do: what the request names, else what its template has them answer with."""
        if self.task is not None:
            return self.task
        return task_types.CUSTOM if self.after else task_types.of_template(template)

    @property
    def folder(self) -> str:
        """S3 URI of what the job writes."""
        return f"{self.output}/{self.job}"


def read(body: object) -> Request:
    """Return a request whose every member can be kept. Raises RequestError."""
    if not isinstance(body, Mapping):
        raise RequestError("The request is no object: give the body of CreateLabelingJob as JSON.")
    for problem in problems("sagemaker", "CreateLabelingJob", body):
        raise RequestError(f"{problem} The request is that of CreateLabelingJob in SageMaker's API reference.")
    config, inputs, outputs = body["HumanTaskConfig"], body["InputConfig"], body["OutputConfig"]
    for sentence in _refusals(body):
        raise RequestError(sentence)
    before = config.get("PreHumanTaskLambdaArn", "")
    after = config.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn", "")
    kind = _kind(before, after, config["UiConfig"].get("HumanTaskUiArn", ""))
    if kind is not None and body["LabelAttributeName"].endswith("-ref"):
        raise RequestError(f"LabelAttributeName ends with -ref, which {kind.name} may not have: choose another name.")
    streaming = terms.read(body)
    stop = {} if streaming else body.get("StoppingConditions", {})
    return Request(
        job=body["LabelingJobName"],
        attribute=body["LabelAttributeName"],
        manifest=inputs["DataSource"].get("S3DataSource", {}).get("ManifestS3Uri", ""),
        output=outputs["S3OutputPath"].rstrip("/"),
        role=body["RoleArn"],
        workteam=config["WorkteamArn"],
        template=config["UiConfig"].get("UiTemplateS3Uri", ""),
        task=kind,
        before="" if task_types.built_in(before) else before,
        after="" if task_types.built_in(after) else after,
        categories=body.get("LabelCategoryConfigS3Uri", ""),
        title=config["TaskTitle"],
        description=config["TaskDescription"],
        workers=config["NumberOfHumanWorkersPerDataObject"],
        limit=config["TaskTimeLimitInSeconds"],
        available=config.get("TaskAvailabilityLifetimeInSeconds", DEFAULT_AVAILABLE),
        concurrent=config.get("MaxConcurrentTaskCount", DEFAULT_CONCURRENT),
        most_labeled=stop.get("MaxHumanLabeledObjectCount"),
        most_percent=stop.get("MaxPercentageOfInputDatasetLabeled"),
        streaming=streaming,
        body=body,
    )


def _refusals(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the model allows, and the service or this platform does not."""
    if body["LabelAttributeName"].endswith("-metadata"):
        yield "LabelAttributeName ends with -metadata, which lines have beside the label: choose another name."
    if "LabelingJobAlgorithmsConfig" in body:
        yield "LabelingJobAlgorithmsConfig asks for automated labeling, which is not offered: leave it out."
    source = body["InputConfig"]["DataSource"]
    if not source.keys() & {"S3DataSource", "SnsDataSource"}:
        yield (
            "InputConfig.DataSource has no S3DataSource: give the ManifestS3Uri of the objects, or the SnsTopicArn that"
            " they come by."
        )
    yield from _refusals_of_task(body["HumanTaskConfig"])


def _refusals_of_task(config: Mapping[str, Any]) -> Iterator[str]:
    if "PublicWorkforceTaskPrice" in config or ":workteam/public-crowd/" in config["WorkteamArn"]:
        yield "HumanTaskConfig asks for the public workforce, which is closed: give the WorkteamArn of a private team."
    if len(config["UiConfig"]) != 1:
        yield "HumanTaskConfig.UiConfig needs one of UiTemplateS3Uri and HumanTaskUiArn: give one."
    for name, most in (
        ("TaskTimeLimitInSeconds", MOST_LIMIT),
        ("TaskAvailabilityLifetimeInSeconds", DEFAULT_AVAILABLE),
    ):
        if config.get(name, 0) > most:
            yield f"HumanTaskConfig.{name} is {config[name]}: give {most} seconds at most."
    if "PreHumanTaskLambdaArn" in config and "AnnotationConsolidationConfig" in config:
        before = task_types.built_in(config["PreHumanTaskLambdaArn"])
        after = task_types.built_in(config["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"])
        if before and after and before != after:
            yield f"HumanTaskConfig has PRE-{before} and ACS-{after}: give the pair of one type."


def _kind(before: str, after: str, page: str) -> TaskType | None:
    """Return the type that a request names; None where neither of its functions is built in. Raises RequestError."""
    place, name = "HumanTaskConfig.PreHumanTaskLambdaArn", task_types.built_in(before)
    if not name:
        place, name = "HumanTaskConfig.AnnotationConsolidationConfig", task_types.built_in(after)
    if not name and page:
        place, name = "HumanTaskConfig.UiConfig.HumanTaskUiArn", page.rpartition("/")[2].replace("Point", "3DPoint")
    if not name:
        return task_types.CUSTOM if after else None
    try:
        return task_types.by_name(name)
    except UnknownTaskError as error:
        raise RequestError(f"{place}: {error}") from error
