"""Arguments and options that several commands share."""

import math
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from localcloud.lifecycle import LocalCloud
from mdlc.client.aws import CHOOSES_A_CLOUD, Cloud
from mdlc.errors import InputError
from mdlc.output import Output
from mdlc.systems import SYSTEMS

_ENVIRONMENT: Final = re.compile(r"[a-z][a-z0-9]*")


def _environment(name: str) -> str:
    if not _ENVIRONMENT.fullmatch(name):
        raise InputError(f"{name!r} is no environment: give a name such as dev, staging or prod.")
    return name


def finite(number: float | None) -> float | None:
    """Return a number that is one; raise `InputError` for nan and inf, which ranges let through."""
    if number is not None and not math.isfinite(number):
        raise InputError(f"{number} is no amount: give a number.")
    return number


def label_attribute(name: str) -> str:
    """Return the name of labels; raise `InputError` for one that Ground Truth keeps for itself."""
    if name.endswith(("-metadata", "-ref")):
        raise InputError(f"{name!r} is no name for labels: leave out the ending, which Ground Truth keeps for itself.")
    return name


def _environments(names: list[str]) -> list[str]:
    return [_environment(name) for name in names]


Environments = Annotated[
    list[str],
    typer.Argument(metavar="ENVIRONMENT...", callback=_environments, help="Such as dev, or dev staging prod."),
]
EnvironmentArgument = Annotated[str, typer.Argument(metavar="ENVIRONMENT", callback=_environment, help="Such as dev.")]
Environment = Annotated[
    str,
    typer.Option("--environment", "-e", callback=_environment, help="Environment: its stacks' names begin with it."),
]
LabelAttribute = Annotated[
    str, typer.Option("--attribute", "-a", callback=label_attribute, help="What the labels are called.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
SystemName = Annotated[str, typer.Argument(metavar="SYSTEM", help=f"Which system: {', '.join(sorted(SYSTEMS))}.")]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="A folder.")]
NewFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder, which may be new.")]
Seed = Annotated[int, typer.Option(min=0, help="Equal seeds give equal data.")]
Rows = Annotated[int | None, typer.Option(max=1_000_000, help="Records in each file; without it, as many as usual.")]
ExecutionId = Annotated[
    str | None, typer.Argument(metavar="EXECUTION", help="Its id or ARN; without it, the one started last.")
]
Timeout = Annotated[float, typer.Option(min=0, callback=finite, help="Seconds to wait at most.")]
Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Version in the model package group.")]


Yes = Annotated[bool, typer.Option("--yes", "-y", help="Change AWS without asking, where no local cloud is up here.")]


def connect_to_change(environment: str, output: Output, *, yes: bool) -> Cloud:
    """Return the cloud that `connect` does, after saying which one it is that will be changed.

    Where it is AWS only because no local cloud is up in this folder, somebody has to agree: raise `InputError` when
    nobody does.
    """
    cloud = connect(environment)
    output.note(f"→ {cloud.place(environment)}")
    if not yes and cloud.endpoint is None and _nobody_chose():
        problem = f"No local cloud is up in this folder, so this would change {cloud.place(environment)}"
        if not sys.stdin.isatty():
            raise InputError(f"{problem}: mdlc local up starts one, AWS_PROFILE chooses an account, --yes agrees.")
        if not typer.confirm(f"{problem}. Go on?", err=True):
            raise InputError("Nothing was changed.")
    return cloud


def connect(environment: str) -> Cloud:
    """Return the cloud that AWS_* variables choose, else the local cloud of this folder if it is up, else AWS.

    In the local cloud, it is the account that `environment` is deployed to.
    """
    if _nobody_chose():
        local = LocalCloud()
        if local.status() is not None:
            return Cloud(local.environment(environment))
    return Cloud()


def _nobody_chose() -> bool:
    """Return whether no variable says which cloud is meant."""
    return CHOOSES_A_CLOUD.isdisjoint(name for name, value in os.environ.items() if value)
