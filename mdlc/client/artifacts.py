"""What a run left in S3: its model's evaluation, how training went and with what, and the pictures it took for others.

Which of it there is depends on the scripts: a run that left none of it has none.
"""

import base64
import io
import json
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final

from contract.archive import read_archive
from contract.errors import InputError
from experiments.evaluation import quality
from mdlc.client.aws import Cloud
from mdlc.client.steps import Run
from mdlc.errors import CommandError

MISTAKES: Final = "misclassified"
"""Beside the evaluation: a list of this name, and a folder with the pictures."""
EXPLANATIONS: Final = "analysis.json"
"""Beside the evaluation, in Clarify's format."""
SHOWN: Final = 12
"""Misclassified pictures that a page shows."""
LARGEST_OUTPUT: Final = 100_000_000
"""Bytes that a job's output may unpack to."""
MOST_BYTES: Final = 200_000
"""A picture that is larger is named, not shown."""


@dataclass(frozen=True)
class Mistake:
    """A picture that was taken for something else; `data` is a data URI, empty where it is not kept."""

    picture: str
    actual: str
    predicted: str
    probability: float
    data: str


@dataclass(frozen=True, kw_only=True)
class Artifacts:
    """Of one run; `final` are the training job's metrics as SageMaker found them in its log."""

    run: Run
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    explanations: Mapping[str, Any] | None = None
    epochs: Sequence[Mapping[str, float]] = ()
    final: Mapping[str, float] = field(default_factory=dict)
    mistakes: Sequence[Mistake] = ()
    mistake_count: int | None = None
    """None where the evaluation lists none."""

    @property
    def metrics(self) -> dict[str, float]:
        """Figures of the evaluation."""
        return quality(self.evaluation)

    @property
    def package(self) -> str:
        """ARN of the model package that the run registered; empty where it registered none."""
        return str(self.run.result.get("Registration", {}).get("ModelPackageArn", ""))

    def series(self, name: str) -> list[float]:
        """Return one figure of every epoch."""
        return [epoch[name] for epoch in self.epochs if name in epoch]

    def as_json(self) -> dict[str, Any]:
        """Return the run as summary.json shows it."""
        return {
            **self.run.as_json(),
            "metrics": self.metrics,
            "final_metrics": dict(self.final),
            "epochs": [dict(epoch) for epoch in self.epochs],
            "misclassified": self.mistake_count,
        }


def read(cloud: Cloud, run: Run) -> Artifacts:
    """Return what a run left; of one that did not succeed, nothing is read."""
    place = str(run.comparison.get("evaluation", ""))
    if not place:
        return Artifacts(run=run)
    folder = place.rpartition("/")[0]
    job = cloud.sagemaker.describe_training_job(TrainingJobName=str(run.given["TrainingJobName"]))
    listed = read_mistakes(cloud, folder)
    explanations = _json(cloud, f"{folder}/{EXPLANATIONS}")
    return Artifacts(
        run=run,
        evaluation=cloud.read_json(place),
        explanations=explanations if isinstance(explanations, Mapping) else None,
        epochs=_epochs(read_documents(cloud, str(run.result["Training"]["Model"]))),
        final={metric["MetricName"]: metric["Value"] for metric in job.get("FinalMetricDataList", [])},
        mistakes=[picture(cloud, folder, each) for each in (listed or [])[:SHOWN]],
        mistake_count=None if listed is None else len(listed),
    )


def read_documents(cloud: Cloud, model: str) -> list[Mapping[str, Any]]:
    """Return the JSON objects that a training job left beside its model, in `output.tar.gz`; none where it left none.

    Source: SageMaker developer guide, "How Amazon SageMaker Processes Training Output": /opt/ml/output/data.
    """
    if not model:
        return []
    try:
        archive = cloud.read_bytes(f"{model.rpartition('/')[0]}/output.tar.gz")
    except CommandError:
        return []
    texts: list[bytes] = []

    def take(name: str, content: IO[bytes]) -> None:
        if name.endswith(".json"):
            texts.append(content.read())

    try:
        read_archive(io.BytesIO(archive), "The archive output.tar.gz", take, LARGEST_OUTPUT)
    except InputError as error:
        raise CommandError(f"{error}.") from None
    return [document for text in texts if (document := _document(text)) is not None]


def _document(content: bytes) -> Mapping[str, Any] | None:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def read_used(cloud: Cloud, model: str) -> dict[str, str]:
    """Return the hyperparameters that a model was trained with, defaults of the code included, as texts.

    The platform's images write them beside the model; of other images there are none.
    """
    for document in read_documents(cloud, model):
        used = document.get("hyperparameters")
        if isinstance(used, dict):
            return {name: value if isinstance(value, str) else json.dumps(value) for name, value in used.items()}
    return {}


def read_mistakes(cloud: Cloud, folder: str) -> list[Mapping[str, Any]] | None:
    """Return what an evaluation lists as misclassified; None where it lists nothing at all."""
    found = _json(cloud, f"{folder}/{MISTAKES}.json")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else None


def picture(cloud: Cloud, folder: str, listed: Mapping[str, Any]) -> Mistake:
    """Return a picture of the list beside an evaluation."""
    name = str(listed.get("picture", ""))
    kind = mimetypes.guess_type(name)[0] or ""
    data = ""
    if kind.startswith("image/"):
        try:
            content = cloud.read_bytes(f"{folder}/{MISTAKES}/{name}")
        except CommandError:
            content = b""
        if 0 < len(content) <= MOST_BYTES:
            data = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return Mistake(
        name, str(listed.get("actual", "")), str(listed.get("predicted", "")), float(listed.get("probability", 0)), data
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


def _epochs(documents: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, float]]:
    for document in documents:
        if isinstance(document.get("epochs"), list):
            epochs: list[dict[str, float]] = document["epochs"]
            return epochs
    return ()


def _json(cloud: Cloud, uri: str) -> object:
    """Return a JSON document of S3; None where there is none."""
    try:
        return json.loads(cloud.read_bytes(uri))
    except (CommandError, ValueError):
        return None
