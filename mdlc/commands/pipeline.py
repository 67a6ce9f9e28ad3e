"""mdlc pipeline: start what trains a system, a SageMaker pipeline or a Step Functions state machine, and follow it."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group

from mdlc import systems
from mdlc.client import training
from mdlc.client.deployed import Deployed
from mdlc.client.executions import Execution
from mdlc.client.steps import Run
from mdlc.client.training import Request, Trainer, identifier
from mdlc.commands.options import (
    Environment,
    ExecutionId,
    Json,
    SystemName,
    Timeout,
    Yes,
    connect,
    connect_to_change,
)
from mdlc.errors import CommandError, InputError
from mdlc.output import Output, plain, table
from mdlc.systems import SCRIPTS

app = typer.Typer(name="pipeline", help="What trains a system: pipelines and state machines.", no_args_is_help=True)

DAY = 86_400


@app.command()
def start(  # noqa: PLR0913, PLR0917 - what a run varies; typer calls it by name
    system: SystemName,
    environment: Environment = "dev",
    data: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Data version to run on; without it, the one published last.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Of the pipeline, or of prepare.py."),
    ] = None,
    hyperparameter: Annotated[
        list[str] | None,
        typer.Option("--hyperparameter", "-H", metavar="NAME=VALUE", help="State machines: a hyperparameter."),
    ] = None,
    scripts: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help=f"State machines: folder of {', '.join(SCRIPTS)}; without it, the system's own.",
        ),
    ] = None,
    experiment: Annotated[
        str | None,
        typer.Option(help="State machines: runs are compared within one; without it, the system's name."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="State machines: name of the run; without it, one is made up.")
    ] = None,
    comment: Annotated[str, typer.Option(help="State machines: what the run is to find out.")] = "",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Start training a system on a data version."""
    output = Output(as_json)
    request = Request(
        data=data,
        parameters=parse_parameters(parameter or []),
        hyperparameters=parse_parameters(hyperparameter or []),
        scripts=scripts,
        experiment=experiment,
        name=name,
        comment=comment,
    )
    chosen = systems.find(system)
    trainer = training.find(Deployed(connect_to_change(environment, output, yes=yes), chosen, environment))
    started = trainer.start(request)
    output.result(started.as_json(), f"{started.id} {started.summary}.")


@app.command("list")
def list_executions(
    system: SystemName,
    environment: Environment = "dev",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Show the newest of them.")] = 20,
    *,
    as_json: Json = False,
) -> None:
    """List the executions, the newest first."""
    output = Output(as_json)
    found = list(islice(locate(system, environment).executions(), limit))
    rows = [(each.id, each.status, f"{each.started:%Y-%m-%d %H:%M:%S %Z}") for each in found]
    output.result(
        {"system": system, "executions": [each.as_json() for each in found]},
        table(("execution", "status", "started"), rows) if rows else f"{system} was never trained here.",
    )


@app.command()
def status(
    system: SystemName, execution: ExecutionId = None, environment: Environment = "dev", *, as_json: Json = False
) -> None:
    """Show an execution and its steps, and why it failed."""
    output = Output(as_json)
    trainer = locate(system, environment)
    _show(output, trainer.read(trainer.resolve(execution)))


@app.command()
def wait(
    system: SystemName,
    execution: ExecutionId = None,
    environment: Environment = "dev",
    timeout: Timeout = DAY,
    *,
    as_json: Json = False,
) -> None:
    """Wait for an execution's end; fails when the execution did."""
    output = Output(as_json)
    trainer = locate(system, environment)
    arn = trainer.resolve(execution)
    try:
        with output.progress(f"waiting for {system}") as say:
            found = trainer.wait(arn, timeout, say)
    except KeyboardInterrupt:
        output.note(f"{identifier(arn)} goes on by itself: mdlc pipeline stop {system} -e {environment} ends it.")
        raise
    _show(output, found)
    if not found.succeeded:
        output.note(f"mdlc: {found.source} {found.status.lower()}: {found.failure}")
        raise typer.Exit(CommandError.exit_code)


@app.command()
def stop(
    system: SystemName,
    execution: ExecutionId = None,
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Stop an execution, and the jobs that it waits for."""
    output = Output(as_json)
    chosen = systems.find(system)
    trainer = training.find(Deployed(connect_to_change(environment, output, yes=yes), chosen, environment))
    arn = trainer.resolve(execution)
    trainer.stop(arn)
    number = identifier(arn)
    output.result({"execution": arn, "execution_id": number}, f"{number} is being stopped.")


def parse_parameters(given: Sequence[str]) -> dict[str, str]:
    """Return `NAME=VALUE` arguments as a mapping; raise `InputError` for one of another form or given twice."""
    parsed: dict[str, str] = {}
    for argument in given:
        name, equals, value = argument.partition("=")
        if not name or not equals:
            raise InputError(f"{argument!r} is no parameter: write NAME=VALUE.")
        if name in parsed:
            raise InputError(f"The parameter {name} is given twice.")
        parsed[name] = value
    return parsed


def locate(system: str, environment: str) -> Trainer:
    """Return what trains a system in an environment of the cloud that is meant; see `training.find`."""
    return training.find(Deployed(connect(environment), systems.find(system), environment))


def _show(output: Output, found: Execution | Run) -> None:
    rows = [
        (stage.name, stage.status, "" if stage.seconds is None else f"{stage.seconds:.1f} s", stage.reason)
        for stage in found.stages
    ]
    took = "" if found.seconds is None else f" after {found.seconds:.1f} s"
    output.result(
        found.as_json(),
        Group(
            plain(f"{found.source} {found.id}: {found.status}{took}"),
            table(("step", "status", "time", "reason"), rows),
            *map(plain, found.remarks),
        ),
    )
