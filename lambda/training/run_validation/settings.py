"""Settings of the validation: environment variables, read once."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where versions and runs of a system are, and what the names of its jobs begin with."""

    job_prefix: str
    data_uri: str
    """`s3://bucket/prefix` of the versions of its data."""
    scripts_uri: str
    """The same of its scripts."""
    runs_uri: str
    """`s3://bucket/prefix` of the folders of its runs."""
    table: str
    """DynamoDB table of its runs."""

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read JOB_PREFIX, DATA_URI, SCRIPTS_URI, RUNS_URI and TABLE_NAME."""
        return cls(
            job_prefix=environment["JOB_PREFIX"],
            data_uri=environment["DATA_URI"],
            scripts_uri=environment["SCRIPTS_URI"],
            runs_uri=environment["RUNS_URI"],
            table=environment["TABLE_NAME"],
        )
