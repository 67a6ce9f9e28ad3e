"""Reads the bodies of requests and writes those of answers: CSV, JSON and JSON Lines."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import orjson

from contract.serving.csv_body import Rows, read_csv
from contract.serving.formats import Format, content, numbers, read_instances, read_lines
from contract.serving.messages import Answer, RequestError
from tabular.encoding import Encoding, EncodingError, Gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EMPTY: Final = (b",,", b",\n", b",\r", b"\n,")
CSV: Final = b"text/csv; charset=utf-8"
MOST_NAMED: Final = 100_000
"""Missing values that an answer names: some megabytes of it."""


@dataclass
class Request:
    """The rows of a request, each as wide as the encoding, and what some of them lack, by the row's place."""

    rows: Rows
    gaps: dict[int, Gaps] = field(default_factory=dict)
    named: int = 0

    def note(self, place: int, found: Gaps) -> None:
        """Keep what a row lacks; RequestError 413 for more than an answer is to name."""
        self.gaps[place] = found
        self.named += len(found.missing) + len(found.unseen)
        if self.named > MOST_NAMED:
            message = (
                f"More than {MOST_NAMED} values are missing: send fewer rows, or accept text/csv, which names none."
            )
            raise RequestError(413, "TooManyMissing", message)


def read_request(body: bytes, format_: Format, encoding: Encoding, *, named: bool = True) -> Request:
    """Read a body; RequestError 400 says what is wrong and where. Empty cells and null are missing values.

    They are ``named`` where the answer has a place for it.
    """
    body = content(body)
    request = Request([])
    if format_ == "text/csv":
        request.rows = read_csv(body, len(encoding.features), with_missing=True)
        if named and (any(empty in body for empty in _EMPTY) or body.startswith(b",") or body.endswith(b",")):
            _note_missing(request, encoding)
    else:
        instances = read_instances(body) if format_ == "application/json" else read_lines(body)
        request.rows = [
            _instance(value, place, encoding, request, named=named) for place, value in enumerate(instances)
        ]
    return request


def _instance(value: object, place: int, encoding: Encoding, request: Request, *, named: bool) -> list[float]:
    """Return one instance's row: a list of features, ``{"features": [...]}``, or a raw record by field names."""
    if isinstance(value, dict):
        if value.keys() != {"features"}:
            found = Gaps()
            try:
                row = encoding.encode(value, found)
            except EncodingError as error:
                raise RequestError(400, "InvalidRecord", f"Row {place + 1}: {error}.") from None
            if found and named:
                request.note(place, found)
            return row
        value = value["features"]
    row = numbers(value, place + 1, len(encoding.features), with_missing=True)
    if named and row is not value:
        request.note(place, _missing(row, encoding))
    return row


def _note_missing(request: Request, encoding: Encoding) -> None:
    for place, row in enumerate(request.rows):
        if math.isnan(sum(row)):
            request.note(place, _missing(row, encoding))


def _missing(row: Sequence[float], encoding: Encoding) -> Gaps:
    """Return the features that are NaN."""
    return Gaps(missing=[name for name, cell in zip(encoding.features, row, strict=True) if math.isnan(cell)])


def write_answer(predictions: Sequence[dict[str, object]], gaps: Mapping[int, Gaps], format_: Format) -> Answer:
    """Return JSON or JSON Lines: the predictions, and beside one what its row lacked, as ``missing`` and ``unseen``."""
    for place, found in gaps.items():
        predictions[place].update({name: names for name, names in vars(found).items() if names})
    if format_ == "application/json":
        return Answer(orjson.dumps({"predictions": predictions}), b"application/json")
    lines = [orjson.dumps(prediction, option=orjson.OPT_APPEND_NEWLINE) for prediction in predictions]
    return Answer(b"".join(lines), b"application/jsonlines")


def write_decisions(scores: Sequence[float], threshold: float) -> Answer:
    """Return what `write_answer` would of scores and what they mean, in half the time."""
    no, yes = (b',"predicted_label":%d,"threshold":%b}' % (label, orjson.dumps(threshold)) for label in (0, 1))
    texts = orjson.dumps(scores)[1:-1].split(b",")
    rows = [text + (yes if score >= threshold else no) for text, score in zip(texts, scores, strict=True)]
    return Answer(b'{"predictions":[{"score":' + b',{"score":'.join(rows) + b"]}", b"application/json")


def write_csv(scores: Sequence[float]) -> Answer:
    """Return a score per line."""
    return Answer(b"%.9g\n" * len(scores) % tuple(scores), CSV)


def write_csv_table(table: Sequence[Sequence[float]]) -> Answer:
    """Return the scores of each row on a line of their own."""
    return Answer(b"".join([b",".join([b"%.9g" % score for score in row]) + b"\n" for row in table]), CSV)
