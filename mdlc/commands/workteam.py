"""mdlc workteam: who labels, and in which teams."""

from typing import Annotated

import typer

from mdlc.client.workforce import Workforce
from mdlc.commands.options import Environment, Json, Yes, connect, connect_to_change
from mdlc.errors import InputError
from mdlc.output import Output, table

app = typer.Typer(name="workteam", help="People who label, and their teams.", no_args_is_help=True)

PersonName = Annotated[str, typer.Argument(metavar="NAME", help="The name that somebody signs in with.")]


@app.command("list")
def list_teams(environment: Environment = "dev", *, as_json: Json = False) -> None:
    """List the teams and who is in them."""
    output = Output(as_json)
    workforce = Workforce(environment, connect(environment))
    found = {team: dict(workforce.members(team)) for team in workforce.teams()}
    rows = [(team, *each) for team, people in found.items() for each in sorted(people.items()) or [("nobody yet", "")]]
    output.note(f"They work at {workforce.portal}")
    output.result({"portal": workforce.portal, "teams": found}, table(("team", "name", "state"), rows))


@app.command()
def invite(
    name: PersonName,
    team: Annotated[str, typer.Option("--team", "-t", help="Which team.")],
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Let somebody into a team; who is new gets a password to begin with, which is shown once."""
    output = Output(as_json)
    workforce = Workforce(environment, connect_to_change(environment, output, yes=yes))
    workforce.check(team)
    password = workforce.invite(name, team)
    said = f"{name} is in {team}, and works at {workforce.portal}"
    if password:
        said += f"\nTell {name} the password for the first time, which is good for three days: {password}"
    output.result(
        {"name": name, "team": team, "portal": workforce.portal, **({"password": password} if password else {})}, said
    )


@app.command()
def remove(
    name: PersonName,
    team: Annotated[
        str | None, typer.Option("--team", "-t", help="From which team; default: from all, and for good.")
    ] = None,
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take somebody out of a team, or their account away; their answers stay, under a name that says nothing."""
    output = Output(as_json)
    workforce = Workforce(environment, connect_to_change(environment, output, yes=yes))
    if not workforce.knows(name):
        raise InputError(f"There is nobody called {name!r}: mdlc workteam list -e {environment} shows who there is.")
    if team:
        workforce.check(team)
        workforce.leave(name, team)
    else:
        workforce.remove(name)
    output.result({"name": name, "team": team}, f"{name} is {f'no longer in {team}' if team else 'removed'}.")
