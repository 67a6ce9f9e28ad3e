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
from mdlc.systems.census import demo as steps_demo
from mdlc.systems.features import demo as features_demo
from mdlc.systems.fraud import demo as fraud
from mdlc.systems.images import demo as images_demo
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
    if system in {steps_demo.NAME, systems.CENSUS.name}:
        stage = Rehearsal(environment, folder or Path("build/demo") / steps_demo.NAME, output)
        shown = steps_demo.StepsDemo(stage, data).run()
        output.result(shown, steps_demo.told(shown))
        return
    if system == systems.IMAGES.name:
        stage = Rehearsal(environment, folder or Path("build/demo") / system, output)
        shown = images_demo.Demo(stage, data).run()
        output.result(shown, images_demo.told(shown))
        return
    if system == features_demo.NAME:
        features(Rehearsal(environment, folder or Path("build/demo") / system, output), data)
        return
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


def features(rehearsal: Rehearsal, data: Path | None) -> None:
    """Run the feature store's demo and say how it went."""
    summary = features_demo.Demo(rehearsal, data).run()
    metrics = summary["metrics"]
    rehearsal.output.result(
        summary,
        Group(
            f"{metrics['records']} records in, {metrics['late_records']} of them late; "
            f"{metrics['offline_events']} offline, {metrics['joined_rows']} orders joined as of their time",
            f"platform {seconds(summary['setup_seconds'])}, tables to training set {seconds(summary['run_seconds'])}",
            f"report {summary['report']}; the local cloud stays up until mdlc local down",
        ),
    )
