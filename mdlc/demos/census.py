"""The Step Functions pipeline end to end: three runs on published data, of which a better one becomes the best."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mdlc.client import steps
from mdlc.client.deployed import Deployed
from mdlc.demos import runs, stages
from mdlc.demos.clock import Clock
from mdlc.demos.rehearsal import Rehearsal
from mdlc.report.summary import Summary
from mdlc.systems import CENSUS

NAME: Final = "steps"
SEED: Final = 42
PLANNED: Final[Mapping[str, Mapping[str, str]]] = {
    "one tree": {"num_round": "1", "max_depth": "1"},
    "boosted trees": {"num_round": "150", "max_depth": "3"},
    "one tree again": {"num_round": "1", "max_depth": "1", "seed": "7"},
}
"""Comment and hyperparameters of each run: only the second is better than what was there before."""


@dataclass
class StepsDemo:
    """One run of the demo on `data`, or on generated data. Runs of one demo are an experiment of their own."""

    rehearsal: Rehearsal
    data: Path | None

    def run(self) -> Summary:
        """Run the demo and return the summary; raise `CommandError` at the first step that fails, with its reason."""
        if self.data:
            stages.check(self.rehearsal, CENSUS, self.data)
        clock = Clock()
        census = Deployed(clock.platform(self.rehearsal), CENSUS, self.rehearsal.environment)
        version = stages.publish(self.rehearsal, census, stages.data(self.rehearsal, CENSUS, self.data, seed=SEED))
        experiment = f"demo-{steps.new_name()}"
        ran = runs.train_all(self.rehearsal, census, PLANNED, version=version, experiment=experiment)
        runs.best_of(self.rehearsal, census, experiment, ran)
        return runs.summarize(self.rehearsal, census, ran, clock)
