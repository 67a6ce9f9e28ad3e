"""mdlc runs: what was trained, which run is the best, and what changed between runs."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from experiments.run import Tag
from mdlc import systems
from mdlc.client.artifacts import read_used
from mdlc.client.aws import Cloud
from mdlc.client.deployed import RUNS_TABLE, Deployed
from mdlc.client.experiments import APP, Recorded, Runs, compare, describe_choices
from mdlc.client.experiments import app as tracking_app
from mdlc.client.training import Machine
from mdlc.commands.options import Environment, Json, connect
from mdlc.errors import InputError
from mdlc.output import Output, table
from mdlc.report import comparison

app = typer.Typer(name="runs", help="Experiments: recorded runs of every system.", no_args_is_help=True)
VERSION_SHOWN: Final = 8

SystemName = Annotated[
    str, typer.Argument(metavar="SYSTEM", help="Which system, such as census; jobs for training jobs of none.")
]
Experiment = Annotated[str | None, typer.Option(help="Only runs of this experiment; runs are compared within one.")]


@app.command("list")
def list_runs(
    system: SystemName,
    experiment: Experiment = None,
    limit: Annotated[int, typer.Option(min=1, help="Runs at most, the newest first.")] = 20,
    environment: Environment = "dev",
    *,
    as_json: Json = False,
) -> None:
    """List runs, the newest first."""
    output = Output(as_json)
    runs = Runs(connect(environment), environment, system)
    found = runs.newest(experiment, limit)
    shown = table(_columns(runs), _rows(runs, found))
    shown.columns[0].min_width = max((len(each.run.name) for each in found), default=0)  # never cut: it is asked for
    output.result({"runs": [each.as_json() for each in found]}, shown)


@app.command()
def best(  # noqa: PLR0913 - an option each
    system: SystemName,
    metric: Annotated[str | None, typer.Option(help="Which figure decides; without it, the system's own.")] = None,
    experiment: Experiment = None,
    environment: Environment = "dev",
    *,
    lowest: Annotated[bool, typer.Option("--lowest", help="The lowest value is the best, as of a loss.")] = False,
    as_json: Json = False,
) -> None:
    """Show the best run of an experiment.

    Of a system that a state machine trains it is the one that the machine decided for, which is what it registered.
    """
    output = Output(as_json)
    cloud = connect(environment)
    if metric is None and not lowest and (machine := _machine(cloud, system, environment)):
        shown = _best_of(machine, experiment or system)
        text = (
            f"{shown['name']} of {shown['experiment']}: {shown['metric']} {shown['value']:.4f} "
            f"(data {shown['data_version']}, scripts {shown['script_version']})"
        )
    else:
        runs = Runs(cloud, environment, system)
        found, name = runs.best(metric, experiment, lowest=lowest), metric or runs.metric
        shown = {"metric": name, "value": found.run.metrics[name], **found.as_json()}
        text = f"{found.run.name} of {found.experiment}: {name} {found.run.metrics[name]:.4f}"
    output.result(shown, text)


def _machine(cloud: Cloud, system: str, environment: str) -> Machine | None:
    """Return the state machine that trains a system, where one does."""
    if system not in systems.SYSTEMS:
        return None
    deployed = Deployed(cloud, systems.find(system), environment)
    return Machine(deployed) if deployed.find(RUNS_TABLE) else None


def _best_of(machine: Machine, experiment: str) -> dict[str, Any]:
    """Return what a machine decided to be the best; raise `InputError` naming the experiments that there are."""
    deployed = machine.deployed
    try:
        return machine.best(experiment.rpartition("/")[2])
    except InputError as error:
        if deployed.cloud.find_output(deployed.environment, APP) is None:
            raise
        names = Runs(deployed.cloud, deployed.environment, deployed.system.name).names()
        raise InputError(f"{str(error).rstrip('.')}: {describe_choices(names)}.") from None


@app.command("compare")
def compare_runs(
    system: SystemName,
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names or ids, two or more.")],
    page: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="The page; without it, build/runs/SYSTEM/comparison.html."),
    ] = None,
    environment: Environment = "dev",
    *,
    as_json: Json = False,
) -> None:
    """Say what changed between runs, and write a page with their curves, matrices and mistakes."""
    output = Output(as_json)
    if len(set(runs)) != len(runs) or len(runs) < 2:  # noqa: PLR2004 - a comparison
        raise InputError("Name two different runs or more: mdlc runs list shows them.")
    cloud = connect(environment)
    recorded = Runs(cloud, environment, system)
    found = [recorded.find(each) for each in runs]
    if len({each.run.id for each in found}) != len(found):
        raise InputError("Name two different runs or more: two of these are the same.")
    with output.progress("reading the runs"):
        changes = compare(found, [read_used(cloud, each.tag(Tag.MODEL)) for each in found])
        written = comparison.write(
            comparison.read(cloud, recorded, found, changes),
            page or Path("build/runs") / system / "comparison.html",
        )
    value = {
        "page": str(written),
        "runs": [each.as_json() for each in found],
        "changed": {
            **{change.name: list(change.values) for change in changes.origins},
            "parameters": {change.name: list(change.values) for change in changes.parameters},
        },
        "defaults": {change.name: list(change.defaults) for change in changes.parameters if any(change.defaults)},
    }
    rows = [[change.name, *(value or "not recorded" for value in change.values)] for change in changes.origins]
    rows += [[change.name, *comparison.texts_of(change)] for change in changes.parameters]
    rows += [[name, *_figures(found, name)] for name in comparison.metric_names(found)]
    output.result(value, table(["", *(each.run.name for each in found)], rows))
    output.note(f"The page is {written}.")


@app.command()
def env(environment: Environment = "dev", *, as_json: Json = False) -> None:
    """Print the variables that lead MLflow's own client to the runs, for a shell's eval."""
    variables = client_variables(connect(environment), environment)
    if as_json:
        Output(as_json).result(variables, "")
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def client_variables(cloud: Cloud, environment: str) -> dict[str, str]:
    """Return what MLflow's client reads.

    On AWS it is the app's ARN, which the client's plug-in sagemaker-mlflow takes for a tracking URI. The local cloud
    needs no plug-in; where one is there, `MLFLOW_TRACKING_URI` may be the ARN too.
    """
    arn = tracking_app(cloud, environment)
    if cloud.endpoint is None:
        return {"MLFLOW_TRACKING_URI": arn}
    region, app = arn.split(":")[3], arn.rpartition("/")[2]
    credentials = cloud.session.get_credentials()
    return {
        **cloud.variables,
        "MLFLOW_TRACKING_URI": f"{cloud.endpoint.rstrip('/')}/_mdlc/mlflow/{region}/{app}",
        "MLFLOW_TRACKING_USERNAME": credentials.access_key if credentials else "",
        "MLFLOW_TRACKING_PASSWORD": credentials.secret_key if credentials else "",
        "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT": cloud.endpoint,
    }


def _columns(runs: Runs) -> Sequence[str]:
    return ("run", "status", *filter(None, [runs.metric]), "best of", "experiment", "data", "code", "comment")


def _rows(runs: Runs, found: Sequence[Recorded]) -> list[list[str]]:
    rows: list[list[str]] = []
    for each in found:
        shown: dict[str, Any] = each.as_json()
        figures = _figures([each], runs.metric) if runs.metric else []
        rows.append(
            [
                shown["name"],
                shown["status"].lower(),
                *figures,
                "yes" if each.is_best else "",
                shown["experiment"],
                shown["data_version"][:VERSION_SHOWN],
                shown["code_version"][:VERSION_SHOWN],
                shown["comment"],
            ]
        )
    return rows


def _figures(runs: Sequence[Recorded], metric: str) -> list[str]:
    return [f"{each.run.metrics[metric]:.4f}" if metric in each.run.metrics else "-" for each in runs]
