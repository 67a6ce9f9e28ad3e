"""mdlc cost: what environments cost, from their templates and a dated price table."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Group

from mdlc.commands.options import Environments, Json, finite
from mdlc.cost import assembly, prices
from mdlc.cost.document import as_json as document
from mdlc.cost.estimate import Estimate, Traffic
from mdlc.cost.findings import usd
from mdlc.cost.text import as_text, comparison
from mdlc.demos.assembly import synthesize
from mdlc.errors import CommandError, InputError
from mdlc.output import Output

FOLDER: Final = Path("build/cost")


def cost(  # noqa: PLR0913, PLR0917 - what is priced and how; typer calls it by name
    environments: Environments,
    limit: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="USD", callback=finite, help="Fail when one idles above it, or by an unknown amount."
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Price as in this region; without it, in the environment's.")
    ] = None,
    milliseconds: Annotated[
        float, typer.Option(min=1, callback=finite, help="Time that a prediction bills of the function.")
    ] = 50,
    kilobytes: Annotated[
        float, typer.Option(min=0, callback=finite, help="Size of a prediction's request and answer.")
    ] = 1,
    templates: Annotated[
        Path | None,
        typer.Option("--assembly", metavar="FOLDER", exists=True, help="A cdk.out; without it, one is synthesized."),
    ] = None,
    table: Annotated[
        Path, typer.Option("--prices", metavar="FILE", exists=True, help="A table of other prices.")
    ] = prices.PRICES,
    *,
    as_json: Json = False,
) -> None:
    """Price environments from their templates: idle a month, per 1,000 predictions, per hour of each job."""
    output = Output(as_json)
    if repeated := {name for name in environments if environments.count(name) > 1}:
        raise InputError(f"{min(repeated)} is given twice: name every environment once.")
    known = prices.read(table)
    traffic = Traffic(Decimal(str(milliseconds)), Decimal(str(kilobytes)))
    folder = templates or assemble(output)
    estimates = [Estimate(assembly.load(folder, name), known, region=region, traffic=traffic) for name in environments]
    shown = [as_text(estimates[0])] if len(estimates) == 1 else [comparison(estimates)]
    output.result(
        {
            "prices_of": known.newest.isoformat(),
            "environments": [document(estimate) for estimate in estimates],
        },
        Group(*shown, f"USD list prices as of {known.newest} or before, without tax and free tiers."),
    )
    if limit is not None:
        _check_limit(estimates, Decimal(str(limit)))


def assemble(output: Output) -> Path:
    """Synthesize the templates of every environment, unless they are there, and return their folder."""
    folder = FOLDER.absolute() / "cdk.out"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with output.progress("synthesizing the templates"):
        synthesize(folder, folder.parent / "synth.log", sandbox=True)
    return folder


def _check_limit(estimates: list[Estimate], limit: Decimal) -> None:
    """Raise `CommandError` for the first environment that idles above the limit, or whose amount is not known."""
    for estimate in estimates:
        if estimate.unknown:
            line = estimate.unknown[0]
            raise CommandError(
                f"{estimate.environment} has items without a price, such as {line.item} ({line.stack}/{line.resource}):"
                " add them to the price table."
            )
        if estimate.idle_usd > limit:
            raise CommandError(
                f"{estimate.environment} idles at {usd(estimate.idle_usd)} USD a month: the limit is {usd(limit)}."
            )
