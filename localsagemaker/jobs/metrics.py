"""Metrics of a training job: figures that its log holds, found by the patterns of the request."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.resources import now


class Metrics:
    """The last value of each metric."""

    def __init__(self, definitions: Sequence[Mapping[str, str]]) -> None:
        """Take `MetricDefinitions`; ServiceError `ValidationException` for a pattern that is none."""
        self._patterns = [(each["Name"], _pattern(each["Name"], each["Regex"])) for each in definitions]
        self._values: dict[str, dict[str, Any]] = {}

    @property
    def final(self) -> list[dict[str, Any]]:
        """`FinalMetricDataList`."""
        return list(self._values.values())

    def read(self, line: str) -> None:
        """Take the figures that a line of the log holds."""
        for name, pattern in self._patterns:
            if found := pattern.search(line):
                try:
                    value = float(found[1])
                except (ValueError, IndexError):
                    continue
                self._values[name] = {"MetricName": name, "Value": value, "Timestamp": now()}


def _pattern(name: str, regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as error:
        raise ServiceError("ValidationException", f"Metric definition {name} has an invalid Regex: {error}") from error
