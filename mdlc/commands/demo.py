"""mdlc demo: the main job of the platform, end to end on this machine."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group

from mdlc import systems
from mdlc.commands.options import Environment, Json, SystemName
from mdlc.output import Output
from mdlc.rehearsal import Rehearsal
from mdlc.report.svg import seconds
from mdlc.systems.census import demo as steps_demo
from mdlc.systems.fraud.demo import Demo


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
    if system == steps_demo.NAME:
        stage = Rehearsal(environment, folder or Path("build/demo") / system, output)
        shown = steps_demo.StepsDemo(stage, data).run()
        output.result(shown, steps_demo.told(shown))
        return
    chosen = systems.find(system)
    summary = Demo(Rehearsal(environment, folder or Path("build/demo") / chosen.name, output), data).run()
    resources, prediction = summary["resources"], summary["prediction"]
    answer = f"score {prediction['response']['predictions'][0]['score']:.4f} from" if prediction else "no API to ask:"
    output.result(
        summary,
        Group(
            f"{answer} version {summary['model_version']}, test AUC {summary['metrics']['roc_auc']:.4f}",
            f"resources: {resources['created']} created, {resources['recorded']} recorded, "
            f"{resources['refused']} refused, {len(summary['replaced'])} replaced",
            f"platform {seconds(summary['setup_seconds'])}, data to prediction {seconds(summary['run_seconds'])}; "
            f"images ran on: {', '.join(summary['engines'])}",
            f"report {summary['report']}; the local cloud stays up until mdlc local down",
        ),
    )
