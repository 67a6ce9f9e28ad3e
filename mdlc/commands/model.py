"""mdlc model: versions of a model, the decision on each, and its roll-out."""

from typing import Annotated

import typer

from mdlc import systems
from mdlc.client import registry
from mdlc.client.registry import NOT_DEPLOYED, SERVING
from mdlc.commands.options import Environment, Json, SystemName, Timeout, Version, connect
from mdlc.errors import CommandError
from mdlc.output import Output, table

app = typer.Typer(name="model", help="Models.", no_args_is_help=True)

HOUR = 3600

Comment = Annotated[str | None, typer.Option(help="Why; kept with the version.")]


@app.command("list")
def list_versions(
    system: SystemName,
    environment: Environment = "dev",
    limit: Annotated[int, typer.Option(min=1, help="Show the newest of them.")] = 20,
    *,
    as_json: Json = False,
) -> None:
    """Show a model's versions, newest first: approval, metrics and roll-out."""
    output = Output(as_json)
    chosen = systems.find(system)
    cloud = connect(environment)
    group = cloud.output(environment, chosen.training_stack, chosen.model_package_group_output)
    endpoint = cloud.find_output(environment, chosen.serving_stack, chosen.endpoint_output)
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
def approve(  # noqa: PLR0913 - an option each
    system: SystemName,
    version: Version,
    environment: Environment = "dev",
    comment: Comment = None,
    timeout: Timeout = HOUR,
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it serves; fails when it was rolled back.")] = False,
    as_json: Json = False,
) -> None:
    """Approve a version: it is rolled out to the endpoint, where the environment has one."""
    output = Output(as_json)
    chosen = systems.find(system)
    cloud = connect(environment)
    with output.progress(f"approving version {version}") as say:
        arn, rollout = registry.approve(
            cloud, chosen, environment, version, comment=comment, timeout=timeout if wait else None, say=say
        )
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
def reject(
    system: SystemName,
    version: Version,
    environment: Environment = "dev",
    comment: Comment = None,
    *,
    as_json: Json = False,
) -> None:
    """Reject a version: it is not, or no longer, rolled out."""
    output = Output(as_json)
    chosen = systems.find(system)
    cloud = connect(environment)
    group = cloud.output(environment, chosen.training_stack, chosen.model_package_group_output)
    arn = registry.package_arn(cloud.sagemaker, group, version)
    changed = registry.decide(cloud.sagemaker, arn, "Rejected", comment)
    output.result(
        {"version": version, "model_package": arn, "approval": "Rejected", "changed": changed},
        f"Version {version} {'is' if changed else 'was'} rejected{'' if changed else ' before'}.",
    )
