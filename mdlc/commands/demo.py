"""mdlc demo: the main job of the platform, end to end on this machine."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Group

from mdlc import systems
from mdlc.commands.options import Environment, Json, SystemName
from mdlc.output import Output
from mdlc.rehearsal import Rehearsal
from mdlc.report.svg import seconds
from mdlc.systems.fraud import demo as fraud
from mdlc.systems.knn import demo as knn

DEMOS: Final = {"fraud": fraud.Demo, "knn": knn.Demo}


def demo(
    system: SystemName,
    data: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="A data set of your own; without it, a generated one.")
    ] = None,
    environment: Environment = "dev",
    folder: Annotated[
        Path | None, typer.Option("--output", metavar="FOLDER", help="Where to; without it, build/demo/SYSTEM.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Start the local cloud, deploy, publish data, train, approve, roll out, predict over HTTP, and report.

    It leaves the local cloud up, and does no more than update when run again.
    """
    output = Output(as_json)
    chosen = systems.find(system)
    rehearsal = Rehearsal(environment, folder or Path("build/demo") / chosen.name, output)
    summary = DEMOS[chosen.name](rehearsal, data).run()
    resources, prediction = summary["resources"], summary["prediction"]
    answer = json.dumps(prediction["response"]["predictions"][0]) if prediction else "no API to ask"
    output.result(
        summary,
        Group(
            f"version {summary['model_version']}: {answer}",
            "quality: " + ", ".join(f"{name} {value:.4f}" for name, value in summary["metrics"].items()),
            f"resources: {resources['created']} created, {resources['recorded']} recorded, "
            f"{resources['refused']} refused, {len(summary['replaced'])} replaced",
            f"platform {seconds(summary['setup_seconds'])}, data to prediction {seconds(summary['run_seconds'])}; "
            f"images ran on: {', '.join(summary['engines'])}",
            f"report {summary['report']}; the local cloud stays up until mdlc local down",
        ),
    )
