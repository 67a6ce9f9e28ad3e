"""The stages that demos share: data, pipeline, roll-out."""

from pathlib import Path
from typing import Final

from mdlc.client import executions, registry, versions
from mdlc.client.aws import Cloud
from mdlc.client.executions import Execution
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError
from mdlc.systems import System

TIMEOUT: Final = 1800.0
"""Seconds that the pipeline, and then the roll-out, may take."""


class PipelineError(CommandError):
    """The pipeline ran to another end than success; `execution` is how it ended."""

    def __init__(self, execution: Execution) -> None:
        super().__init__(f"The pipeline {execution.status.lower()}: {execution.failure}")
        self.execution = execution


def data(rehearsal: Rehearsal, system: System, given: Path | None, *, seed: int) -> Path:
    """Return the folder of the data that were `given`, or of generated ones."""
    if given:
        return given
    folder = rehearsal.folder / "data"
    with rehearsal.step("generate data"):
        system.generate(folder, seed=seed, rows=system.rows)
    return folder


def publish(rehearsal: Rehearsal, cloud: Cloud, system: System, folder: Path) -> str:
    """Publish the data in `folder` and return their version."""
    with rehearsal.step("publish the data"):
        bucket = cloud.output(rehearsal.environment, "storage", "DataBucketName")
        version = versions.read(system.name, folder, system.files)
        versions.publish(cloud.s3, bucket, folder, version)
    return version.name


def run_pipeline(rehearsal: Rehearsal, cloud: Cloud, system: System, version: str) -> Execution:
    """Run the system's pipeline on a data version; raise `PipelineError` when it does not succeed."""
    with rehearsal.step("run the pipeline") as say:
        arn, _ = executions.begin(cloud, system, rehearsal.environment, version, {})
        ran = executions.wait(
            cloud.sagemaker,
            arn,
            timeout=TIMEOUT,
            interval=cloud.poll_seconds,
            watch=lambda found: say(found.progress),
        )
        if ran.status != executions.SUCCEEDED:
            raise PipelineError(ran)
    return ran


def roll_out(rehearsal: Rehearsal, cloud: Cloud, system: System, execution: Execution) -> None:
    """Approve what the execution registered and wait until it serves; raise `CommandError` when it does not."""
    arns = [step.detail["Arn"] for step in execution.steps if step.type == "RegisterModel"]
    if not arns:
        raise CommandError("The pipeline registered no model.")
    approve(rehearsal, cloud, system, int(arns[-1].rsplit("/", 1)[-1]))


def approve(rehearsal: Rehearsal, cloud: Cloud, system: System, number: int) -> None:
    """Approve a version and wait until it serves; raise `CommandError` when it does not."""
    with rehearsal.step("approve and roll out") as say:
        _, rollout = registry.approve(
            cloud, system, rehearsal.environment, number, comment=None, timeout=TIMEOUT, say=say
        )
        if rollout.state != registry.SERVING:
            raise CommandError(f"Version {number} was {rollout.state.replace('-', ' ')}: {rollout.reason}")
