"""The figure of an evaluation that runs are compared by."""

import json
import math


class MalformedEvaluation(ValueError):  # noqa: N818 - the name is the error that the state machine shows
    """An evaluation without the figure that runs are compared by."""


def value_of(document: bytes, metric: str, uri: str) -> float:
    """Return `classification_metrics.<metric>.value` of evaluation.json, or raise `MalformedEvaluation`."""
    try:
        report = json.loads(document)
    except ValueError as error:
        raise MalformedEvaluation(f"{uri} is no JSON: {error}.") from None
    value = report
    for name in ("classification_metrics", metric, "value"):
        if not isinstance(value, dict) or name not in value:
            raise MalformedEvaluation(f"{uri} has no classification_metrics.{metric}.value.")
        value = value[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise MalformedEvaluation(f"{uri}: {metric} is {value!r}, which is no finite number.")
    return float(value)
