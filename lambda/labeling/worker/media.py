"""Pictures and other files that a task names, in pieces that fit into an answer."""

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from portal.problem import ProblemError, bad

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE: Final = 4_000_000
"""Bytes of one answer: Lambda's limit is 6 MB, and Base64 makes 4 of 3."""
_RANGE: Final = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?")
_PLAIN: Final = "application/octet-stream"


@dataclass(frozen=True)
class Piece:
    """A part of a file: from which byte, of how many, and what kind of file it is."""

    content: bytes
    first: int
    size: int
    kind: str


def find(value: object, bucket: str) -> list[str]:
    """Return the objects of `bucket` that a task's input names, in its order, each once."""
    prefix = f"s3://{bucket}/"
    return list(dict.fromkeys(each for each in _texts(value) if each.startswith(prefix) and each != prefix))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def read(s3: "S3Client", uri: str, asked: str) -> Piece:
    """Return what a Range header asks for, or the beginning. Raises ProblemError."""
    first, last = _bounds(asked)
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        got = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={first}-{last}")
    except ClientError as error:
        raise _problem(error, uri) from error
    size = int(got.get("ContentRange", "").rpartition("/")[2] or got["ContentLength"])
    return Piece(got["Body"].read(), first, size, _kind(got.get("ContentType", ""), key))


def _bounds(asked: str) -> tuple[int, int]:
    if not asked:
        return 0, PIECE - 1
    found = _RANGE.fullmatch(asked.strip())
    if found is None:
        raise bad('The Range must look like "bytes=0-3999999", with one part.')
    first = int(found[1])
    last = int(found[2]) if found[2] else first + PIECE - 1
    if last < first:
        raise bad("The Range ends before it begins.")
    return first, min(last, first + PIECE - 1)


def _kind(said: str, key: str) -> str:
    """Return the media type of an object: what it was stored as, or what its name says."""
    plain = said.partition(";")[0].strip().lower() in {"", _PLAIN, "binary/octet-stream"}
    return (mimetypes.guess_type(key)[0] or _PLAIN) if plain else said


def _problem(error: ClientError, uri: str) -> Exception:
    code: Any = error.response["Error"]["Code"]
    if code == "InvalidRange":
        return ProblemError(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "bad_range", "The file is not that long.")
    if code in {"NoSuchKey", "AccessDenied"}:  # who may not list a bucket is not told which it is
        return ProblemError(HTTPStatus.NOT_FOUND, "no_media", f"{uri} cannot be read: skip the task as broken.")
    return error
