"""How far a job is and when it ends, counted by hand."""

import pytest

from labels.lead.progress import Forecast, progress_of
from labels.task import Hold, Lease, Object, Stage

HOUR = 3600
NOW = 1_000_000


def lease(state: Hold, started: int, submitted: int = 0) -> Lease:
    return Lease(state, started, started + HOUR, started + 60, submitted or started, 1, submitted=submitted)


def answers(count: int, span: int) -> list[Lease]:
    """So many answers in the time before now, begun at its start."""
    return [lease(Hold.SUBMITTED, NOW - span, NOW - number) for number in range(count)]


OBJECTS = [
    Object(3),
    Object(3, Stage.OPEN, left=1, answers=1, until=NOW + HOUR),
    Object(3, Stage.ANSWERED, answers=3),
    Object(3, Stage.LABELED, answers=3),
    Object(3, Stage.FAILED, answers=0, reason="Nobody came."),
]


def test_answers_are_counted() -> None:
    found = progress_of(OBJECTS, [*answers(7, HOUR), lease(Hold.HELD, NOW - 5)], NOW)
    assert {stage.value: count for stage, count in found.stages.items()} == dict.fromkeys(
        ("waiting", "open", "answered", "labeled", "failed"), 1
    )
    assert (found.objects, found.answers, found.held, found.missing) == (5, 7, 1, 5)
    assert found.share == pytest.approx(7 / 12)


def test_the_end_is_forecast_by_the_pace_of_the_time_since_the_beginning() -> None:
    """16 answers in two hours, 5 wanted: 37.5 minutes; with eight more or less of them 25 minutes, or 75."""
    found = progress_of(OBJECTS, answers(16, 2 * HOUR), NOW).forecast
    assert found == Forecast(NOW + 2250, NOW + 1500, NOW + 4500, "5 answers are wanted, and people give 8.0 an hour.")


def test_the_pace_is_that_of_the_last_day() -> None:
    old = [lease(Hold.SUBMITTED, NOW - 50 * HOUR, NOW - 40 * HOUR)] * 1000
    found = progress_of(OBJECTS, [*old, *answers(48, 24 * HOUR)], NOW).forecast
    assert found.why == "5 answers are wanted, and people give 2.0 an hour."
    assert found.ends == NOW + 9000


def test_few_answers_have_no_latest_end() -> None:
    found = progress_of(OBJECTS, answers(4, HOUR), NOW).forecast
    assert (found.ends, found.earliest, found.latest) == (NOW + 4500, NOW + 2250, None)


def test_nobody_knows_the_end_where_nobody_answers() -> None:
    assert progress_of(OBJECTS, [], NOW).forecast == Forecast(
        None, None, None, "Nobody has answered yet, and 5 answers are wanted."
    )
    tired = [lease(Hold.SUBMITTED, NOW - 50 * HOUR, NOW - 40 * HOUR), lease(Hold.HELD, NOW - 10)]
    assert progress_of(OBJECTS, tired, NOW).forecast.why == (
        "Nobody has answered in the last 24.0 hours, and 5 answers are wanted."
    )


def test_objects_that_close_before_the_end_are_counted() -> None:
    found = progress_of(OBJECTS, answers(4, HOUR), NOW)  # the forecast is 75 minutes
    assert found.closing == 1
    assert progress_of(OBJECTS, answers(16, HOUR), NOW).closing == 0


def test_a_job_whose_answers_are_given_is_at_its_end() -> None:
    found = progress_of(OBJECTS[2:], [], NOW)
    assert (found.share, found.forecast.ends, found.closing) == (1, NOW, 0)
    assert progress_of([], [], NOW).share == 1
