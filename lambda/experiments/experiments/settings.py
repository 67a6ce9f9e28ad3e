"""Settings of the recorder: environment variables, read once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where runs are recorded, and how the best one is found."""

    app: str
    """ARN of the MLflow app."""
    metrics: Mapping[str, str]
    """Metric that decides, by name of the pipeline."""
    tables: Mapping[str, str]
    """DynamoDB table with the best runs, by name of the state machine."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """Read MLFLOW_APP_ARN, and the JSON objects METRICS and RUNS_TABLES."""
        return cls(
            app=environment["MLFLOW_APP_ARN"],
            metrics=json.loads(environment["METRICS"]),
            tables=json.loads(environment["RUNS_TABLES"]),
        )
