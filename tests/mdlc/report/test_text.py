import math
from datetime import datetime, timedelta, timezone

import pytest

from mdlc.report import text


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "unknown"), (0.0312, "31 ms"), (0.44, "0.4 s"), (12.4, "12 s"), (59.6, "1 min 0 s"), (200.0, "3 min 20 s")],
)
def test_durations_are_for_people(value: float | None, shown: str) -> None:
    assert text.seconds(value) == shown


def test_times_have_a_date_and_a_zone() -> None:
    there = datetime(2026, 11, 28, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert text.moment(there) == "2026-11-27 23:30:00 UTC"
    assert text.moment(there.replace(tzinfo=None)) == "2026-11-28 01:30:00 UTC"
    assert text.moment(None) == "unknown"


def test_figures_are_for_people() -> None:
    shown = [text.figure(value) for value in (0.5, 0.00075, 1e-05, 0.0, None, math.nan)]
    assert shown == ["0.5000", "0.00075", "1e-05", "0.0000", "not measured", "nan"]


def test_an_amount_has_as_many_decimals_as_it_bears() -> None:
    shown = [text.amount(value) for value in (99.99, 100.0, -9809.8528, 126309.5, math.inf)]
    assert shown == ["99.9900", "100.00", "-9,809.85", "126,309.50", "inf"]


@pytest.mark.parametrize(("value", "shown"), [(2.0, "2"), (2.5, "2.5"), (1, "1"), ("spots", "spots")])
def test_a_label_has_no_decimals_that_say_nothing(value: object, shown: str) -> None:
    assert text.label(value) == shown


def test_names_of_aws_are_in_words() -> None:
    assert [text.status(name) for name in ("SUCCEEDED", "TIMED_OUT")] == ["succeeded", "timed out"]
    assert [text.metric(name) for name in ("roc_auc", "true_negative_rate")] == [
        "area under the ROC curve",
        "true negative rate",
    ]
