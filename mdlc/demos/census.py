"""The Step Functions pipeline end to end: three runs on published data, of which a better one becomes the best."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mdlc.client import steps
from mdlc.client.deployed import Deployed
from mdlc.demos import runs, stages
from mdlc.demos.rehearsal import Rehearsal
from mdlc.demos.summary import Clock, Summary, resources
from mdlc.report import scripted as report
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
        cloud = clock.platform(self.rehearsal)
        census = Deployed(cloud, CENSUS, self.rehearsal.environment)
        version = stages.publish(self.rehearsal, census, stages.data(self.rehearsal, CENSUS, self.data, seed=SEED))
        experiment = f"demo-{steps.new_name()}"
        ran = runs.train_all(self.rehearsal, census, PLANNED, version=version, experiment=experiment)
        best = runs.best_of(self.rehearsal, census, experiment, ran)
        recorded = runs.references(census, experiment, ran)
        clock.end()
        summary = Summary(
            system=NAME,
            rehearsal=self.rehearsal,
            cloud=cloud,
            clock=clock,
            metrics={best["metric"]: best["value"]},
            resources=resources(self.rehearsal.environment),
            headline=[runs.headline(ran, best)],
            more={
                "result": {"experiment": experiment, "best": best, "runs": [run.as_json() for run in ran]},
                "recorded": recorded,
            },
        )
        return replace(summary, report=report.write(cloud, CENSUS, summary.as_json(), ran, self.rehearsal.folder))
