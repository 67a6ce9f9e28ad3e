"""mdlc notices: what people were told of an environment, and what is still wrong."""

from typing import Annotated

import typer
from rich.console import Group

from mdlc.client.notices import recent, still_open
from mdlc.commands.options import Environment, Json, connect
from mdlc.output import Output, plain, table


def notices(
    environment: Environment = "dev",
    limit: Annotated[int, typer.Option(min=1, help="Show the newest of them.")] = 20,
    *,
    bodies: Annotated[bool, typer.Option("--bodies", "-b", help="Print each message as it was sent.")] = False,
    as_json: Json = False,
) -> None:
    """List the notices of the last 90 days, the newest first, after what is wrong now."""
    output = Output(as_json)
    cloud = connect(environment)
    told, wrong = recent(cloud, environment, limit), still_open(cloud, environment)
    now = [f"now: {each.what}\n     {each.command}" for each in wrong]
    rows = [(each.time, each.state, each.subject) for each in told]
    listed = [plain(f"\n{each.time}  {each.subject}\n{each.body}") for each in told]
    shown = listed if bodies else [table(("time", "state", "notice"), rows)] if rows else ["Nobody was told anything."]
    output.result(
        {"open": [each.as_json() for each in wrong], "notices": [each.as_json() for each in told]},
        Group(*map(plain, now), *shown),
    )
