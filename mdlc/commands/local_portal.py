"""mdlc local portal: where people label in the local cloud, and somebody to sign in as."""

from typing import Final

import typer

from localcloud.console import execute_api_url
from localcloud.lifecycle import LocalCloud
from mdlc.client.aws import Cloud
from mdlc.client.workforce import Workforce
from mdlc.commands.options import Environment, Json
from mdlc.output import Output

NAME: Final = "somebody"


def add_to(app: typer.Typer) -> None:
    """Add the command to the group."""
    app.command()(portal)


def portal(environment: Environment = "dev", *, as_json: Json = False) -> None:
    """Print the address of the page of those who label, and let somebody in who is in every team and leads.

    Each time they get another password.
    """
    output, local = Output(as_json), LocalCloud()
    running = local.running()
    workforce = Workforce(environment, Cloud(local.environment(environment)))
    password, teams = workforce.let_in(NAME), workforce.teams()
    address = execute_api_url(workforce.portal, running.endpoint)
    output.result(
        {"portal": address, "name": NAME, "password": password, "teams": teams},
        f"{address}\nSign in as {NAME} with {password}: they are in {', '.join(teams)}.",
    )
