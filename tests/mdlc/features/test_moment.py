"""Times as people write them."""

import pytest

from mdlc.features import moment

SECOND = 1_000_000
NEW_YEAR_2020 = 1_577_836_800
"""Seconds since 1970, by hand: 50 years of 365 days and 12 leap days, times 86,400."""


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("1379400241", 1379400241 * SECOND),
        ("1379400241.25", 1379400241 * SECOND + 250_000),
        ("1.379400241e9", 1379400241 * SECOND),
        ("2013-09-17T06:44:01Z", 1379400241 * SECOND),
        ("2013-09-17T06:44:01.250Z", 1379400241 * SECOND + 250_000),
        ("2013-09-17T08:44:01+02:00", 1379400241 * SECOND),
        ("2013-09-17 06:44:01", 1379400241 * SECOND),
        ("2020-01-01", NEW_YEAR_2020 * SECOND),
        ("2020-01-01T00:00:00+01:00", (NEW_YEAR_2020 - 3600) * SECOND),
        ("1970-01-01", 0),
    ],
)
def test_seconds_dates_and_offsets_are_times(text: str, microseconds: int) -> None:
    assert moment.read(text) == microseconds


@pytest.mark.parametrize("text", ["", "now", "nan", "inf", "2013-02-30", "2013-02-30T00:00:00Z", "31.01.2026"])
def test_what_is_no_time_gets_one_sentence_for_both_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time: write seconds since 1970, or ISO 8601 such as 2026-01-31, "):
        moment.read(text)


@pytest.mark.parametrize("text", ["-1", "1e300", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00"])
def test_a_time_that_no_record_may_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time between 1970 and 9999"):
        moment.read(text)
