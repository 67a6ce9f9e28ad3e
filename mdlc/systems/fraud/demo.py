"""The main job of the platform: from published claims to a prediction over HTTP."""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from mdlc import executions, experiments, registry, versions
from mdlc.aws import Cloud
from mdlc.commands import model, pipeline, predict
from mdlc.errors import CommandError
from mdlc.executions import Execution
from mdlc.rehearsal import Rehearsal
from mdlc.report import data as report_data
from mdlc.report import render
from mdlc.report.data import Prediction
from mdlc.systems import FRAUD
from mdlc.systems.records import first_record

TIMEOUT: Final = 1800.0
"""Seconds that the pipeline, and then the roll-out, may take."""
SEED: Final = 42
ROWS: Final = 5000


@dataclass
class Demo:
    """One run of the main job on `data`, or on generated data."""

    rehearsal: Rehearsal
    data: Path | None
    execution: Execution | None = None

    def run(self) -> dict[str, Any]:
        """Do it all and return the summary; raise `CommandError` at the first step that fails, with its reason.

        Once the pipeline has run, the report is written whatever comes after. What the environment leaves out,
        the endpoint or its API, is left out here too.
        """
        if self.data:
            versions.read(FRAUD.name, self.data, FRAUD.files)
        begun = time.monotonic()
        cloud = self.rehearsal.platform()
        deployed = time.monotonic()
        folder = self._data()
        prediction, problem = None, None
        try:
            self._pipeline(cloud, folder)
            if cloud.find_output(self.rehearsal.environment, "serving", FRAUD.endpoint_output):
                self._roll_out(cloud)
            if cloud.find_output(self.rehearsal.environment, "api", "ApiUrl"):
                prediction = self._predict(cloud, folder)
        except CommandError as error:
            problem = error
        if self.execution is None:
            raise problem or CommandError("The pipeline did not run.")
        finished = time.monotonic()
        with self.rehearsal.step("write the report"):
            made = report_data.read(cloud, FRAUD, self.rehearsal.environment, self.execution)
            recorded = experiments.reference(
                cloud, self.rehearsal.environment, self.execution.pipeline, self.execution.id
            )
        made = replace(
            made,
            prediction=prediction,
            recorded=recorded,
            steps=tuple(self.rehearsal.steps),
            replaced=tuple(self.rehearsal.replaced),
            setup_seconds=round(deployed - begun, 3),
            run_seconds=round(finished - deployed, 3),
        )
        page = render.write(made, self.rehearsal.folder)
        if problem:
            raise type(problem)(f"{str(problem).rstrip('.')}. The report is {page}.")
        return {"report": str(page), **made.summary()}

    def _data(self) -> Path:
        if self.data:
            return self.data
        folder = self.rehearsal.folder / "data"
        with self.rehearsal.step("generate data"):
            FRAUD.generate(folder, seed=SEED, rows=ROWS)
        return folder

    def _pipeline(self, cloud: Cloud, folder: Path) -> None:
        with self.rehearsal.step("publish the data"):
            bucket = cloud.output(self.rehearsal.environment, "storage", "DataBucketName")
            version = versions.read(FRAUD.name, folder, FRAUD.files)
            versions.publish(cloud.s3, bucket, folder, version)
        with self.rehearsal.step("run the pipeline") as say:
            arn, _ = pipeline.begin(cloud, FRAUD, self.rehearsal.environment, version.name, {})
            ran = self.execution = executions.wait(
                cloud.sagemaker,
                arn,
                timeout=TIMEOUT,
                interval=cloud.poll_seconds,
                watch=lambda found: say(pipeline.progress_of(found)),
            )
            if ran.status != executions.SUCCEEDED:
                raise CommandError(f"The pipeline {ran.status.lower()}: {ran.failure}")

    def _roll_out(self, cloud: Cloud) -> None:
        steps = self.execution.steps if self.execution else ()
        arns = [step.detail["Arn"] for step in steps if step.type == "RegisterModel"]
        if not arns:
            raise CommandError("The pipeline registered no model.")
        number = int(arns[-1].rsplit("/", 1)[-1])
        with self.rehearsal.step("approve and roll out") as say:
            _, rollout = model.approve_version(
                cloud, FRAUD, self.rehearsal.environment, number, comment=None, timeout=TIMEOUT, say=say
            )
            if rollout.state != registry.SERVING:
                raise CommandError(f"Version {number} was {rollout.state.replace('-', ' ')}: {rollout.reason}")

    def _predict(self, cloud: Cloud, folder: Path) -> Prediction:
        request = {"instances": [first_record(FRAUD, folder)]}
        (self.rehearsal.folder / "claim.json").write_text(json.dumps(request, indent=1), encoding="utf-8")
        with self.rehearsal.step("predict over HTTP"):
            begun = time.monotonic()
            response = predict.ask(cloud, FRAUD, self.rehearsal.environment, request)
            took = time.monotonic() - begun
        return Prediction(FRAUD.prediction_path, request, response, took)
