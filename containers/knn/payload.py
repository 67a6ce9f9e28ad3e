"""Reads the bodies of requests and writes those of answers, in the formats of the built-in algorithm.

Source: developer guide, "k-NN Request and Response Formats". RecordIO-protobuf is not there: 415 and 406 say so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import orjson

from contract.excerpt import excerpt
from contract.serving.csv_body import Rows, read_csv
from contract.serving.formats import (
    Format,
    answer_format,
    content,
    media_parameter,
    numbers,
    read_instances,
    read_lines,
    request_format,
)
from contract.serving.messages import Answer, RequestError

if TYPE_CHECKING:
    from knn.index import Found
    from knn.tables import Floats

ANSWERS: Final[tuple[Format, ...]] = ("application/json", "application/jsonlines")


def read_rows(body: bytes, content_type: bytes, width: int) -> Rows:
    """Return the features of every row; RequestError 400 or 415 says what is wrong and where."""
    format_ = request_format(content_type)
    body = content(body)
    if format_ == "text/csv":
        labels = _label_size(content_type)
        rows = read_csv(body, width + labels)
        return [row[labels:] for row in rows] if labels else rows
    instances = read_instances(body) if format_ == "application/json" else read_lines(body)
    return [_features(value, number, width) for number, value in enumerate(instances, start=1)]


def _label_size(content_type: bytes) -> int:
    text = media_parameter(content_type, "label_size") or "0"
    if not re.fullmatch("[0-9]{1,4}", text):
        raise RequestError(
            415, "UnsupportedContentType", f"label_size must be a whole number below 10,000, not {excerpt(text)}."
        )
    return int(text)


def _features(value: object, number: int, width: int) -> list[float]:
    """Return one instance: a list, ``{"features": [...]}`` or ``{"data": {"features": {"values": [...]}}}``."""
    match value:
        case {"features": features} | {"data": {"features": {"values": features}}}:
            return numbers(features, number, width)
        case dict():
            raise RequestError(400, "InvalidInstance", f'Row {number} has no "features".')
    return numbers(value, number, width)


def choose_format(accept: bytes, content_type: bytes) -> Format:
    """Return the answer's format: what Accept allows, else the request's own, else JSON."""
    own = request_format(content_type)
    return answer_format(accept, own if own in ANSWERS else "application/json", ANSWERS)


def is_verbose(accept: bytes) -> bool:
    """Say whether Accept asks for the neighbours too: ``application/json; verbose=true``."""
    return media_parameter(accept, "verbose") == "true"


def write(predicted: Floats, neighbours: Found | None, format_: Format) -> Answer:
    """Return the answer: the labels and, where ``neighbours`` are wanted, their distances and labels, nearest first."""
    predictions: list[dict[str, object]] = [{"predicted_label": label} for label in predicted.tolist()]
    if neighbours is not None:
        found = zip(neighbours.distances.tolist(), neighbours.labels.tolist(), strict=True)
        for prediction, (distances, labels) in zip(predictions, found, strict=True):
            prediction |= {"distances": distances, "labels": labels}
    if format_ == "application/json":
        return Answer(orjson.dumps({"predictions": predictions}), b"application/json")
    lines = [orjson.dumps(prediction, option=orjson.OPT_APPEND_NEWLINE) for prediction in predictions]
    return Answer(b"".join(lines), b"application/jsonlines")
