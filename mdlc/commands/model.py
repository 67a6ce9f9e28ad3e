"""mdlc model: versions of a model, the decision on each, and its roll-out."""

from typing import Annotated

import typer

from mdlc import systems
from mdlc.client import registry
from mdlc.client.deployed import ENDPOINT, MODEL_GROUP, Deployed
from mdlc.client.registry import NOT_DEPLOYED, SERVING
from mdlc.commands.options import Environment, Json, SystemName, Timeout, Version, Yes, connect, connect_to_change
from mdlc.errors import CommandError
from mdlc.output import Output, table

app = typer.Typer(name="model", help="Models.", no_args_is_help=True)

HOUR = 3600

Comment = Annotated[str | None, typer.Option(help="Why; kept with the version.")]


@app.command("list")
def list_versions(
    system: SystemName,
    environment: Environment = "dev",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Show the newest of them.")] = 20,
    *,
    as_json: Json = False,
) -> None:
    """Show a model's versions, newest first: approval, metrics and roll-out."""
    output = Output(as_json)
    chosen = systems.find(system)
    cloud = connect(environment)
    deployed = Deployed(cloud, chosen, environment)
    group, endpoint = deployed.need(MODEL_GROUP), deployed.find(ENDPOINT)
    with output.progress(f"reading {group}"):
        found = registry.versions(cloud, group, endpoint, limit)
        status = registry.endpoint_status(cloud.sagemaker, endpoint) if endpoint else NOT_DEPLOYED
    rows = [
        (
            str(version.version),
            version.approval,
            f"{version.metrics[chosen.metric]:.4f}" if chosen.metric in version.metrics else "",
            version.rollout.state,
            version.rollout.reason,
        )
        for version in found
    ]
    output.result(
        {
            "group": group,
            "endpoint": endpoint,
            "endpoint_status": status,
            "versions": [version.as_json() for version in found],
        },
        table(("version", "approval", chosen.metric, "roll-out", "reason"), rows)
        if rows
        else f"{group} has no version.",
    )


@app.command()
def show(system: SystemName, version: Version, environment: Environment = "dev", *, as_json: Json = False) -> None:
    """Show all that is known of a version: where it came from, how good it is, who decided what, and its roll-out."""
    output = Output(as_json)
    shown = registry.show(Deployed(connect(environment), systems.find(system), environment), version)
    output.result(shown, "\n".join(f"{name.replace('_', ' '):<16} {_as_text(value)}" for name, value in shown.items()))


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        said = ((name, f"{each:.4f}" if isinstance(each, float) else str(each)) for name, each in value.items())
        return f"\n{'':<17}".join(f"{name} {each}" for name, each in said) or "-"
    return "-" if value is None else str(value)


@app.command()
def approve(  # noqa: PLR0913 - an option each
    system: SystemName,
    version: Version,
    environment: Environment = "dev",
    comment: Comment = None,
    timeout: Timeout = HOUR,
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it serves; fails when it was rolled back.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Approve a version: it is rolled out to the endpoint, where the environment has one."""
    output = Output(as_json)
    chosen = systems.find(system)
    cloud = connect_to_change(environment, output, yes=yes)
    try:
        with output.progress(f"approving version {version}") as say:
            arn, rollout = registry.approve(
                Deployed(cloud, chosen, environment),
                version,
                comment=comment,
                timeout=timeout if wait else None,
                say=say,
            )
    except KeyboardInterrupt:
        output.note(f"What was approved is rolled out by itself: mdlc model list {system} -e {environment} shows it.")
        raise
    output.result(
        {
            "version": version,
            "model_package": arn,
            "approval": "Approved",
            "rollout": rollout.state,
            "reason": rollout.reason or None,
            "endpoint_config": rollout.endpoint_config or None,
        },
        f"Version {version} is approved{f' and {rollout.state}' if rollout.state != NOT_DEPLOYED else ''}.",
    )
    if wait and rollout.state != SERVING:
        output.note(f"mdlc: version {version} was {rollout.state.replace('-', ' ')}: {rollout.reason or 'no reason'}")
        raise typer.Exit(CommandError.exit_code)


@app.command()
def reject(  # noqa: PLR0913 - an option each
    system: SystemName,
    version: Version,
    environment: Environment = "dev",
    comment: Comment = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Reject a version: it is not rolled out from now on.

    An endpoint that serves it goes back to a version that is approved. Where none is, it goes on serving the rejected
    one: the command says so and exits 1.
    """
    output = Output(as_json)
    chosen = systems.find(system)
    deployed = Deployed(connect_to_change(environment, output, yes=yes), chosen, environment)
    sagemaker = deployed.cloud.sagemaker
    arn = registry.package_arn(sagemaker, deployed.need(MODEL_GROUP), version)
    changed = registry.decide(sagemaker, arn, "Rejected", comment)
    serving = deployed.find(ENDPOINT) if registry.still_serves(deployed, arn, version) else None
    output.result(
        {
            "version": version,
            "model_package": arn,
            "approval": "Rejected",
            "changed": changed,
            "still_served_by": serving,
        },
        f"Version {version} {'is' if changed else 'was'} rejected{'' if changed else ' before'}.",
    )
    if serving:
        output.note(
            f"mdlc: the endpoint {serving} goes on serving version {version}, since no other version is approved: "
            f"approve one with mdlc model approve {system} VERSION, or end all answers with "
            f"aws sagemaker delete-endpoint --endpoint-name {serving}."
        )
        raise typer.Exit(CommandError.exit_code)
