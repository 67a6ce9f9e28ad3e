"""mdlc demo: a system from data to predictions on this machine."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Protocol

import typer

from mdlc import systems
from mdlc.commands.options import Environment, Json
from mdlc.demos import census, features, images, knn, labels, scripted, tabular
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import InputError
from mdlc.output import Output
from mdlc.report.summary import Summary


class Demo(Protocol):
    """One run of a system, from data to its result."""

    def run(self) -> Summary:
        """Run the demo and return the summary; raise `CommandError` at the first step that fails."""


Make = Callable[[Rehearsal, Path | None], Demo]

OWN: Final = {name: system for name, system in systems.SYSTEMS.items() if system.generate is None}
"""Systems that a team declared: no data are made for them."""
DEMOS: Final[Mapping[str, Make]] = {
    features.NAME: features.Demo,
    labels.NAME: labels.Demo,
    systems.FRAUD.name: tabular.Demo,
    systems.IMAGES.name: images.Demo,
    systems.KNN.name: knn.Demo,
    census.NAME: census.StepsDemo,
    **{name: partial(scripted.Demo if found.scripts else tabular.Demo, system=found) for name, found in OWN.items()},
}
ALSO_CALLED: Final = {systems.CENSUS.name: census.NAME}


def demo(
    name: Annotated[
        str, typer.Argument(metavar="SYSTEM", help=f"Which one: {', '.join(sorted(DEMOS))}.", show_default=False)
    ] = "",
    data: Annotated[
        Path | None,
        typer.Option(metavar="PATH", exists=True, help="A data set of your own; without it, a generated one."),
    ] = None,
    environment: Environment = "dev",
    folder: Annotated[
        Path | None, typer.Option("--output", metavar="FOLDER", help="Where to; without it, build/demo/SYSTEM.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Start the local cloud, deploy, publish data, train, approve, roll out, predict over HTTP, and report.

    It leaves the local cloud up. Run again, it only updates what is deployed, and trains and registers once more.
    """
    names = ", ".join(sorted(DEMOS))
    if not name:
        raise InputError(f"Say which demo: mdlc demo takes one of {names}.")
    chosen = ALSO_CALLED.get(name, name)
    if chosen not in DEMOS:
        raise InputError(f"There is no demo {name!r}: mdlc has {names}.")
    output = Output(as_json)
    summary = DEMOS[chosen](Rehearsal(environment, folder or Path("build/demo") / chosen, output), data).run()
    output.result(summary.as_json(), summary.as_text())
