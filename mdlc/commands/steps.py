"""mdlc steps: train with a system's state machine, follow a run, and ask which one is the best."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group

from mdlc import systems
from mdlc.client import steps
from mdlc.client.aws import Cloud
from mdlc.client.steps import Run
from mdlc.commands.options import Environment, ExecutionId, Json, SystemName, Timeout, connect
from mdlc.commands.pipeline import DAY, parse_parameters
from mdlc.errors import CommandError, InputError
from mdlc.output import Output, table
from mdlc.systems.training import SCRIPTS
from mdlc.systems.training import find as find_training

app = typer.Typer(name="steps", help="Training pipelines on Step Functions.", no_args_is_help=True)

Experiment = Annotated[str | None, typer.Option(help="Runs are compared within one; without it, the system's name.")]


@app.command()
def start(  # noqa: PLR0913, PLR0917 - what a run varies; typer calls it by name
    system: SystemName,
    environment: Environment = "dev",
    data: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Data version to run on; without it, the one published last.")
    ] = None,
    scripts: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help=f"Folder of {', '.join(SCRIPTS)}; without it, the system's.")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="An argument of prepare.py.")
    ] = None,
    hyperparameter: Annotated[
        list[str] | None, typer.Option("--hyperparameter", "-H", metavar="NAME=VALUE", help="A hyperparameter.")
    ] = None,
    experiment: Experiment = None,
    name: Annotated[str | None, typer.Option(help="Name of the run; without it, one is made up.")] = None,
    comment: Annotated[str, typer.Option(help="What the run is to find out.")] = "",
    *,
    as_json: Json = False,
) -> None:
    """Publish the scripts if they are new, and start a run."""
    output = Output(as_json)
    chosen = find_training(system)
    parameters = parse_parameters(parameter or [])
    hyperparameters = parse_parameters(hyperparameter or [])
    cloud = connect(environment)
    arn, given = steps.begin(
        cloud,
        chosen,
        environment,
        data=data,
        scripts=scripts,
        parameters=parameters,
        hyperparameters=hyperparameters,
        experiment=experiment,
        name=name,
        comment=comment,
    )
    run = arn.rpartition(":")[2]
    output.result(
        {"execution": arn, "execution_id": run, "input": given},
        f"{run} is started on data {given['DataVersion']} with scripts {given['ScriptVersion']}.",
    )


@app.command()
def status(
    system: SystemName, execution: ExecutionId = None, environment: Environment = "dev", *, as_json: Json = False
) -> None:
    """Show a run and its states."""
    output = Output(as_json)
    cloud, machine = _machine(system, environment)
    _show(output, steps.read(cloud.stepfunctions, steps.resolve(cloud.stepfunctions, machine, execution)))


@app.command()
def wait(
    system: SystemName,
    execution: ExecutionId = None,
    environment: Environment = "dev",
    timeout: Timeout = DAY,
    *,
    as_json: Json = False,
) -> None:
    """Wait for a run's end; fails when the run did."""
    output = Output(as_json)
    cloud, machine = _machine(system, environment)
    arn = steps.resolve(cloud.stepfunctions, machine, execution)
    with output.progress("waiting for the run") as say:
        run = steps.wait(
            cloud.stepfunctions,
            arn,
            timeout=timeout,
            interval=cloud.poll_seconds,
            watch=lambda found: say(found.progress),
        )
    _show(output, run)
    if run.status != steps.SUCCEEDED:
        output.note(f"mdlc: {run.id} {run.status.lower()}: {run.failure}")
        raise typer.Exit(CommandError.exit_code)


@app.command()
def stop(
    system: SystemName, execution: ExecutionId = None, environment: Environment = "dev", *, as_json: Json = False
) -> None:
    """Stop a run, and the job that it waits for."""
    output = Output(as_json)
    cloud, machine = _machine(system, environment)
    arn = steps.resolve(cloud.stepfunctions, machine, execution)
    if (run := steps.read(cloud.stepfunctions, arn)).status not in steps.RUNNING:
        raise InputError(f"{run.id} is {run.status}: there is nothing to stop.")
    cloud.stepfunctions.stop_execution(executionArn=arn, error="Stopped", cause="mdlc steps stop")
    output.result({"execution": arn, "execution_id": run.id}, f"{run.id} is stopped.")


@app.command()
def best(
    system: SystemName, experiment: Experiment = None, environment: Environment = "dev", *, as_json: Json = False
) -> None:
    """Show the best run of an experiment so far."""
    output = Output(as_json)
    chosen = find_training(system)
    cloud = connect(environment)
    found = steps.best(
        cloud, cloud.output(environment, chosen.stack, chosen.table_output), experiment or chosen.system.name
    )
    output.result(
        found,
        f"{found['execution_id']}: {found['metric']} {found['value']:.4f} from {found['training_job']} "
        f"(data {found['data_version']}, scripts {found['script_version']})",
    )


def _machine(system: str, environment: str) -> tuple[Cloud, str]:
    chosen = find_training(systems.find(system).name)
    cloud = connect(environment)
    return cloud, cloud.output(environment, chosen.stack, chosen.machine_output)


def _show(output: Output, run: Run) -> None:
    rows = [(state.name, "" if state.seconds is None else f"{state.seconds:.1f} s") for state in run.states]
    took = "" if run.seconds is None else f" after {run.seconds:.1f} s"
    lines: list[Any] = [f"{run.machine} {run.id}: {run.status}{took}", table(("state", "time"), rows)]
    if run.comparison:
        verdict = "the best so far" if run.comparison["is_best"] else "not the best"
        lines.append(f"{run.comparison['metric']} {run.comparison['value']:.4f}: {verdict} when it was compared")
    output.result(run.as_json(), Group(*lines))
