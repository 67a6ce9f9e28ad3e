"""Settings of labeling: environment variables, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from reach.streams import NONE, Streams

OUTPUT = "labeling"
"""The folder of the data bucket that jobs may always read, and that they write to."""


@dataclass(frozen=True)
class Settings:
    """Who labels, and what jobs may reach."""

    bucket: str
    teams: tuple[str, ...]
    inputs: tuple[str, ...]
    functions: tuple[str, ...]
    template_hosts: tuple[str, ...]
    patience: int
    """Seconds without a sign of life."""
    arns: str
    """How the ARN of a labeling job begins, up to its name."""
    region: str
    issuer: str
    """URL of the user pool that knows the people; empty where there is none yet."""
    streams: Streams = NONE

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables that the construct `LabelingService` gives its functions."""
        teams, inputs, functions, hosts = (
            tuple(each for each in environment.get(name, "").split(",") if each)
            for name in ("WORKTEAMS", "INPUTS", "FUNCTIONS", "TEMPLATE_HOSTS")
        )
        return cls(
            bucket=environment["DATA_BUCKET"],
            teams=teams,
            inputs=inputs,
            functions=functions,
            template_hosts=hosts,
            patience=int(environment["PATIENCE_SECONDS"]),
            arns=environment["JOB_ARNS"],
            region=environment["AWS_REGION"],
            issuer=environment.get("ISSUER", ""),
            streams=Streams.of_environment(environment),
        )

    def arn(self, job: str) -> str:
        """Return the ARN of a job, which SageMaker writes in small letters."""
        return f"{self.arns}{job.lower()}"
