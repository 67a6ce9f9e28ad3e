"""mdlc logs: what a job, an endpoint or a function wrote, and why it failed."""

from typing import Annotated

import typer

from mdlc.client.logs import Event, find
from mdlc.commands.options import Environment, Json, connect
from mdlc.errors import InputError
from mdlc.output import Output, plain


def logs(
    name: Annotated[
        str,
        typer.Argument(
            metavar="JOB|ENDPOINT|FUNCTION", help="Its name; of a function, a part of its name or logical id will do."
        ),
    ],
    environment: Environment = "dev",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 100,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until a job ends.")] = False,
    as_json: Json = False,
) -> None:
    """Print the last lines of a log, and the reason where the job, endpoint or function failed."""
    output = Output(as_json)
    if follow and as_json:
        raise InputError("--follow has no end to print JSON at: leave out one of --follow and --json.")
    source = find(connect(environment), environment, name, output.note)
    last = source.last(lines)
    problems = [event.problem for event in last if event.problem]
    reason = source.reason or (problems[-1] if source.kind == "function" and problems else "")
    if as_json:
        output.result(
            {
                "name": source.name,
                "kind": source.kind,
                "status": source.status or None,
                "reason": reason or None,
                "log_group": source.group,
                "lines": [event.as_json() for event in last],
            },
            "",
        )
        return
    status = f" is {source.status}" if source.status else ""
    output.note(f"The {source.kind} {source.name}{status}; its log is {source.group}.")
    for event in last:
        _print(event)
    if follow:
        for event in source.follow(last):
            _print(event)
    elif not last:
        output.note("It has written nothing.")
    if reason:
        output.note(f"reason: {reason}")


def _print(event: Event) -> None:
    typer.echo(f"{event.moment:%Y-%m-%d %H:%M:%S}  {plain(event.message)}")
