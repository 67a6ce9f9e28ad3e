"""Reads the bodies of requests and writes those of answers: CSV, JSON and JSON Lines."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

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
from tabular.encoding import Encoding, EncodingError, Gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EMPTY: Final = (b",,", b",\n", b",\r", b"\n,")
CSV: Final = b"text/csv; charset=utf-8"


@dataclass
class Request:
    """The rows of a request, each as wide as the encoding, and what some of them lack, by the row's place."""

    rows: Rows
    gaps: dict[int, Gaps] = field(default_factory=dict)


def read_request(body: bytes, format_: Format, encoding: Encoding) -> Request:
    """Read a body; RequestError 400 says what is wrong and where. Empty cells and null are missing values."""
    require_rows(body)
    request = Request([])
    if format_ == "text/csv":
        request.rows = read_csv(body, with_missing=True)
        if any(empty in body for empty in _EMPTY) or body.startswith(b",") or body.endswith(b","):
            _note_missing(request, encoding)
    else:
        instances = read_instances(body) if format_ == "application/json" else read_lines(body)
        request.rows = [_instance(value, place, encoding, request.gaps) for place, value in enumerate(instances)]
    require_width(request.rows, len(encoding.features))
    return request


def _instance(value: object, place: int, encoding: Encoding, gaps: dict[int, Gaps]) -> list[float]:
    """Return one instance's row: a list of features, ``{"features": [...]}``, or a raw record by field names."""
    if isinstance(value, dict):
        if value.keys() != {"features"}:
            found = Gaps()
            try:
                row = encoding.encode(value, found)
            except EncodingError as error:
                raise RequestError(400, "InvalidRecord", f"Row {place + 1}: {error}.") from None
            if found:
                gaps[place] = found
            return row
        value = value["features"]
    row = numbers(value, place + 1, with_missing=True)
    if row is not value:
        gaps[place] = _missing(row, encoding)
    return row


def _note_missing(request: Request, encoding: Encoding) -> None:
    for place, row in enumerate(request.rows):
        if math.isnan(sum(row)):
            request.gaps[place] = _missing(row, encoding)


def _missing(row: Sequence[float], encoding: Encoding) -> Gaps:
    """Return the features that are NaN; the width of the row is checked after it."""
    return Gaps(missing=[name for name, cell in zip(encoding.features, row, strict=False) if math.isnan(cell)])


def write_answer(predictions: Sequence[dict[str, object]], gaps: Mapping[int, Gaps], format_: Format) -> Answer:
    """Return JSON or JSON Lines: the predictions, and beside one what its row lacked, as ``missing`` and ``unseen``."""
    for place, found in gaps.items():
        predictions[place].update({name: names for name, names in vars(found).items() if names})
    if format_ == "application/json":
        return Answer(orjson.dumps({"predictions": predictions}), b"application/json")
    lines = [orjson.dumps(prediction, option=orjson.OPT_APPEND_NEWLINE) for prediction in predictions]
    return Answer(b"".join(lines), b"application/jsonlines")


def write_csv(scores: Sequence[float]) -> Answer:
    """Return a score per line."""
    return Answer(b"".join([b"%.9g\n" % score for score in scores]), CSV)


def write_csv_table(table: Sequence[Sequence[float]]) -> Answer:
    """Return the scores of each row on a line of their own."""
    return Answer(b"".join([b",".join([b"%.9g" % score for score in row]) + b"\n" for row in table]), CSV)
