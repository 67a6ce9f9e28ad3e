"""Times as people write them on a command line or in a table: seconds since 1970, or ISO 8601."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

MICRO: Final = 1_000_000
_LAST: Final = 253_402_300_799 * MICRO
"""The end of the year 9999."""


def read(text: str) -> int:
    """Return a time in microseconds since 1970; `ValueError` with a sentence for what is none.

    In ISO 8601 it may be a date alone, which begins at midnight, and have an offset; without one it is in UTC.
    """
    moment = _seconds(text)
    if moment is None:
        moment = _iso(text)
    if moment is None:
        raise ValueError(
            f"{text!r} is no time: write seconds since 1970, or ISO 8601 such as 2026-01-31, 2026-01-31T12:00:00Z or "
            "2026-01-31T12:00:00+01:00."
        )
    if not 0 <= moment <= _LAST:
        raise ValueError(f"{text!r} is no time between 1970 and 9999.")
    return moment


def _seconds(text: str) -> int | None:
    try:
        seconds = Decimal(text)
    except InvalidOperation:
        return None
    return int(seconds * MICRO) if seconds.is_finite() else None


def _iso(text: str) -> int | None:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    read = read if read.tzinfo else read.replace(tzinfo=UTC)
    return int(read.replace(microsecond=0).timestamp()) * MICRO + read.microsecond
