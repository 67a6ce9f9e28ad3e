"""mdlc doctor: what of an account would stop a deployment of an environment, or be left by it."""

from pathlib import Path
from typing import Annotated

import typer

from mdlc.checkup import findings
from mdlc.commands.cost import assemble
from mdlc.commands.options import EnvironmentArgument, Json, connect
from mdlc.cost import assembly
from mdlc.errors import CommandError
from mdlc.output import Output


def doctor(
    environment: EnvironmentArgument,
    templates: Annotated[
        Path | None,
        typer.Option("--assembly", metavar="FOLDER", exists=True, help="A cdk.out; without it, one is synthesized."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say what of the account stops an environment or would be left by it; exit 1 when something stops it."""
    output = Output(as_json)
    stacks = assembly.load(templates or assemble(output), environment)
    cloud = connect(environment)
    found = list(findings(stacks, cloud))
    lines = [f"{'✗' if each.stops else '·'} {each.about}: {each.text}" for each in found]
    output.result(
        {"findings": [{"about": each.about, "stops": each.stops, "text": each.text} for each in found]},
        "\n".join(lines) or f"Nothing in {cloud.place(environment)} is in the way.",
    )
    if stopping := [each for each in found if each.stops]:
        more = f" (and {len(stopping) - 1} more)" if len(stopping) > 1 else ""
        raise CommandError(f"The account is not ready for {environment}: {stopping[0].text}{more}")
