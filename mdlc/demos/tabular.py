"""The main job of the platform: from published tables to a prediction over HTTP."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mdlc.client import predictions
from mdlc.client.deployed import ENDPOINT, Deployed
from mdlc.client.executions import Execution
from mdlc.demos import stages
from mdlc.demos.clock import Clock
from mdlc.demos.rehearsal import Rehearsal
from mdlc.demos.stages import PipelineError
from mdlc.errors import CommandError, InputError
from mdlc.output import spell
from mdlc.report.summary import Prediction, Summary
from mdlc.systems import FRAUD, System
from mdlc.systems.records import first_record

SEED: Final = 42
RECORDS: Final = {"fraud": "claim"}
"""What a record of a system is, where that is not the system's name."""


@dataclass
class Demo:
    """One run of the main job of `system` on `data`, or on generated data."""

    rehearsal: Rehearsal
    data: Path | None
    system: System = FRAUD
    execution: Execution | None = None

    def run(self) -> Summary:
        """Run the demo and return the summary; raise `CommandError` at the first step that fails, with its reason.

        Once the pipeline has run, the report is written whatever comes after. What the environment leaves out,
        the endpoint or its API, is left out here too.
        """
        if self.data:
            stages.check(self.rehearsal, self.system, self.data)
        elif self.system.generate is None:
            raise InputError(f"mdlc makes no data for {self.system.name}: name a file or folder with --data.")
        clock = Clock()
        cloud = clock.platform(self.rehearsal)
        system = Deployed(cloud, self.system, self.rehearsal.environment)
        folder = stages.data(self.rehearsal, self.system, self.data, seed=SEED)
        prediction, problem = None, None
        try:
            execution = self._pipeline(system, folder)
            if system.find(ENDPOINT):
                stages.roll_out(self.rehearsal, system, execution)
            if cloud.find_output(self.rehearsal.environment, "ApiUrl"):
                prediction = self._predict(system, folder)
        except CommandError as error:
            problem = error
        if self.execution is None:
            raise problem or CommandError("The pipeline did not run.")
        summary = stages.summarize(self.rehearsal, system, self.execution, clock, prediction=prediction)
        if problem:
            problem.args = (f"{str(problem).rstrip('.')}. The report is {summary.report}.",)
            raise problem
        return summary

    def _pipeline(self, system: Deployed, folder: Path) -> Execution:
        version = stages.publish(self.rehearsal, system, folder)
        try:
            self.execution = stages.run_pipeline(self.rehearsal, system, version)
        except PipelineError as failed:
            self.execution = failed.execution
            raise
        return self.execution

    def _predict(self, system: Deployed, folder: Path) -> Prediction:
        request = {"instances": [first_record(self.system, folder)]}
        (self.rehearsal.folder / f"{RECORDS.get(self.system.name, self.system.name)}.json").write_text(
            spell(request, indent=1), encoding="utf-8"
        )
        with self.rehearsal.step("predict over HTTP"):
            begun = time.monotonic()
            response = predictions.ask(system, request)
            took = time.monotonic() - begun
        return Prediction(self.system.prediction_path, request, response, took)
