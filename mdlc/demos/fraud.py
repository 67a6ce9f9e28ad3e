"""The main job of the platform: from published claims to a prediction over HTTP."""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from mdlc.client import experiments, predictions, versions
from mdlc.client.aws import Cloud
from mdlc.client.executions import Execution
from mdlc.demos import stages
from mdlc.demos.rehearsal import Rehearsal
from mdlc.demos.stages import PipelineError
from mdlc.errors import CommandError
from mdlc.report import data as report_data
from mdlc.report import render
from mdlc.report.data import Prediction
from mdlc.systems import FRAUD
from mdlc.systems.records import first_record

SEED: Final = 42


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
        folder = stages.data(self.rehearsal, FRAUD, self.data, seed=SEED)
        prediction, problem = None, None
        try:
            execution = self._pipeline(cloud, folder)
            if cloud.find_output(self.rehearsal.environment, "serving", FRAUD.endpoint_output):
                stages.roll_out(self.rehearsal, cloud, FRAUD, execution)
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
            problem.args = (f"{str(problem).rstrip('.')}. The report is {page}.",)
            raise problem
        return {"report": str(page), **made.summary()}

    def _pipeline(self, cloud: Cloud, folder: Path) -> Execution:
        version = stages.publish(self.rehearsal, cloud, FRAUD, folder)
        try:
            self.execution = stages.run_pipeline(self.rehearsal, cloud, FRAUD, version)
        except PipelineError as failed:
            self.execution = failed.execution
            raise
        return self.execution

    def _predict(self, cloud: Cloud, folder: Path) -> Prediction:
        request = {"instances": [first_record(FRAUD, folder)]}
        (self.rehearsal.folder / "claim.json").write_text(json.dumps(request, indent=1), encoding="utf-8")
        with self.rehearsal.step("predict over HTTP"):
            begun = time.monotonic()
            response = predictions.ask(cloud, FRAUD, self.rehearsal.environment, request)
            took = time.monotonic() - begun
        return Prediction(FRAUD.prediction_path, request, response, took)
