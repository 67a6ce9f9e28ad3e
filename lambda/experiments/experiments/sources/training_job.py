"""Training jobs: what any run knows of the job that trained its model, and runs that are one job alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from experiments.run import Dataset, Point, Run, Status, Tag, data_version, image_version
from experiments.series import read_series

if TYPE_CHECKING:
    from datetime import datetime

    from experiments.sources.aws import Aws

STATUS = {"Completed": Status.FINISHED, "Failed": Status.FAILED, "Stopped": Status.KILLED}
PART_OF_MORE = frozenset({"sagemaker:pipeline-execution-arn", "AWS_STEP_FUNCTIONS_EXECUTION_ARN", "MANAGED_BY_AWS"})
"""Tags of jobs that a pipeline or a state machine started: their execution is the run."""
ALONE = "training-jobs"
"""Experiment of jobs that name none."""


@dataclass(frozen=True)
class TrainingJob:
    """A training job that has ended, with the curves in its log."""

    described: Mapping[str, Any]
    series: Mapping[str, Sequence[Point]]

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.described["TrainingJobArn"])

    @property
    def hyperparameters(self) -> Mapping[str, str]:
        """Its hyperparameters, all of them text."""
        found: Mapping[str, str] = self.described.get("HyperParameters", {})
        return found

    @property
    def tags(self) -> dict[Tag, str]:
        """What every run tells of its training job."""
        image = str(self.described["AlgorithmSpecification"].get("TrainingImage", ""))
        return {
            Tag.TRAINING_JOB: str(self.described["TrainingJobName"]),
            Tag.MODEL: str(self.described.get("ModelArtifacts", {}).get("S3ModelArtifacts", "")),
            Tag.IMAGE: image,
            Tag.CODE_VERSION: image_version(image) if image else "",
        }

    @property
    def metrics(self) -> dict[str, float]:
        """The last value of every metric, as SageMaker has it."""
        return {each["MetricName"]: each["Value"] for each in self.described.get("FinalMetricDataList", [])}

    def run(self) -> Run:
        """Return the job as a run of its own."""
        channels: Mapping[str, str] = {
            each["ChannelName"]: each["DataSource"]["S3DataSource"]["S3Uri"]
            for each in self.described.get("InputDataConfig", [])
            if "S3DataSource" in each["DataSource"]
        }
        datasets = tuple(Dataset(name, data_version(uri), uri) for name, uri in channels.items())
        ended: datetime = self.described.get("TrainingEndTime") or self.described["LastModifiedTime"]
        return Run(
            arn=self.arn,
            experiment=self._experiment,
            name=self.described["TrainingJobName"],
            status=STATUS[self.described["TrainingJobStatus"]],
            started=self.described["CreationTime"],
            ended=ended,
            parameters=self.hyperparameters,
            metrics=self.metrics,
            series=self.series,
            tags={
                **self.tags,
                Tag.DATA_VERSION: ", ".join(dict.fromkeys(each.version for each in datasets)),
                Tag.REASON: str(self.described.get("FailureReason", "")),
            },
            datasets=datasets,
        )

    @property
    def _experiment(self) -> str:
        """The experiment that the job names, else the tuning job that it is a part of."""
        named = self.described.get("MlflowConfig", {}).get("MlflowExperimentName")
        named = named or self.described.get("ExperimentConfig", {}).get("ExperimentName")
        tuning = str(self.described.get("TuningJobArn", "")).rpartition("/")[2]
        return str(named or tuning or ALONE)


def read_training_job(aws: "Aws", name: str) -> TrainingJob | None:
    """Return a training job; none when there is none of that name."""
    try:
        described: Mapping[str, Any] = aws.sagemaker.describe_training_job(TrainingJobName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"ValidationException", "ResourceNotFound"}:
            raise
        return None
    definitions = [
        (each["Name"], each["Regex"]) for each in described["AlgorithmSpecification"].get("MetricDefinitions", [])
    ]
    series = read_series(aws.training_log(name), definitions) if definitions else {}
    return TrainingJob(described, series)


def read_run(aws: "Aws", arn: str) -> Run | None:
    """Return the run that a training job is by itself; none of one that is part of an execution."""
    pages = aws.sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    if not PART_OF_MORE.isdisjoint(tag["Key"] for page in pages for tag in page["Tags"]):
        return None
    job = read_training_job(aws, arn.rpartition("/")[2])
    return job.run() if job else None


def with_training(run: Run, job: TrainingJob | None) -> Run:
    """Add what the training job tells to the run of the execution that it is part of; the run's own words count."""
    if job is None:
        return run
    return replace(
        run,
        parameters={**job.hyperparameters, **run.parameters},
        metrics={**job.metrics, **run.metrics},
        series=job.series,
        tags={**job.tags, **{tag: value for tag, value in run.tags.items() if value}},
    )
