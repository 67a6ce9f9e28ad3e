"""mdlc report: a page about one execution."""

from pathlib import Path
from typing import Annotated

import typer

from mdlc import systems
from mdlc.client.deployed import Deployed
from mdlc.client.training import Pipeline
from mdlc.commands.options import Environment, ExecutionId, Json, SystemName, connect
from mdlc.output import Output
from mdlc.report import data, render


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
    """Write report.html and summary.json about an execution."""
    output = Output(as_json)
    chosen = systems.find(system)
    cloud = connect(environment)
    with output.progress("reading the execution"):
        pipeline = Pipeline(Deployed(cloud, chosen, environment))
        found = pipeline.read(pipeline.resolve(execution))
        made = data.read(cloud, chosen, environment, found)
        page = render.write(made, folder or Path("build/report") / chosen.name)
    output.result({"report": str(page), **made.summary()}, f"The report is {page}.")
