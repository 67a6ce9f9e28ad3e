"""Nearest neighbours end to end: Iris published, split, indexed, registered, rolled out, and its test set asked for."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from evaluation.classification import accuracy, confusion_matrix, f1
from mdlc.client import experiments, predictions, versions
from mdlc.client.aws import Cloud
from mdlc.client.executions import Execution
from mdlc.demos import stages
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError
from mdlc.report import data as report_data
from mdlc.report import render
from mdlc.report.data import Prediction
from mdlc.systems import KNN

SPLIT: Final = "KnnDataSplit"
CSV: Final = "text/csv"
VERBOSE: Final = "application/json; verbose=true"


@dataclass(frozen=True)
class Answers:
    """What the endpoint said of the test set, and how good that is."""

    actual: Sequence[float]
    predicted: Sequence[float]

    def metrics(self) -> dict[str, float]:
        """Return accuracy and macro F1 over all rows."""
        actual, predicted = np.array(self.actual), np.array(self.predicted)
        return {"accuracy": accuracy(actual, predicted), "macro_f1": f1(actual, predicted, average="macro")}

    def as_json(self) -> dict[str, Any]:
        """Return what summary.json shows; macro F1 is in single precision, as the published figure is."""
        metrics = self.metrics()
        return {
            "rows": len(self.actual),
            "accuracy": metrics["accuracy"],
            "macro_f1": float(str(np.float32(metrics["macro_f1"]))),
            "confusion_matrix": confusion_matrix(np.array(self.actual), np.array(self.predicted)).tolist(),
        }


@dataclass
class Demo:
    """One run on `data`, or on Iris."""

    rehearsal: Rehearsal
    data: Path | None

    def run(self) -> dict[str, Any]:
        """Do it all and return the summary; raise `CommandError` at the first step that fails, with its reason."""
        if self.data:
            versions.read(KNN.name, self.data, KNN.files)
        begun = time.monotonic()
        cloud = self.rehearsal.platform()
        deployed = time.monotonic()
        folder = stages.data(self.rehearsal, KNN, self.data, seed=0)
        version = stages.publish(self.rehearsal, cloud, KNN, folder)
        execution = stages.run_pipeline(self.rehearsal, cloud, KNN, version)
        stages.roll_out(self.rehearsal, cloud, KNN, execution)
        answers, prediction = self._ask(cloud, execution)
        finished = time.monotonic()
        with self.rehearsal.step("write the report"):
            made = report_data.read(cloud, KNN, self.rehearsal.environment, execution)
            recorded = experiments.reference(cloud, self.rehearsal.environment, execution.pipeline, execution.id)
        made = replace(
            made,
            prediction=prediction,
            over_http=answers.as_json(),
            recorded=recorded,
            steps=tuple(self.rehearsal.steps),
            replaced=tuple(self.rehearsal.replaced),
            setup_seconds=round(deployed - begun, 3),
            run_seconds=round(finished - deployed, 3),
        )
        page = render.write(made, self.rehearsal.folder)
        for name, value in answers.metrics().items():
            if made.metrics.get(name, value) != value:
                raise CommandError(
                    f"The answers over HTTP have {name} {value}, and the evaluation has {made.metrics[name]}."
                )
        return {"report": str(page), **made.summary()}

    def _ask(self, cloud: Cloud, execution: Execution) -> tuple[Answers, Prediction]:
        """Ask for every row of the test set in one request, and for the neighbours of its first row in another."""
        rows, environment = test_rows(cloud, execution), self.rehearsal.environment
        with self.rehearsal.step("predict over HTTP"):
            features = "\n".join(",".join(row[1:]) for row in rows)
            answer = predictions.send(cloud, KNN, environment, features.encode(), content_type=CSV)
            predicted = [float(each["predicted_label"]) for each in answer["predictions"]]
            request = {"instances": [{"features": [float(value) for value in rows[0][1:]]}]}
            begun = time.monotonic()
            response = predictions.send(cloud, KNN, environment, json.dumps(request).encode(), accept=VERBOSE)
            took = time.monotonic() - begun
        prediction = Prediction(predictions.path(cloud, KNN, environment), request, response, took)
        return Answers([float(row[0]) for row in rows], predicted), prediction


def test_rows(cloud: Cloud, execution: Execution) -> list[list[str]]:
    """Return the rows of the test set that the execution split off, each with its label first."""
    step = next(step for step in execution.steps if step.name == SPLIT)
    job = cloud.sagemaker.describe_processing_job(ProcessingJobName=step.detail["Arn"].rsplit("/", 1)[-1])
    uri = next(o["S3Output"]["S3Uri"] for o in job["ProcessingOutputConfig"]["Outputs"] if o["OutputName"] == "test")
    return [line.split(",") for line in cloud.read_bytes(f"{uri.rstrip('/')}/test.csv").decode().splitlines()]
