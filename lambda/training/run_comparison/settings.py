"""Settings of the comparison: environment variables, read once."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Which figure decides, where it is, and where the best run is kept."""

    metric: str
    runs_uri: str
    """`s3://bucket/prefix` of the folders of runs."""
    evaluation: str
    """Name of the evaluation's file."""
    table: str
    """DynamoDB table of the best runs."""

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read METRIC, RUNS_URI, EVALUATION and TABLE_NAME."""
        return cls(
            metric=environment["METRIC"],
            runs_uri=environment["RUNS_URI"],
            evaluation=environment["EVALUATION"],
            table=environment["TABLE_NAME"],
        )
