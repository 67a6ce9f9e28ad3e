"""The formats of requests and answers that images share: CSV, JSON and JSON Lines, and which one a client wants."""

from __future__ import annotations

import csv
import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import orjson

from contract.serving.messages import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

Format = Literal["text/csv", "application/json", "application/jsonlines"]
Rows = list[list[float]]

FORMATS: Final[tuple[Format, ...]] = ("text/csv", "application/json", "application/jsonlines")
BLANK: Final = b" \t\r\n"
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_CSV_BYTES: Final = b"0123456789+-.eE, \t\r\n"


def read_csv(body: bytes, *, with_missing: bool = False) -> Rows:
    """Return the numbers of a headerless CSV; RequestError 400 names the row and the column of what is none.

    An empty cell is NaN for a model ``with_missing`` values, else it is refused.
    """
    if not body.translate(None, _CSV_BYTES):
        # Plain numbers, as nearly always: a JSON parser reads them many times faster than a CSV reader.
        lines = body.rstrip(BLANK).replace(b"\r\n", b"\n").replace(b"\n", b"],[")
        try:
            rows: Rows = orjson.loads(b"[[" + lines + b"]]")
        except orjson.JSONDecodeError:
            pass  # a number that JSON does not know, or an empty field: the careful reader accepts it or says where
        else:
            return rows
        if with_missing:
            try:
                return _nan_for_nulls(orjson.loads(_nulls_for_empty_cells(b"[[" + lines + b"]]")))
            except orjson.JSONDecodeError:
                pass  # as above
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from None
    try:
        table = list(csv.reader(text.rstrip("\r\n\t ").splitlines(), strict=True))
    except csv.Error as error:
        raise RequestError(400, "InvalidCsv", f"The body is not CSV: {error}.") from None
    return [
        [
            math.nan if with_missing and not cell.strip() else _csv_number(cell, row, column)
            for column, cell in enumerate(cells or [""], start=1)
        ]
        for row, cells in enumerate(table, start=1)
    ]


def _nulls_for_empty_cells(table: bytes) -> bytes:
    """Return a JSON table with null where cells are empty."""
    for _ in range(2):  # neighbours share a comma
        table = table.replace(b",,", b",null,")
    return table.replace(b"[,", b"[null,").replace(b",]", b",null]").replace(b"[]", b"[null]")


def _nan_for_nulls(table: list[list[float | None]]) -> Rows:
    return [[math.nan if cell is None else cell for cell in row] for row in table]


def _csv_number(cell: str, row: int, column: int) -> float:
    text = cell.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    shown = f"the text {text[:40]!r}" if text else "nothing"
    raise RequestError(400, "NotANumber", f"Row {row}, column {column} has {shown} where a number is expected.")


def read_instances(body: bytes) -> list[object]:
    """Return the instances of ``{"instances": [...]}``, at least one; RequestError 400 otherwise."""
    document = loads(body, "The body")
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list):
        raise RequestError(400, "InvalidJson", 'The body must be an object {"instances": [...]}.')
    if not instances:
        raise RequestError(400, "EmptyBody", "There are no instances: at least one is needed.")
    return instances


def read_lines(body: bytes) -> list[object]:
    """Return the documents of JSON Lines."""
    return [loads(line, f"Row {i}") for i, line in enumerate(body.rstrip(BLANK).split(b"\n"), start=1)]


