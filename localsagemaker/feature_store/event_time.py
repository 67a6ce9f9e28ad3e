"""Event times: when what a record says became true. A feature group has them as one of two types.

Fractional is seconds since 1970 (UTC), of which microseconds count; String is ISO 8601 in UTC,
`yyyy-MM-dd'T'HH:mm:ssZ` or `yyyy-MM-dd'T'HH:mm:ss.SSSZ`. Source: SageMaker developer guide, "Feature Store concepts",
and the API reference of `FeatureGroup`. In between they are whole microseconds, which compare exactly.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from localsagemaker.feature_store.schema import FeatureType

MICRO: Final = 1_000_000
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z")
_LAST: Final = 253_402_300_799 * MICRO
"""The end of the year 9999."""


def parse(text: str, kind: FeatureType) -> int:
    """Return an event time in microseconds since 1970; `ValueError` with a sentence for what is none."""
    if kind == "Fractional":
        try:
            seconds = Decimal(text)
        except InvalidOperation:
            raise ValueError(f"The event time {text!r} is not in seconds since 1970.") from None
        if not seconds.is_finite() or not 0 <= seconds * MICRO <= _LAST:
            raise ValueError(f"The event time {text!r} is not in seconds between 1970 and 9999.")
        return int(seconds * MICRO)
    if not _ISO.fullmatch(text):
        raise ValueError(
            f"The event time {text!r} is not in ISO 8601 and UTC, such as 2026-01-31T12:00:00Z or "
            "2026-01-31T12:00:00.250Z."
        )
    whole, _, fraction = text.removesuffix("Z").partition(".")
    try:
        moment = datetime.fromisoformat(whole).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"The event time {text!r} is on no calendar.") from None
    return int(moment.timestamp()) * MICRO + int(fraction or 0) * 1000


def write(moment: int, kind: FeatureType) -> str:
    """Return microseconds since 1970 as a feature of that type holds them."""
    if kind == "Fractional":
        return f"{moment // MICRO}.{moment % MICRO:06d}"
    whole = datetime.fromtimestamp(moment // MICRO, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{moment % MICRO // 1000:03d}Z"


def moment(microseconds: int) -> datetime:
    """Return the time of day of an event, in UTC."""
    return datetime.fromtimestamp(microseconds // MICRO, UTC)
