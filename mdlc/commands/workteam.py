"""mdlc workteam: who labels, and in which teams."""

import secrets
import string
from collections.abc import Iterator
from typing import Annotated, Any, Final

import typer
from botocore.exceptions import ClientError

from mdlc.client.aws import Cloud
from mdlc.commands.options import Environment, Json, Yes, connect, connect_to_change
from mdlc.errors import InputError
from mdlc.output import Output, table

app = typer.Typer(name="workteam", help="People who label, and their teams.", no_args_is_help=True)

POOL: Final = "LabelingUserPoolId"
PORTAL: Final = "LabelingPortalUrl"
LETTERS: Final = 20
PersonName = Annotated[str, typer.Argument(metavar="NAME", help="The name that somebody signs in with.")]


class Workforce:
    """The people of an environment."""

    def __init__(self, environment: str, cloud: Cloud) -> None:
        self.pool = cloud.output(environment, POOL, "workforce")
        self.portal = cloud.output(environment, PORTAL, "labeling portal")
        self.cognito: Any = cloud.session.client("cognito-idp", endpoint_url=cloud.endpoint)

    def teams(self) -> list[str]:
        """Return the names of the teams, and of the group of those who lead."""
        pages = self.cognito.get_paginator("list_groups").paginate(UserPoolId=self.pool)
        return sorted(group["GroupName"] for page in pages for group in page["Groups"])

    def members(self, team: str) -> Iterator[tuple[str, str]]:
        """Yield name and state of everybody in a team."""
        pages = self.cognito.get_paginator("list_users_in_group").paginate(UserPoolId=self.pool, GroupName=team)
        for page in pages:
            for user in page["Users"]:
                yield user["Username"], "invited" if user["UserStatus"] == "FORCE_CHANGE_PASSWORD" else "works"

    def check(self, team: str) -> None:
        """Refuse a team that there is not."""
        if team not in (known := self.teams()):
            raise InputError(
                f"There is no team {team!r}: there is {', '.join(known)}. Teams are those of Labeling(workteams=...)."
            )

    def knows(self, name: str) -> bool:
        """Return whether somebody is in the pool."""
        try:
            self.cognito.admin_get_user(UserPoolId=self.pool, Username=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "UserNotFoundException":
                raise
            return False
        return True


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
    password = ""
    if not workforce.knows(name):
        password = new_password()
        workforce.cognito.admin_create_user(
            UserPoolId=workforce.pool, Username=name, TemporaryPassword=password, MessageAction="SUPPRESS"
        )
    workforce.cognito.admin_add_user_to_group(UserPoolId=workforce.pool, Username=name, GroupName=team)
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
        workforce.cognito.admin_remove_user_from_group(UserPoolId=workforce.pool, Username=name, GroupName=team)
    else:
        workforce.cognito.admin_delete_user(UserPoolId=workforce.pool, Username=name)
    output.result({"name": name, "team": team}, f"{name} is {f'no longer in {team}' if team else 'removed'}.")


def new_password() -> str:
    """Return a password with something of each kind that the pool asks for."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.!+")
    letters = [secrets.choice(kind) for kind in kinds]
    letters += [secrets.choice("".join(kinds)) for _ in range(LETTERS - len(kinds))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)
