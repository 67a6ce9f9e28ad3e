"""mdlc quotas: what an environment needs of SageMaker's quotas, and what the account has."""

from pathlib import Path
from typing import Annotated

import typer

from mdlc import capacity
from mdlc.commands.cost import assemble
from mdlc.commands.options import EnvironmentArgument, Json, connect
from mdlc.cost import assembly
from mdlc.errors import CommandError
from mdlc.output import Output, table


def quotas(
    environment: EnvironmentArgument,
    templates: Annotated[
        Path | None,
        typer.Option("--assembly", metavar="FOLDER", exists=True, help="A cdk.out; without it, one is synthesized."),
    ] = None,
    *,
    needs: Annotated[bool, typer.Option("--needs", help="What is needed alone: no account is asked.")] = False,
    as_json: Json = False,
) -> None:
    """List the quotas of instances that an environment needs; exit 1 when the account has less."""
    output = Output(as_json)
    wanted = capacity.needs(assembly.load(templates or assemble(output), environment))
    has = {} if needs else capacity.read_quotas(connect(environment))
    rows = [
        (need.quota, str(need.count), "" if needs else f"{has.get(need.quota, 0):g}", ", ".join(need.users))
        for need in wanted
    ]
    output.result(
        {
            "quotas": [
                {
                    "quota": need.quota,
                    "needed": need.count,
                    **({} if needs else {"account": has.get(need.quota, 0)}),
                    "users": list(need.users),
                }
                for need in wanted
            ]
        },
        table(("quota", "needed", "account", "for"), rows),
    )
    if short := [] if needs else [need for need in wanted if has.get(need.quota, 0) < need.count]:
        first = short[0]
        raise CommandError(
            f"The account has {has.get(first.quota, 0):g} of '{first.quota}' and {environment} needs {first.count}:"
            " request an increase in Service Quotas."
        )
