"""mdlc pipeline: start a system's pipeline and follow it."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Group

from mdlc import systems
from mdlc.client import executions
from mdlc.client.aws import Cloud
from mdlc.client.executions import Execution
from mdlc.commands.options import Environment, ExecutionId, Json, SystemName, Timeout, connect
from mdlc.errors import CommandError, InputError
from mdlc.output import Output, table
from mdlc.systems import System

app = typer.Typer(name="pipeline", help="Pipelines.", no_args_is_help=True)

DAY = 86_400


@app.command()
def start(
    system: SystemName,
    environment: Environment = "dev",
    data: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Data version to run on; without it, the one published last.")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A pipeline parameter.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Start the pipeline of a system on a data version."""
    output = Output(as_json)
    chosen = systems.find(system)
    given = parse_parameters(parameter or [])
    cloud = connect(environment)
    arn, used = executions.begin(cloud, chosen, environment, data, given)
    output.result(
        {"execution": arn, "execution_id": arn.rsplit("/", 1)[-1], "parameters": used},
        f"{arn.rsplit('/', 1)[-1]} is started on {used[chosen.data_parameter]}.",
    )


@app.command()
def status(
    system: SystemName, execution: ExecutionId = None, environment: Environment = "dev", *, as_json: Json = False
) -> None:
    """Show an execution and its steps."""
    output = Output(as_json)
    cloud = connect(environment)
    found = executions.read(cloud.sagemaker, locate(cloud, systems.find(system), environment, execution))
    _show(output, found)


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
    cloud = connect(environment)
    arn = locate(cloud, systems.find(system), environment, execution)
    found = follow(output, cloud, arn, timeout)
    _show(output, found)
    if found.status != executions.SUCCEEDED:
        output.note(f"mdlc: {found.pipeline} {found.status.lower()}: {found.failure}")
        raise typer.Exit(CommandError.exit_code)


@app.command()
def stop(
    system: SystemName, execution: ExecutionId = None, environment: Environment = "dev", *, as_json: Json = False
) -> None:
    """Stop an execution, and the jobs that its steps wait for."""
    output = Output(as_json)
    cloud = connect(environment)
    arn = locate(cloud, systems.find(system), environment, execution)
    executions.stop(cloud.sagemaker, arn)
    number = arn.rsplit("/", 1)[-1]
    output.result({"execution": arn, "execution_id": number}, f"{number} is being stopped.")


def parse_parameters(given: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` arguments as a mapping; raise `InputError` for one of another form or given twice."""
    parsed: dict[str, str] = {}
    for argument in given:
        name, equals, value = argument.partition("=")
        if not name or not equals:
            raise InputError(f"{argument!r} is no parameter: write NAME=VALUE.")
        if name in parsed:
            raise InputError(f"The parameter {name} is given twice.")
        parsed[name] = value
    return parsed


def locate(cloud: Cloud, system: System, environment: str, execution: str | None) -> str:
    """ARN of an execution of a system's pipeline; see `executions.resolve`."""
    return executions.resolve(
        cloud.sagemaker, cloud.output(environment, system.training_stack, system.pipeline_output), execution
    )


def follow(output: Output, cloud: Cloud, arn: str, timeout: float) -> Execution:
    """Wait for an execution's end, showing which steps run."""
    with output.progress("waiting for the pipeline") as say:
        return executions.wait(
            cloud.sagemaker,
            arn,
            timeout=timeout,
            interval=cloud.poll_seconds,
            watch=lambda found: say(found.progress),
        )


def _show(output: Output, found: Execution) -> None:
    rows = [
        (step.name, step.status, "" if step.seconds is None else f"{step.seconds:.1f} s", step.reason)
        for step in found.steps
    ]
    took = "" if found.seconds is None else f" after {found.seconds:.1f} s"
    output.result(
        found.as_json(),
        Group(f"{found.pipeline} {found.id}: {found.status}{took}", table(("step", "status", "time", "reason"), rows)),
    )
