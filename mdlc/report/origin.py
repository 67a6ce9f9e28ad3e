"""What made a model: data, code, hyperparameters, instances, time and place, as its training job tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from experiments.run import data_version, image_version
from mdlc.report import resources, text

if TYPE_CHECKING:
    from mdlc.client.aws import Cloud
    from mdlc.client.steps import Run

_OWN = "sagemaker_"
"""What SageMaker's clients put before hyperparameters of theirs."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Enough to make a model again, and to ask who did."""

    environment: str
    cloud: str
    data: str
    """Version of the data set."""
    scripts: str = ""
    """Version of the scripts; empty where the image holds all of the code."""
    image: str = ""
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    job: str = ""
    instances: str = ""
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def code(self) -> str:
        """Which code trained: the scripts, and the image with its tag or digest."""
        name = self.image.rsplit("/", 1)[-1].partition("@")[0].partition(":")[0]
        image = f"image {name}, version {image_version(self.image)}" if self.image else ""
        scripts = f"scripts {self.scripts}" if self.scripts else ""
        return "; ".join(filter(None, (scripts, image))) or "unknown"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Every answer as a page shows it."""
        ended = text.moment(self.ended)
        if self.started and self.ended:
            ended += f" (after {text.seconds((self.ended - self.started).total_seconds())})"
        return [
            ("data version", self.data or "unknown"),
            ("code", self.code),
            ("hyperparameters", text.hyperparameters(dict(self.hyperparameters)) or "none"),
            ("instances", self.instances or "unknown"),
            ("training started", text.moment(self.started)),
            ("training ended", ended),
            ("training job", self.job or "none"),
            ("environment", self.environment),
            ("cloud", self.cloud),
        ]


def read(cloud: "Cloud", job: str, *, environment: str, data: str, scripts: str = "") -> Origin:
    """Return what made the model of a training job; `data` is the version of the data set, or its URI in S3."""
    described: Mapping[str, Any] = cloud.sagemaker.describe_training_job(TrainingJobName=job)
    given: Mapping[str, str] = described.get("HyperParameters", {})
    return Origin(
        environment=environment,
        cloud=resources.describe(cloud),
        data=data_version(data),
        scripts=scripts,
        image=str(described.get("AlgorithmSpecification", {}).get("TrainingImage", "")),
        hyperparameters={name: value for name, value in given.items() if not name.startswith(_OWN)},
        job=job,
        instances=_instances(described),
        started=described.get("TrainingStartTime", described.get("CreationTime")),
        ended=described.get("TrainingEndTime"),
    )


def of_run(cloud: "Cloud", run: "Run", environment: str) -> Origin:
    """Return what made the model of a state machine's run."""
    return read(
        cloud,
        str(run.given["TrainingJobName"]),
        environment=environment,
        data=str(run.given.get("DataVersion", "")),
        scripts=str(run.given.get("ScriptVersion", "")),
    )


def _instances(described: Mapping[str, Any]) -> str:
    """Return how many instances of which type, and how they are paid for: `1 ml.m5.xlarge, spot`."""
    config = described.get("ResourceConfig", {})
    groups = config.get("InstanceGroups") or [config]
    counted = [f"{each['InstanceCount']} {each['InstanceType']}" for each in groups if "InstanceType" in each]
    paid = "spot" if described.get("EnableManagedSpotTraining") else "on demand"
    return f"{' and '.join(counted)}, {paid}" if counted else ""
