"""mdlc report: a page about one execution of a pipeline, or about the experiment of a state machine's run."""

from pathlib import Path
from typing import Annotated

import typer

from mdlc import systems
from mdlc.client import training
from mdlc.client.deployed import Deployed
from mdlc.client.training import Machine, Pipeline
from mdlc.commands.options import Environment, ExecutionId, Json, SystemName, connect
from mdlc.output import Output
from mdlc.report import data, render, runs


def report(
    system: SystemName,
    execution: ExecutionId = None,
    environment: Environment = "dev",
    folder: Annotated[
        Path | None, typer.Option("--output", metavar="FOLDER", help="Where to; without it, build/report/SYSTEM.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Write report.html and summary.json about an execution; of a state machine's, about its whole experiment."""
    output = Output(as_json)
    deployed = Deployed(connect(environment), systems.find(system), environment)
    with output.progress("reading the execution"):
        trainer = training.find(deployed)
        made = _of_machine(trainer, execution) if isinstance(trainer, Machine) else _of_pipeline(trainer, execution)
        place = folder or Path("build/report") / system
        page = render.write(made, place) if isinstance(made, data.Report) else runs.write(made, place)
    output.result({"report": str(page), **made.summary().as_json()}, f"The report is {page}.")


def _of_pipeline(pipeline: Pipeline, execution: str | None) -> data.Report:
    deployed = pipeline.deployed
    found = pipeline.read(pipeline.resolve(execution))
    return data.read(deployed.cloud, deployed.system, deployed.environment, found)


def _of_machine(machine: Machine, execution: str | None) -> runs.Experiment:
    asked = machine.read(machine.resolve(execution))
    among = machine.runs(asked.experiment, runs.MOST)
    if asked.arn not in {run.arn for run in among}:  # an old one: it is shown with those that came after it
        among = [asked, *among]
    return runs.read(machine.deployed, among, asked=asked)
