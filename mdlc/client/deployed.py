"""A system in one environment: finds its pipeline, bucket and endpoint in the outputs of the environment's stacks.

An output's key is the system's name and what it stands for, such as `FraudPipelineName`; which stack has it does not
matter. What trains a system is which of these outputs its environment has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mdlc.client import versions
from mdlc.client.aws import Cloud
from mdlc.errors import InputError
from mdlc.systems import SYSTEMS, System

PIPELINE: Final = "PipelineName"
MACHINE: Final = "StateMachineArn"
RUNS_TABLE: Final = "RunsTableName"
JOB_PREFIX: Final = "JobPrefix"
MODEL_GROUP: Final = "ModelPackageGroupName"
ENDPOINT: Final = "EndpointName"
_MEANING: Final = {
    PIPELINE: "SageMaker pipeline",
    MACHINE: "state machine",
    RUNS_TABLE: "table of runs",
    JOB_PREFIX: "prefix for the names of jobs",
    MODEL_GROUP: "model package group",
    ENDPOINT: "endpoint",
}


@dataclass(frozen=True)
class Deployed:
    """A system as an environment of a cloud has it."""

    cloud: Cloud
    system: System
    environment: str

    def find(self, output: str) -> str | None:
        """Return what an output of the system holds, such as `ENDPOINT`; None where the environment has none."""
        return self.cloud.find_output(self.environment, _key(self.system, output))

    def need(self, output: str) -> str:
        """Return what an output of the system holds; raise `InputError` naming what there is instead."""
        found = self.find(output)
        if found is None:
            raise InputError(self._lacks(output))
        return found

    @property
    def data_bucket(self) -> str:
        """The bucket that holds the versions of the system's data."""
        return self.cloud.output(self.environment, "DataBucketName", "bucket for data")

    def data(self, version: str | None) -> str:
        """Return the URI of a complete data version, given by name or URI; without one, of that published last."""
        return versions.choose(self.cloud.s3, self.data_bucket, self.system.name, version)

    @property
    def is_there(self) -> bool:
        """Whether the environment has anything of the system."""
        return any(self.find(output) for output in _MEANING)

    @property
    def is_compared_alone(self) -> bool:
        """Whether its runs are trained and compared, and no model of theirs is registered."""
        return self.find(MACHINE) is not None and self.find(MODEL_GROUP) is None

    def _lacks(self, output: str) -> str:
        """Say that the system lacks something here: that the environment leaves it out only where that may be."""
        name, remedy = self.system.name, self.cloud.remedy(self.environment)
        if not self.is_there:
            others = self._systems(lambda other: other.is_there)
            known = f"it has {others}; " if others else ""
            return f"{self.cloud.place(self.environment)} has no system {name}: {known}{remedy}."
        other = {PIPELINE: MACHINE, MACHINE: PIPELINE}.get(output)
        if other and self.find(other):
            return f"{name} is trained by a {_MEANING[other]}: mdlc pipeline status {name} shows its runs."
        if output in {ENDPOINT, MODEL_GROUP} and self.is_compared_alone:
            having = self._systems(lambda other: other.find(output) is not None)
            known = f"there is one of {having}" if having else "no system has one"
            return f"{name} is trained and not served, so it has no {_MEANING[output]}: {known}."
        return f"{name} has no {_MEANING[output]} in {self.cloud.place(self.environment)}: {remedy}."

    def _systems(self, chosen: Callable[["Deployed"], bool]) -> str:
        """Return the names of the environment's systems that are `chosen`."""
        deployed = (Deployed(self.cloud, system, self.environment) for system in SYSTEMS.values())
        return ", ".join(sorted(each.system.name for each in deployed if chosen(each)))


def _key(system: System, output: str) -> str:
    return f"{system.name.title()}{output}"
