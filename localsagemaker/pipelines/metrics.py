"""Metrics of executions and their steps for CloudWatch.

Source: SageMaker's developer guide, "Amazon SageMaker metrics in Amazon CloudWatch", pipelines metrics: each execution
counts for its pipeline and for all pipelines of the account, each step for its pipeline.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from localsagemaker.kernel.host import DataPoint

NAMESPACE: Final = "AWS/Sagemaker/ModelBuildingPipeline"
_ENDS: Final = frozenset({"Succeeded", "Failed", "Stopped"})


def of_execution(pipeline: str, status: str, start: datetime, end: datetime) -> list[DataPoint]:
    """Return what an execution counts for that has just got a status."""
    everywhere: tuple[Mapping[str, str], ...] = ({"PipelineName": pipeline}, {})
    return [metric for dimensions in everywhere for metric in _of("Execution", status, start, end, dimensions)]


def of_step(pipeline: str, step: str, status: str, start: datetime, end: datetime | None) -> list[DataPoint]:
    """Return what a step counts for that has just got a status."""
    return list(_of("Step", status, start, end or start, {"PipelineName": pipeline, "StepName": step}))


def _of(kind: str, status: str, start: datetime, end: datetime, dimensions: Mapping[str, str]) -> Iterator[DataPoint]:
    if status in _ENDS:
        yield DataPoint(NAMESPACE, f"{kind}{status}", 1, dimensions, "Count")
        yield DataPoint(
            NAMESPACE, f"{kind}Duration", (end - start) / timedelta(milliseconds=1), dimensions, "Milliseconds"
        )
    elif status == "Executing":
        yield DataPoint(NAMESPACE, f"{kind}Started", 1, dimensions, "Count")
