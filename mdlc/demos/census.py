"""The Step Functions pipeline end to end: three runs on published data, of which a better one becomes the best."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mdlc.client import steps, versions
from mdlc.client.steps import Run
from mdlc.demos import runs, stages
from mdlc.demos.rehearsal import Rehearsal
from mdlc.report import census as report
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
    runs: list[Run] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Do it all and return the summary; raise `CommandError` at the first step that fails, with its reason."""
        if self.data:
            versions.read(CENSUS.name, self.data, CENSUS.files)
        begun = time.monotonic()
        cloud = self.rehearsal.platform()
        deployed = time.monotonic()
        folder = stages.data(self.rehearsal, CENSUS, self.data, seed=SEED)
        version = stages.publish(self.rehearsal, cloud, CENSUS, folder)
        experiment = f"demo-{steps.new_name()}"
        for comment, hyperparameters in PLANNED.items():
            run = runs.train(
                self.rehearsal,
                cloud,
                CENSUS,
                version=version,
                experiment=experiment,
                comment=comment,
                hyperparameters=hyperparameters,
            )
            self.runs.append(run)
        best = runs.best_of(self.rehearsal, cloud, CENSUS, experiment, self.runs)
        recorded = runs.recorded(self.rehearsal, cloud, experiment, self.runs)
        summary = {
            "system": NAME,
            "environment": self.rehearsal.environment,
            "cloud": cloud.description,
            "steps": [step.as_json() for step in self.rehearsal.steps],
            "metrics": {best["metric"]: best["value"]},
            "resources": runs.resources(self.rehearsal.environment),
            "replaced": list(self.rehearsal.replaced),
            "result": {"experiment": experiment, "best": best, "runs": [run.as_json() for run in self.runs]},
            "recorded": recorded,
            "setup_seconds": round(deployed - begun, 3),
            "run_seconds": round(time.monotonic() - deployed, 3),
        }
        page = report.write(cloud, summary, self.runs, self.rehearsal.folder)
        return {"report": str(page), **summary}


def told(summary: Mapping[str, Any]) -> str:
    """Say what came of it."""
    result, resources = summary["result"], summary["resources"]
    best = result["best"]
    return (
        f"{len(result['runs'])} runs, best {best['comment']!r} with {best['metric']} {best['value']:.4f}\n"
        f"resources: {resources['created']} created, {resources['recorded']} recorded, {resources['refused']} refused, "
        f"{len(summary['replaced'])} replaced\n"
        f"platform {summary['setup_seconds']:.1f} s, runs {summary['run_seconds']:.1f} s\n"
        f"report {summary['report']}; the local cloud stays up until mdlc local down"
    )
