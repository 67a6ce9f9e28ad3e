"""S3 of MiniStack: ids of versions, and what is said of versions that are not there.

Sources: user guide of S3, "Using versioning in S3 buckets"; API reference, "DeleteObjects"; answers that
localstack/localstack recorded from AWS (tests/aws/services/s3/*.snapshot.json, Apache-2.0).
"""

import contextvars
import html
import itertools
import secrets
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import s3

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LENGTH: Final = 32
PLACES: Final = 8
CHECKED: Final = 4
_OK: Final = 200
_numbers: Final = itertools.count()
_minting: Final = contextvars.ContextVar("minting", default=False)
_absent: Final[contextvars.ContextVar[list[tuple[str, str]] | None]] = contextvars.ContextVar("absent", default=None)


def tell_versions() -> None:
    """Give versions ids of AWS's form, tell `null` for one, and say of a version that is absent that it is."""
    _mint()
    _tell_null()
    _miss()


def new_id() -> str:
    """Make the id of a version: its number (see `made_before`), what chance says, and a check (see `is_id`)."""
    chance = "".join(secrets.choice(DIGITS) for _ in range(LENGTH - PLACES - CHECKED))
    body = _digits(next(_numbers), PLACES) + chance
    return body + _check(body)


def is_id(text: str) -> bool:
    """Return whether a text is an id that was given here, or `null`; S3 knows its own too."""
    return text == "null" or (len(text) == LENGTH and text[-CHECKED:] == _check(text[:-CHECKED]))


def _check(body: str) -> str:
    return _digits(zlib.crc32(body.encode()), CHECKED)


def _digits(number: int, places: int) -> str:
    digits = ""
    for _ in range(places):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits


def made_before(one: str, other: str) -> bool:
    """Return whether a version may have been made before another; of one that has no id of its own (`null`) it may."""
    return "null" in {one, other} or one < other


def _mint() -> None:
    new_uuid = s3.new_uuid
    s3.new_uuid = lambda: new_id() if _minting.get() else new_uuid()
    for name in ("_record_object_version", "_record_delete_marker"):
        setattr(s3, name, _with_ids(getattr(s3, name)))


def _with_ids(operation: Callable[..., Any]) -> Callable[..., Any]:
    def recorded(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack's
        token = _minting.set(True)
        try:
            return operation(*arguments)
        finally:
            _minting.reset(token)

    return recorded


def _tell_null() -> None:
    for name in ("_get_object", "_head_object"):
        setattr(s3, name, _with_null(getattr(s3, name)))


def _with_null(operation: Callable[..., Any]) -> Callable[..., Any]:
    def told(bucket: str, key: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, content = operation(bucket, key, *arguments, **named)
        if status < 300 and s3._bucket_versioning.get(bucket):  # noqa: PLR2004 - a success
            headers.setdefault("x-amz-version-id", "null")
        return status, headers, content

    return told


def _miss() -> None:
    delete, delete_version = s3._delete_objects, s3._delete_object_version

    def deleted_version(bucket: Mapping[str, Any], name: str, key: str, version: str) -> tuple[bool, bool]:
        found: tuple[bool, bool] = delete_version(bucket, name, key, version)
        if (absent := _absent.get()) is not None and not found[0] and version != "null":
            absent.append((key, version))
        return found

    def deleted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        absent: list[tuple[str, str]] = []
        token = _absent.set(absent)
        try:
            status, headers, content = delete(*arguments, **named)
        finally:
            _absent.reset(token)
        for key, version in absent if status == _OK else ():
            named_so = f"<Key>{html.escape(key, quote=False)}</Key><VersionId>{version}</VersionId>"
            said = "<Code>NoSuchVersion</Code><Message>The specified version does not exist.</Message>"
            content = content.replace(f"<Deleted>{named_so}</Deleted>".encode(), b"")
            content = content.replace(b"</DeleteResult>", f"<Error>{named_so}{said}</Error></DeleteResult>".encode())
        return status, headers, content

    s3._delete_object_version, s3._delete_objects = deleted_version, deleted
