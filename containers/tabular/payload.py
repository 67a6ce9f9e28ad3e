"""Bodies of requests to rows of features, scores to bodies of answers: CSV, JSON and JSON Lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from contract.serving.formats import (
    Format,
    Rows,
    numbers,
    read_csv,
    read_instances,
    read_lines,
    require_rows,
    require_width,
)
from contract.serving.messages import Answer, RequestError
from tabular.encoding import Encoding, EncodingError

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_rows(body: bytes, format_: Format, encoding: Encoding) -> Rows:
    """Return the rows of a body, each as wide as the encoding; RequestError 400 says what is wrong and where."""
    require_rows(body)
    if format_ == "text/csv":
        rows = read_csv(body)
    else:
        instances = read_instances(body) if format_ == "application/json" else read_lines(body)
        rows = [_instance(value, number, encoding) for number, value in enumerate(instances, start=1)]
    require_width(rows, len(encoding.features))
    return rows


def _instance(value: object, number: int, encoding: Encoding) -> list[float]:
    """Return one instance's row: a list of features, ``{"features": [...]}``, or a raw record by field names."""
    if isinstance(value, dict):
        if value.keys() != {"features"}:
            try:
                return encoding.encode(value)
            except EncodingError as error:
                raise RequestError(400, "InvalidRecord", f"Row {number}: {error}.") from None
        value = value["features"]
    return numbers(value, number)


def write_scores(scores: Sequence[float], threshold: float, format_: Format) -> Answer:
    """Return the answer: CSV has a score per line, the JSON formats the score and the label that it means."""
    if format_ == "text/csv":
        return Answer(b"".join([b"%.9g\n" % score for score in scores]), b"text/csv; charset=utf-8")
    predictions = [{"score": score, "predicted_label": int(score >= threshold)} for score in scores]
    if format_ == "application/json":
        return Answer(orjson.dumps({"predictions": predictions}), b"application/json")
    lines = [orjson.dumps(prediction, option=orjson.OPT_APPEND_NEWLINE) for prediction in predictions]
    return Answer(b"".join(lines), b"application/jsonlines")
