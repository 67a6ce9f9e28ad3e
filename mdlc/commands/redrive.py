"""mdlc redrive: put events that failed for good back to the functions that they were for."""

from typing import Annotated

import typer

from mdlc.client.dead_letters import find, put_back
from mdlc.commands.options import Environment, Json, Yes, connect_to_change
from mdlc.errors import CommandError
from mdlc.output import Output


def redrive(
    name: Annotated[
        str, typer.Argument(metavar="QUEUE|SYSTEM", help="A dead-letter queue, or a system, whose queues are meant.")
    ],
    environment: Environment = "dev",
    *,
    discard: Annotated[
        bool, typer.Option("--discard", help="Throw away what cannot be put back. That cannot be undone.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Start functions again with the events in dead-letter queues; exit 1 when some are left there.

    An event leaves its queue when Lambda has taken it, and comes back when the function fails at it again. Twice at
    once is safe: who is at work hides what it has from the other.
    """
    output = Output(as_json)
    cloud = connect_to_change(environment, output, yes=yes)
    done = []
    for letters in find(cloud, environment, name):
        with output.progress(f"{letters.name}: about {letters.waiting} wait") as say:
            done += list(put_back(cloud, environment, letters, discard=discard, say=say))
    left = [each for each in done if not each.went_back and not each.discarded]
    thrown = [each for each in done if each.discarded]
    back = len(done) - len(left) - len(thrown)
    lines = [f"{back} {'event was' if back == 1 else 'events were'} put back."]
    lines += [f"Thrown away: {each.reason}." for each in thrown]
    lines += [f"Left in {each.queue}: {each.reason}." for each in left]
    output.result({"letters": [each.as_json() for each in done]}, "\n".join(lines))
    if left:
        output.note(f"mdlc: {len(left)} of {len(done)} letters are left: mend what is named, or --discard them.")
        raise typer.Exit(CommandError.exit_code)
