"""Reads what a run of the image classifier left in S3: the training's series, the evaluation, and the mistakes."""

import base64
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mdlc.client.aws import Cloud
from mdlc.client.steps import Run
from mdlc.errors import CommandError

HISTORY: Final = "history.json"
SHOWN: Final = 12
"""Misclassified pictures that the report shows."""


@dataclass(frozen=True)
class Mistake:
    """A picture that was taken for something else; `picture` is a data URI."""

    picture: str
    name: str
    actual: str
    predicted: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Artifacts:
    """Of one run: `epochs` are the four series, `final` the training job's metrics as SageMaker captured them."""

    run: Run
    epochs: Sequence[Mapping[str, float]]
    final: Mapping[str, float]
    evaluation: Mapping[str, Any]
    mistakes: Sequence[Mistake]
    mistake_count: int

    def series(self, name: str) -> list[float]:
        """Return one figure of every epoch."""
        return [epoch[name] for epoch in self.epochs]

    def as_json(self) -> dict[str, Any]:
        """Return the run as summary.json shows it."""
        metrics = self.evaluation["classification_metrics"]
        return {
            **self.run.as_json(),
            "metrics": {name: metric["value"] for name, metric in metrics.items()},
            "final_metrics": dict(self.final),
            "epochs": [dict(epoch) for epoch in self.epochs],
            "misclassified": self.mistake_count,
        }


def read(cloud: Cloud, run: Run) -> Artifacts:
    """Read them; raise `CommandError` for one that is missing."""
    folder = str(run.comparison["evaluation"]).rpartition("/")[0]
    model = str(run.result["Training"]["Model"])
    mistakes = json.loads(cloud.read_bytes(f"{folder}/misclassified.json"))
    job = cloud.sagemaker.describe_training_job(TrainingJobName=str(run.given["TrainingJobName"]))
    return Artifacts(
        run=run,
        epochs=_epochs(cloud.read_bytes(f"{model.rpartition('/')[0]}/output.tar.gz")),
        final={metric["MetricName"]: metric["Value"] for metric in job.get("FinalMetricDataList", [])},
        evaluation=cloud.read_json(str(run.comparison["evaluation"])),
        mistakes=[_mistake(cloud, folder, found) for found in mistakes[:SHOWN]],
        mistake_count=len(mistakes),
    )


def test_picture(cloud: Cloud, run: Run) -> tuple[str, bytes]:
    """Return the class and the content of the first picture of the run's test set."""
    bucket, _, key = str(run.comparison["evaluation"]).removeprefix("s3://").partition("/")
    prefix = f"{key.rpartition('/evaluation/')[0]}/prepared/test/"
    found = cloud.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("Contents", [])
    if not found:
        raise CommandError(f"There is no picture in s3://{bucket}/{prefix}.")
    place = found[0]["Key"]
    return place.removeprefix(prefix).partition("/")[0], cloud.read_bytes(f"s3://{bucket}/{place}")


def _epochs(archive: bytes) -> list[dict[str, float]]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            if member.name.endswith(HISTORY) and (file := tar.extractfile(member)) is not None:
                epochs: list[dict[str, float]] = json.load(file)["epochs"]
                return epochs
    raise CommandError(f"The training job left no {HISTORY}.")


def _mistake(cloud: Cloud, folder: str, found: Mapping[str, Any]) -> Mistake:
    content = cloud.read_bytes(f"{folder}/misclassified/{found['picture']}")
    kind = "png" if str(found["picture"]).lower().endswith(".png") else "jpeg"
    return Mistake(
        picture=f"data:image/{kind};base64,{base64.b64encode(content).decode()}",
        name=str(found["picture"]),
        actual=str(found["actual"]),
        predicted=str(found["predicted"]),
        probability=float(found["probability"]),
    )
