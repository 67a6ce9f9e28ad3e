"""Metrics of a training job: figures that its log holds, found by the patterns of the request.

Source: SageMaker's developer guide, "Amazon SageMaker metrics in Amazon CloudWatch" and "Define training metrics".
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import DataPoint
from localsagemaker.kernel.resources import now

NAMESPACE: Final = "/aws/sagemaker/TrainingJobs"


class Metrics:
    """The last value of each metric of a job."""

    def __init__(self, job: str, definitions: Sequence[Mapping[str, str]]) -> None:
        """Take `MetricDefinitions`; ServiceError `ValidationException` for a pattern that is none."""
        self._patterns = [(each["Name"], _pattern(each["Name"], each["Regex"])) for each in definitions]
        self._job = job
        self._values: dict[str, dict[str, Any]] = {}

    @property
    def final(self) -> list[dict[str, Any]]:
        """`FinalMetricDataList`."""
        return list(self._values.values())

    def read(self, line: str) -> list[DataPoint]:
        """Take the figures that a line of the log holds, and return them for CloudWatch."""
        found_here = []
        for name, pattern in self._patterns:
            if found := pattern.search(line):
                try:
                    value = float(found[1])
                except (ValueError, IndexError):
                    continue
                self._values[name] = {"MetricName": name, "Value": value, "Timestamp": now()}
                found_here.append(DataPoint(NAMESPACE, name, value, {"TrainingJobName": self._job}))
        return found_here


def _pattern(name: str, regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as error:
        raise ServiceError("ValidationException", f"Metric definition {name} has an invalid Regex: {error}") from error
