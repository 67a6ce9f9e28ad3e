"""Event times in both types that a group may have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localsagemaker.feature_store import event_time
from localsagemaker.feature_store.schema import FeatureType


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2013-09-17T06:44:01Z", 1379400241000000),
        ("2013-09-17T06:44:01.250Z", 1379400241250000),
        ("1379400241", 1379400241000000),
        ("1379400241.25", 1379400241250000),
        ("1.379400241e9", 1379400241000000),
    ],
)
def test_both_forms(text: str, microseconds: int) -> None:
    assert event_time.parse(text, "String" if "T" in text else "Fractional") == microseconds


@pytest.mark.parametrize("kind", ["String", "Fractional"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "nan",
        "-1",
        "1e300",
        "2013-09-17T06:44:01",
        "2013-09-17T06:44:01+02:00",
        "2013-02-30T00:00:00Z",
        "2013-09-17T06:44:01.123456789Z",
    ],
)
def test_what_is_no_time_is_refused_with_a_sentence(text: str, kind: FeatureType) -> None:
    with pytest.raises(ValueError, match=r"^The event time .+\.$"):
        event_time.parse(text, kind)


@settings(deadline=None)
@given(st.integers(0, 4_000_000_000_000_000))
def test_what_is_written_reads_the_same(moment: int) -> None:
    assert event_time.parse(event_time.write(moment, "Fractional"), "Fractional") == moment
    thousandth = moment // 1000 * 1000
    assert event_time.parse(event_time.write(thousandth, "String"), "String") == thousandth
