"""Nearest neighbours end to end: Iris published, split, indexed, registered, rolled out, and its test set asked for."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from evaluation.classification import accuracy, confusion_matrix, f1
from mdlc.client import predictions
from mdlc.client.aws import Cloud
from mdlc.client.deployed import Deployed
from mdlc.client.executions import Execution
from mdlc.demos import stages
from mdlc.demos.clock import Clock
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError
from mdlc.report.summary import Prediction, Summary
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

    def run(self) -> Summary:
        """Run the demo and return the summary; raise `CommandError` at the first step that fails, with its reason."""
        if self.data:
            stages.check(self.rehearsal, KNN, self.data)
        clock = Clock()
        knn = Deployed(clock.platform(self.rehearsal), KNN, self.rehearsal.environment)
        version = stages.publish(self.rehearsal, knn, stages.data(self.rehearsal, KNN, self.data, seed=0))
        execution = stages.run_pipeline(self.rehearsal, knn, version)
        stages.roll_out(self.rehearsal, knn, execution)
        answers, prediction = self._ask(knn, execution)
        summary = stages.summarize(
            self.rehearsal, knn, execution, clock, prediction=prediction, over_http=answers.as_json()
        )
        for name, value in answers.metrics().items():
            if summary.metrics.get(name, value) != value:
                raise CommandError(
                    f"The answers over HTTP have {name} {value}, and the evaluation has {summary.metrics[name]}."
                )
        return summary

    def _ask(self, knn: Deployed, execution: Execution) -> tuple[Answers, Prediction]:
        """Ask for every row of the test set in one request, and for the neighbours of its first row in another."""
        rows = test_rows(knn.cloud, execution)
        with self.rehearsal.step("predict over HTTP"):
            features = "\n".join(",".join(row[1:]) for row in rows)
            answer = predictions.send(knn, features.encode(), content_type=CSV)
            predicted = [float(each["predicted_label"]) for each in answer["predictions"]]
            request = {"instances": [{"features": [float(value) for value in rows[0][1:]]}]}
            begun = time.monotonic()
            response = predictions.send(knn, json.dumps(request).encode(), accept=VERBOSE)
            took = time.monotonic() - begun
        prediction = Prediction(predictions.path(knn), request, response, took)
        return Answers([float(row[0]) for row in rows], predicted), prediction


def test_rows(cloud: Cloud, execution: Execution) -> list[list[str]]:
    """Return the rows of the test set that the execution split off, each with its label first."""
    step = next(step for step in execution.steps if step.name == SPLIT)
    job = cloud.sagemaker.describe_processing_job(ProcessingJobName=step.detail["Arn"].rsplit("/", 1)[-1])
    uri = next(o["S3Output"]["S3Uri"] for o in job["ProcessingOutputConfig"]["Outputs"] if o["OutputName"] == "test")
    return [line.split(",") for line in cloud.read_bytes(f"{uri.rstrip('/')}/test.csv").decode().splitlines()]
