"""Bodies of requests to rows of features, scores to bodies of answers: CSV, JSON and JSON Lines."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import orjson

from contract.serving.messages import Answer, RequestError
from tabular.encoding import Encoding, EncodingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Format = Literal["text/csv", "application/json", "application/jsonlines"]
Rows = list[list[float]]

_FORMATS: Final[tuple[Format, ...]] = ("text/csv", "application/json", "application/jsonlines")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_CSV_BYTES: Final = b"0123456789+-.eE, \t\r\n"
_BLANK: Final = b" \t\r\n"


def read_rows(body: bytes, format_: Format, encoding: Encoding) -> Rows:
    """Return the rows of a body, each as wide as the encoding; RequestError 400 says what is wrong and where."""
    if not body.strip(_BLANK):
        raise RequestError(400, "EmptyBody", "The body is empty: at least one row is needed.")
    rows = _READERS[format_](body, encoding)
    width = len(encoding.features)
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise RequestError(
                400, "WrongColumnCount", f"Row {number} has {len(row)} columns: the model takes {width} features."
            )
    return rows


def _read_csv(body: bytes, encoding: Encoding) -> Rows:  # noqa: ARG001 - one signature for all readers
    if not body.translate(None, _CSV_BYTES):
        # Plain numbers, as nearly always: a JSON parser reads them many times faster than a CSV reader.
        lines = body.rstrip(_BLANK).replace(b"\r\n", b"\n").replace(b"\n", b"],[")
        try:
            rows: Rows = orjson.loads(b"[[" + lines + b"]]")
        except orjson.JSONDecodeError:
            pass  # a number that JSON does not know, or an empty field: the careful reader accepts it or says where
        else:
            return rows
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from None
    try:
        table = list(csv.reader(text.rstrip("\r\n\t ").splitlines(), strict=True))
    except csv.Error as error:
        raise RequestError(400, "InvalidCsv", f"The body is not CSV: {error}.") from None
    return [[_csv_number(cell, *place) for place, cell in _placed(cells, row)] for row, cells in enumerate(table, 1)]


def _placed(cells: Sequence[str], row: int) -> list[tuple[tuple[int, int], str]]:
    return [((row, column), cell) for column, cell in enumerate(cells or [""], start=1)]


def _csv_number(cell: str, row: int, column: int) -> float:
    text = cell.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    shown = f"the text {text[:40]!r}" if text else "nothing"
    raise RequestError(400, "NotANumber", f"Row {row}, column {column} has {shown} where a number is expected.")


def _read_json(body: bytes, encoding: Encoding) -> Rows:
    document = _loads(body, "The body")
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list):
        raise RequestError(400, "InvalidJson", 'The body must be an object {"instances": [...]}.')
    if not instances:
        raise RequestError(400, "EmptyBody", "There are no instances: at least one is needed.")
    return [_instance(value, number, encoding) for number, value in enumerate(instances, start=1)]


def _read_json_lines(body: bytes, encoding: Encoding) -> Rows:
    lines = body.rstrip(_BLANK).split(b"\n")
    return [_instance(_loads(line, f"Row {i}"), i, encoding) for i, line in enumerate(lines, start=1)]


def _loads(text: bytes, what: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            text.decode()
        except UnicodeDecodeError as wrong:
            raise _not_utf8(wrong) from None
        raise RequestError(400, "InvalidJson", f"{what} is not JSON: {error}.") from None


def _instance(value: object, number: int, encoding: Encoding) -> list[float]:
    """Return one instance's row: a list of features, ``{"features": [...]}``, or a raw record by field names."""
    if isinstance(value, dict):
        if value.keys() != {"features"}:
            try:
                return encoding.encode(value)
            except EncodingError as error:
                raise RequestError(400, "InvalidRecord", f"Row {number}: {error}.") from None
        value = value["features"]
    if not isinstance(value, list):
        raise RequestError(400, "InvalidInstance", f"Row {number} must be a list of numbers or an object of fields.")
    if not set(map(type, value)) <= {int, float}:
        column = next(i for i, cell in enumerate(value, start=1) if type(cell) not in {int, float})
        shown = orjson.dumps(value[column - 1]).decode()[:40]
        raise RequestError(400, "NotANumber", f"Row {number}, column {column} has {shown} where a number is expected.")
    return value


def _not_utf8(error: UnicodeDecodeError) -> RequestError:
    return RequestError(
        400, "NotUtf8", f"The body is not UTF-8: byte {error.start} is {error.object[error.start]:#04x}."
    )


_READERS: Final[dict[Format, Callable[[bytes, Encoding], Rows]]] = {
    "text/csv": _read_csv,
    "application/json": _read_json,
    "application/jsonlines": _read_json_lines,
}


def write_scores(scores: Sequence[float], threshold: float, format_: Format) -> Answer:
    """Return the answer: CSV has a score per line, the JSON formats the score and the label that it means."""
    if format_ == "text/csv":
        return Answer(b"".join([b"%.9g\n" % score for score in scores]), b"text/csv; charset=utf-8")
    predictions = [{"score": score, "predicted_label": int(score >= threshold)} for score in scores]
    if format_ == "application/json":
        return Answer(orjson.dumps({"predictions": predictions}), b"application/json")
    lines = [orjson.dumps(prediction, option=orjson.OPT_APPEND_NEWLINE) for prediction in predictions]
    return Answer(b"".join(lines), b"application/jsonlines")


@lru_cache(maxsize=256)
def request_format(content_type: bytes) -> Format:
    """Return the format that a Content-Type names; RequestError 415 for any other, or another charset than UTF-8."""
    name, *parameters = [part.strip().lower() for part in content_type.decode("latin-1").split(";")]
    charset = next((p.partition("=")[2].strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    for format_ in _FORMATS:
        if name == format_ and charset in {"utf-8", "utf8", "us-ascii"}:
            return format_
    shown = content_type.decode("latin-1")[:80] or "none"
    known = ", ".join(_FORMATS)
    raise RequestError(415, "UnsupportedContentType", f"The content type is {shown}: the model takes {known} in UTF-8.")


@lru_cache(maxsize=256)
def answer_format(accept: bytes, own: Format) -> Format:
    """Return the best format that an Accept header allows, the request's own among equals; RequestError 406 if none."""
    if not accept:
        return own
    ranges = [_media_range(part) for part in accept.decode("latin-1").split(",") if part.strip()]
    best, best_quality = own, 0.0
    for format_ in (own, *(other for other in _FORMATS if other != own)):
        quality = _quality(format_, ranges)
        if quality > best_quality:
            best, best_quality = format_, quality
    if best_quality == 0:
        shown = accept.decode("latin-1")[:80]
        raise RequestError(406, "NotAcceptable", f"Accept is {shown}: the model answers {', '.join(_FORMATS)}.")
    return best


def _media_range(text: str) -> tuple[str, float]:
    name, *parameters = [part.strip().lower() for part in text.split(";")]
    quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    return name, float(quality) if _NUMBER.fullmatch(quality) else 0.0


def _quality(format_: Format, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the quality of the most specific range that covers a format; 0 when none does."""
    for candidate in (format_, format_.partition("/")[0] + "/*", "*/*"):
        for name, quality in ranges:
            if name == candidate:
                return quality
    return 0.0
