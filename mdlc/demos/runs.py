"""What the demos of state machines do alike: run the machine, ask for the best run, and see what was deployed."""

from collections.abc import Mapping
from typing import Final

from localcloud.lifecycle import LocalCloud
from mdlc.client import experiments, steps
from mdlc.client.aws import Cloud
from mdlc.client.steps import Run
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError
from mdlc.systems import System
from mdlc.systems.training import TRAINED

TIMEOUT: Final = 900.0
"""Seconds that a run may take."""


def train(  # noqa: PLR0913 - what a run varies
    rehearsal: Rehearsal,
    cloud: Cloud,
    system: System,
    *,
    version: str,
    experiment: str,
    comment: str,
    hyperparameters: Mapping[str, str],
) -> Run:
    """Run the system's machine to its end; raise `CommandError` with the reason when it fails."""
    with rehearsal.step(f"train: {comment}") as say:
        arn, _ = steps.begin(
            cloud,
            TRAINED[system.name],
            rehearsal.environment,
            data=version,
            scripts=None,
            parameters={},
            hyperparameters=dict(hyperparameters),
            experiment=experiment,
            name=None,
            comment=comment,
        )
        run = steps.wait(
            cloud.stepfunctions,
            arn,
            timeout=TIMEOUT,
            interval=cloud.poll_seconds,
            watch=lambda found: say(found.progress),
        )
        if run.status != steps.SUCCEEDED:
            raise CommandError(f"The run {run.id} {run.status.lower()}: {run.failure}")
    return run


def best_of(rehearsal: Rehearsal, cloud: Cloud, system: System, experiment: str, runs: list[Run]) -> dict[str, object]:
    """Ask for the best run; raise `CommandError` unless it is the one with the highest figure."""
    chosen = TRAINED[system.name]
    with rehearsal.step("ask for the best run"):
        table = cloud.output(rehearsal.environment, chosen.stack, chosen.table_output)
        best = steps.best(cloud, table, experiment)
    expected = max(runs, key=lambda run: float(run.comparison["value"]))
    if best["execution"] != expected.arn:
        raise CommandError(f"The best run is {expected.id}, and the table says {best['execution_id']}.")
    return best


def recorded(rehearsal: Rehearsal, cloud: Cloud, experiment: str, runs: list[Run]) -> list[dict[str, str]]:
    """Return where the experiments keep the runs, those of them that they have."""
    environment = rehearsal.environment
    found = (experiments.reference(cloud, environment, f"{run.machine}/{experiment}", run.id) for run in runs)
    return [each for each in found if each]


def resources(environment: str) -> dict[str, int]:
    """How many resources of the environment were created, recorded and refused."""
    statuses = [line["status"] for line in LocalCloud().resources() if line["stack"].startswith(f"{environment}-")]
    return {status: statuses.count(status) for status in ("created", "recorded", "refused")}
