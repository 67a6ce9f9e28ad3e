"""What the demos of state machines do alike: run the machine, ask for the best run, and report on all of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from mdlc.client.deployed import Deployed
from mdlc.client.steps import Run
from mdlc.client.training import Machine, Request
from mdlc.demos import stages
from mdlc.demos.clock import Clock, answer
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError
from mdlc.report import runs as report
from mdlc.report.summary import Prediction, Summary

TIMEOUT: Final = 900.0
"""Seconds that a run may take."""


def train(rehearsal: Rehearsal, deployed: Deployed, request: Request) -> Run:
    """Run the system's machine to its end; raise `CommandError` with the reason when it fails."""
    machine = Machine(deployed)
    with rehearsal.step(f"train: {request.comment}", goes_on=stages.goes_on(deployed)) as say:
        run = machine.wait(machine.start(request).arn, TIMEOUT, say)
        if not run.succeeded:
            raise CommandError(f"The run {run.id} {run.status.lower()}: {run.failure}")
    return run


def train_all(
    rehearsal: Rehearsal,
    deployed: Deployed,
    planned: Mapping[str, Mapping[str, str]],
    *,
    version: str,
    experiment: str,
) -> list[Run]:
    """Run the machine once for each comment with its hyperparameters, as one experiment."""
    return [
        train(
            rehearsal,
            deployed,
            Request(data=version, experiment=experiment, comment=comment, hyperparameters=hyperparameters),
        )
        for comment, hyperparameters in planned.items()
    ]


def best_of(rehearsal: Rehearsal, deployed: Deployed, experiment: str, runs: list[Run]) -> dict[str, Any]:
    """Ask for the best run; raise `CommandError` unless it is the one with the highest figure."""
    with rehearsal.step("ask for the best run"):
        best = Machine(deployed).best(experiment)
    expected = max(runs, key=lambda run: float(run.comparison["value"]))
    if best["execution"] != expected.arn:
        raise CommandError(f"The best run is {expected.id}, and the table says {best['execution_id']}.")
    return best


def summarize(
    rehearsal: Rehearsal, deployed: Deployed, runs: list[Run], clock: Clock, prediction: Prediction | None = None
) -> Summary:
    """Write the report on the runs, and return the summary of the demo."""
    clock.end()
    with rehearsal.step("write the report"):
        made = report.read(deployed, runs)
    made = replace(made, prediction=prediction, way=clock.way(rehearsal))
    page = report.write(made, rehearsal.folder)
    headline = [_headline(runs, made.best or {})]
    if made.model:
        headline.append(f"version {made.model.version}: {answer(prediction)}")
    return replace(made.summary(), headline=headline, report=page)


def _headline(runs: list[Run], best: Mapping[str, Any]) -> str:
    """Say how many runs there were, and which is the best."""
    return f"{len(runs)} runs, best {best['comment']!r} with {best['metric']} {best['value']:.4f}"
