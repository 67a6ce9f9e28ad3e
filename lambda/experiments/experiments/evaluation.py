"""Figures of evaluation.json, the model-quality report that every evaluation step writes."""

import json
from collections.abc import Mapping
from typing import Any


def quality(report: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of a model-quality report by name, whichever problem type it files them under.

    A figure is a member `{"value": <number>}` of a section; of two with one name the first counts.
    """
    found: dict[str, float] = {}
    for section in report.values():
        for name, metric in section.items() if isinstance(section, Mapping) else ():
            value = metric.get("value") if isinstance(metric, Mapping) else None
            if isinstance(value, int | float) and not isinstance(value, bool):
                found.setdefault(name, float(value))
    return found


def read_quality(document: bytes) -> dict[str, float]:
    """Return the figures of evaluation.json; none of what is no such document."""
    try:
        report = json.loads(document)
    except ValueError:
        return {}
    return quality(report) if isinstance(report, dict) else {}
