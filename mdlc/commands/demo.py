"""mdlc demo: the main job of the platform, end to end on this machine."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol

import typer
from rich.console import Group

from mdlc import systems
from mdlc.commands.options import Environment, Json
from mdlc.demos import census, features, fraud, images, knn
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import InputError
from mdlc.output import Output
from mdlc.report.text import seconds

if TYPE_CHECKING:
    from rich.console import RenderableType

ALSO_CALLED: Final = {systems.CENSUS.name: census.NAME}


class Demo(Protocol):
    """One run of a system, from data to its result."""

    def run(self) -> dict[str, Any]:
        """Do it all and return the summary; raise `CommandError` at the first step that fails."""


def demo(
    name: Annotated[str, typer.Argument(metavar="SYSTEM", help="Which one: features, fraud, images, knn or steps.")],
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
    chosen = ALSO_CALLED.get(name, name)
    if chosen not in DEMOS:
        raise InputError(f"There is no demo {name!r}: mdlc has {', '.join(sorted(DEMOS))}.")
    make, tell = DEMOS[chosen]
    output = Output(as_json)
    summary = make(Rehearsal(environment, folder or Path("build/demo") / chosen, output), data).run()
    output.result(summary, tell(summary))


def tell_of_model(summary: Mapping[str, Any]) -> "RenderableType":
    """Say what came of training, rolling out and asking a model."""
    resources, prediction = summary["resources"], summary["prediction"]
    answer = json.dumps(prediction["response"]["predictions"][0]) if prediction else "no API to ask"
    return Group(
        f"version {summary['model_version']}: {answer}",
        "quality: " + ", ".join(f"{name} {value:.4f}" for name, value in summary["metrics"].items()),
        f"resources: {resources['created']} created, {resources['recorded']} recorded, "
        f"{resources['refused']} refused, {len(summary['replaced'])} replaced",
        f"platform {seconds(summary['setup_seconds'])}, data to prediction {seconds(summary['run_seconds'])}; "
        f"images ran on: {', '.join(summary['engines'])}",
        f"report {summary['report']}; the local cloud stays up until mdlc local down",
    )


def tell_of_features(summary: Mapping[str, Any]) -> "RenderableType":
    """Say what came of the feature store's demo."""
    metrics = summary["metrics"]
    return Group(
        f"{metrics['records']} records in, {metrics['late_records']} of them late; "
        f"{metrics['offline_events']} offline, {metrics['joined_rows']} orders joined as of their time",
        f"platform {seconds(summary['setup_seconds'])}, tables to training set {seconds(summary['run_seconds'])}",
        f"report {summary['report']}; the local cloud stays up until mdlc local down",
    )


Make = Callable[[Rehearsal, Path | None], Demo]
Tell = Callable[[Mapping[str, Any]], "RenderableType"]

DEMOS: Final[Mapping[str, tuple[Make, Tell]]] = {
    features.NAME: (features.Demo, tell_of_features),
    systems.FRAUD.name: (fraud.Demo, tell_of_model),
    systems.IMAGES.name: (images.Demo, images.told),
    systems.KNN.name: (knn.Demo, tell_of_model),
    census.NAME: (census.StepsDemo, census.told),
}
