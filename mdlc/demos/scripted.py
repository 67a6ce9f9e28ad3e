"""A team's own scripts end to end: data published, a run, its model registered, served and asked."""

import time
from dataclasses import dataclass
from pathlib import Path

from mdlc.client import predictions, steps
from mdlc.client.deployed import ENDPOINT, Deployed
from mdlc.client.steps import Run
from mdlc.demos import runs, stages
from mdlc.demos.clock import Clock
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import InputError
from mdlc.output import spell
from mdlc.report.summary import Prediction, Summary
from mdlc.systems import System
from mdlc.systems.records import first_record


@dataclass
class Demo:
    """One run of the scripts of `system` on `data`, as an experiment of its own."""

    rehearsal: Rehearsal
    data: Path | None
    system: System

    def run(self) -> Summary:
        """Do it all and return the summary; raise `CommandError` at the first step that fails, with its reason.

        What the system or the environment leaves out, the registry or the endpoint, is left out here too. The endpoint
        is asked where a recipe says what a record is.
        """
        if self.data is None:
            raise InputError(f"mdlc makes no data for {self.system.name}: name a file or folder with --data.")
        stages.check(self.rehearsal, self.system, self.data)
        clock = Clock()
        deployed = Deployed(clock.platform(self.rehearsal), self.system, self.rehearsal.environment)
        version = stages.publish(self.rehearsal, deployed, self.data)
        experiment = f"demo-{steps.new_name()}"
        ran = runs.train_all(self.rehearsal, deployed, {"as written": {}}, version=version, experiment=experiment)
        runs.best_of(self.rehearsal, deployed, experiment, ran)
        number = self._roll_out(deployed, ran[0])
        prediction = self._predict(deployed, self.data) if number and self.system.record_tables else None
        return runs.summarize(self.rehearsal, deployed, ran, clock, prediction)

    def _roll_out(self, deployed: Deployed, run: Run) -> int | None:
        """Approve the version that the run registered, and wait for its roll-out; None where nothing is served."""
        registered = run.result.get("Registration")
        if not registered or deployed.find(ENDPOINT) is None:
            return None
        number = int(str(registered["ModelPackageArn"]).rpartition("/")[2])
        stages.approve(self.rehearsal, deployed, number)
        return number

    def _predict(self, deployed: Deployed, data: Path) -> Prediction:
        """Ask about the first record of the data, which is kept as a file for `mdlc predict`."""
        request = {"instances": [first_record(self.system, data)]}
        file = self.rehearsal.folder / f"{self.system.name}.json"
        file.write_text(spell(request, indent=1), encoding="utf-8")
        with self.rehearsal.step("predict over HTTP"):
            begun = time.monotonic()
            response = predictions.ask(deployed, request)
            took = time.monotonic() - begun
        return Prediction(predictions.path(deployed), request, response, took)
