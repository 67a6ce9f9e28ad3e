"""The main job of the platform: from published claims to a prediction over HTTP."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mdlc.client import predictions, versions
from mdlc.client.deployed import ENDPOINT, Deployed
from mdlc.client.executions import Execution
from mdlc.demos import stages
from mdlc.demos.rehearsal import Rehearsal
from mdlc.demos.stages import PipelineError
from mdlc.demos.summary import Clock, Summary
from mdlc.errors import CommandError
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

    def run(self) -> Summary:
        """Do it all and return the summary; raise `CommandError` at the first step that fails, with its reason.

        Once the pipeline has run, the report is written whatever comes after. What the environment leaves out,
        the endpoint or its API, is left out here too.
        """
        if self.data:
            versions.read(FRAUD.name, self.data, FRAUD.files)
        clock = Clock()
        cloud = clock.platform(self.rehearsal)
        fraud = Deployed(cloud, FRAUD, self.rehearsal.environment)
        folder = stages.data(self.rehearsal, FRAUD, self.data, seed=SEED)
        prediction, problem = None, None
        try:
            execution = self._pipeline(fraud, folder)
            if fraud.find(ENDPOINT):
                stages.roll_out(self.rehearsal, fraud, execution)
            if cloud.find_output(self.rehearsal.environment, "ApiUrl"):
                prediction = self._predict(fraud, folder)
        except CommandError as error:
            problem = error
        if self.execution is None:
            raise problem or CommandError("The pipeline did not run.")
        summary = stages.summarize(self.rehearsal, fraud, self.execution, clock, prediction=prediction)
        if problem:
            problem.args = (f"{str(problem).rstrip('.')}. The report is {summary.report}.",)
            raise problem
        return summary

    def _pipeline(self, fraud: Deployed, folder: Path) -> Execution:
        version = stages.publish(self.rehearsal, fraud, folder)
        try:
            self.execution = stages.run_pipeline(self.rehearsal, fraud, version)
        except PipelineError as failed:
            self.execution = failed.execution
            raise
        return self.execution

    def _predict(self, fraud: Deployed, folder: Path) -> Prediction:
        request = {"instances": [first_record(FRAUD, folder)]}
        (self.rehearsal.folder / "claim.json").write_text(json.dumps(request, indent=1), encoding="utf-8")
        with self.rehearsal.step("predict over HTTP"):
            begun = time.monotonic()
            response = predictions.ask(fraud, request)
            took = time.monotonic() - begun
        return Prediction(FRAUD.prediction_path, request, response, took)