def loads(text: bytes, what: str) -> object:
    """Return a JSON document; RequestError 400 says that ``what`` is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            text.decode()
        except UnicodeDecodeError as wrong:
            raise _not_utf8(wrong) from None
        raise RequestError(400, "InvalidJson", f"{what} is not JSON: {error}.") from None


def numbers(value: object, row: int, *, with_missing: bool = False) -> list[float]:
    """Return a list of numbers as it is; RequestError 400 for anything else.

    null is NaN for a model ``with_missing`` values, else it is refused.
    """
    if not isinstance(value, list):
        raise RequestError(400, "InvalidInstance", f"Row {row} must be a list of numbers or an object of fields.")
    types = set(map(type, value))
    if types <= {int, float}:
        return value
    if with_missing and types <= {int, float, type(None)}:
        return [math.nan if cell is None else cell for cell in value]
    allowed = {int, float, type(None)} if with_missing else {int, float}
    column = next(i for i, cell in enumerate(value, start=1) if type(cell) not in allowed)
    shown = orjson.dumps(value[column - 1]).decode()[:40]
    raise RequestError(400, "NotANumber", f"Row {row}, column {column} has {shown} where a number is expected.")


def require_rows(body: bytes) -> None:
    """Raise RequestError 400 for a body with nothing in it."""
    if not body.strip(BLANK):
        raise RequestError(400, "EmptyBody", "The body is empty: at least one row is needed.")


def require_width(rows: Rows, width: int) -> None:
    """Raise RequestError 400 for the first row that is not ``width`` numbers wide."""
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise RequestError(
                400, "WrongColumnCount", f"Row {number} has {len(row)} columns: the model takes {width} features."
            )


def _not_utf8(error: UnicodeDecodeError) -> RequestError:
    return RequestError(
        400, "NotUtf8", f"The body is not UTF-8: byte {error.start} is {error.object[error.start]:#04x}."
    )


@lru_cache(maxsize=256)
def request_format(content_type: bytes) -> Format:
    """Return the format that a Content-Type names; RequestError 415 for any other, or another charset than UTF-8."""
    name, parameters = _media_type(content_type.decode("latin-1"))
    charset = parameters.get("charset", "utf-8").strip('"')
    for format_ in FORMATS:
        if name == format_ and charset in {"utf-8", "utf8", "us-ascii"}:
            return format_
    shown = content_type.decode("latin-1")[:80] or "none"
    known = ", ".join(FORMATS)
    raise RequestError(415, "UnsupportedContentType", f"The content type is {shown}: the model takes {known} in UTF-8.")


@lru_cache(maxsize=256)
def answer_format(accept: bytes, own: Format, offered: tuple[Format, ...] = FORMATS) -> Format:
    """Return the best format that an Accept header allows, ``own`` among equals; RequestError 406 if none."""
    if not accept:
        return own
    ranges = [_media_range(part) for part in accept.decode("latin-1").split(",") if part.strip()]
    best, best_quality = own, 0.0
    for format_ in (own, *(other for other in offered if other != own)):
        quality = _quality(format_, ranges)
        if quality > best_quality:
            best, best_quality = format_, quality
    if best_quality == 0:
        shown = accept.decode("latin-1")[:80]
        raise RequestError(406, "NotAcceptable", f"Accept is {shown}: the model answers {', '.join(offered)}.")
    return best


@lru_cache(maxsize=256)
def media_parameter(header: bytes, name: str) -> str:
    """Return a parameter, in lower case, of the first media type in a header that has it; empty when none has."""
    for part in header.decode("latin-1").split(","):
        _, parameters = _media_type(part)
        if name in parameters:
            return parameters[name]
    return ""


def _media_type(text: str) -> tuple[str, dict[str, str]]:
    name, *parameters = [part.strip().lower() for part in text.split(";")]
    found = (parameter.partition("=") for parameter in parameters)
    return name, {key.strip(): value.strip() for key, _, value in found}


def _media_range(text: str) -> tuple[str, float]:
    name, parameters = _media_type(text)
    quality = parameters.get("q", "1")
    return name, float(quality) if _NUMBER.fullmatch(quality) else 0.0


def _quality(format_: Format, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the quality of the most specific range that covers a format; 0 when none does."""
    for candidate in (format_, format_.partition("/")[0] + "/*", "*/*"):
        for name, quality in ranges:
            if name == candidate:
                return quality
    return 0.0
