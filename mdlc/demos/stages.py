"""The stages that demos share: data, pipeline, roll-out, report."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mdlc import systems
from mdlc.client import experiments, registry, tables, versions
from mdlc.client.deployed import Deployed
from mdlc.client.executions import Execution
from mdlc.client.training import Pipeline, Request
from mdlc.client.versions import DataVersion
from mdlc.demos.clock import Clock, answer, figures
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError
from mdlc.report import data as data_of_report
from mdlc.report import render
from mdlc.report.summary import Prediction, Summary
from mdlc.systems import System

TIMEOUT: Final = 1800.0
"""Seconds that the pipeline, and then the roll-out, may take."""


class PipelineError(CommandError):
    """The pipeline's `execution` did not succeed."""

    def __init__(self, execution: Execution) -> None:
        super().__init__(f"The pipeline {execution.status.lower()}: {execution.failure}")
        self.execution = execution


def version_of(system: System, given: Path) -> DataVersion:
    """Return the version of a system's data in a folder, or of the one file that it is made of."""
    return versions.read(system.name, given, system.files, recipe=system.recipe)


def check(rehearsal: Rehearsal, system: System, given: Path) -> None:
    """Hold data that were given against the system's recipe; raise `InputError` before anything is deployed."""
    tables.check(system, version_of(system, given), rehearsal.output.note)


def data(rehearsal: Rehearsal, system: System, given: Path | None, *, seed: int) -> Path:
    """Return the folder of the data that were `given`, or of generated ones."""
    if given:
        return given
    folder = rehearsal.folder / "data"
    with rehearsal.step("generate data"):
        systems.make_data(system, folder, seed=seed, rows=system.rows)
    return folder


def publish(rehearsal: Rehearsal, deployed: Deployed, folder: Path) -> str:
    """Publish the data in `folder` and return their version."""
    with rehearsal.step("publish the data"):
        s3, bucket = deployed.cloud.s3, deployed.data_bucket
        version = version_of(deployed.system, folder)
        versions.publish(s3, bucket, version)
        versions.announce(s3, bucket, version)
    return version.name


def goes_on(deployed: Deployed) -> str:
    """Say that what trains a system does not end with the demo, and what ends it."""
    return (
        f"The execution goes on by itself: mdlc pipeline stop {deployed.system.name} -e {deployed.environment} ends it."
    )


def run_pipeline(rehearsal: Rehearsal, deployed: Deployed, version: str) -> Execution:
    """Run the system's pipeline on a data version; raise `PipelineError` when it does not succeed."""
    pipeline = Pipeline(deployed)
    with rehearsal.step("run the pipeline", goes_on=goes_on(deployed)) as say:
        ran = pipeline.wait(pipeline.start(Request(data=version)).arn, TIMEOUT, say)
        if not ran.succeeded:
            raise PipelineError(ran)
    return ran


def roll_out(rehearsal: Rehearsal, deployed: Deployed, execution: Execution) -> None:
    """Approve what the execution registered and wait until it serves; raise `CommandError` when it does not."""
    arns = [step.detail["Arn"] for step in execution.steps if step.type == "RegisterModel"]
    if not arns:
        raise CommandError("The pipeline registered no model.")
    approve(rehearsal, deployed, int(arns[-1].rsplit("/", 1)[-1]))


def approve(rehearsal: Rehearsal, deployed: Deployed, number: int) -> None:
    """Approve a version and wait until it serves; raise `CommandError` when it does not."""
    name, environment = deployed.system.name, rehearsal.environment
    shows = f"The roll-out goes on by itself: mdlc model list {name} -e {environment} shows how it ends."
    with rehearsal.step("approve and roll out", goes_on=shows) as say:
        _, rollout = registry.approve(deployed, number, comment=None, timeout=TIMEOUT, say=say)
        if rollout.state != registry.SERVING:
            raise CommandError(f"Version {number} was {rollout.state.replace('-', ' ')}: {rollout.reason}")


def summarize(  # noqa: PLR0913 - keyword-only
    rehearsal: Rehearsal,
    deployed: Deployed,
    execution: Execution,
    clock: Clock,
    *,
    prediction: Prediction | None,
    over_http: Mapping[str, Any] | None = None,
) -> Summary:
    """Write the report on the pipeline's execution, and return the summary of the demo."""
    clock.end()
    cloud, environment = deployed.cloud, deployed.environment
    with rehearsal.step("write the report"):
        made = data_of_report.read(cloud, deployed.system, environment, execution)
        recorded = experiments.reference(cloud, environment, execution.pipeline, execution.id)
    made = replace(
        made,
        prediction=prediction,
        over_http=over_http,
        recorded=recorded,
        way=clock.way(rehearsal),
    )
    page = render.write(made, rehearsal.folder)
    version = f"version {made.model.version}: {answer(prediction)}" if made.model else "no model was registered"
    engines = ", ".join(sorted(set(made.engines.values())))
    headline = [version, f"quality: {figures(made.metrics)}", f"images ran on: {engines}"]
    return replace(made.summary(), headline=headline, report=page)
