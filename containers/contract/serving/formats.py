"""The formats of requests and answers that images share: which one a client sends and wants, and the JSON ones."""

from __future__ import annotations

import codecs
import io
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import orjson

from contract.excerpt import excerpt
from contract.serving.csv_body import BLANK, NUMBER, wrong_width
from contract.serving.messages import RequestError, not_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Format = Literal["text/csv", "application/json", "application/jsonlines"]
FORMATS: Final[tuple[Format, ...]] = ("text/csv", "application/json", "application/jsonlines")


def read_instances(body: bytes) -> list[object]:
    """Return the instances of ``{"instances": [...]}``, at least one; RequestError 400 otherwise."""
    document = loads(body, "The body")
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list):
        raise RequestError(400, "InvalidJson", 'The body must be an object {"instances": [...]}.')
    if not instances:
        raise RequestError(400, "EmptyBody", "There are no instances: at least one is needed.")
    return instances


def read_lines(body: bytes) -> Iterator[object]:
    """Yield the documents of JSON Lines."""
    for number, line in enumerate(io.BytesIO(body.rstrip(BLANK)), start=1):
        yield loads(line, f"Row {number}")


def loads(text: bytes, what: str) -> object:
    """Return a JSON document; RequestError 400 says that ``what`` is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            text.decode()
        except UnicodeDecodeError as wrong:
            raise not_utf8(wrong) from None
        raise RequestError(400, "InvalidJson", f"{what} is not JSON: {error}.") from None


def numbers(value: object, row: int, width: int, *, with_missing: bool = False) -> list[float]:
    """Return a list of ``width`` numbers as it is; RequestError 400 for anything else.

    null is NaN for a model ``with_missing`` values, else it is refused.
    """
    if not isinstance(value, list):
        raise RequestError(400, "InvalidInstance", f"Row {row} must be a list of numbers or an object of fields.")
    types = set(map(type, value))
    if types <= {int, float}:
        found = value
    elif with_missing and types <= {int, float, type(None)}:
        found = [math.nan if cell is None else cell for cell in value]
    else:
        allowed = {int, float, type(None)} if with_missing else {int, float}
        column, cell = next((i, cell) for i, cell in enumerate(value, start=1) if type(cell) not in allowed)
        what = excerpt(cell) if isinstance(cell, (list, dict)) else orjson.dumps(cell).decode()[:40]
        raise RequestError(400, "NotANumber", f"Row {row}, column {column} has {what} where a number is expected.")
    if len(found) != width:
        raise wrong_width(row, len(found), width)
    return found


def content(body: bytes) -> bytes:
    """Return a body without a byte-order mark (RFC 8259, 8.1); RequestError 400 for one with nothing in it."""
    body = body.removeprefix(codecs.BOM_UTF8)
    if not body.strip(BLANK):
        raise RequestError(400, "EmptyBody", "The body is empty: at least one row is needed.")
    return body


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
    return name, float(quality) if NUMBER.fullmatch(quality) else 0.0


def _quality(format_: Format, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the quality of the most specific range that covers a format; 0 when none does."""
    for candidate in (format_, format_.partition("/")[0] + "/*", "*/*"):
        for name, quality in ranges:
            if name == candidate:
                return quality
    return 0.0
