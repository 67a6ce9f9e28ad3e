"""One sentence for every object, whatever has become of it."""

from dataclasses import replace

import pytest

from labels.lead.why import why
from labels.task import Close, Hold, Lease, Object, Stage, Task, Terms, step

NOW = 1_700_000_000  # 2023-11-14 22:13 UTC
OPEN = Object(3, Stage.OPEN, left=1, answers=1, until=NOW + 86_400)
HELD = Lease(Hold.HELD, NOW, NOW + 3600, NOW + 600, NOW, 1)


@pytest.mark.parametrize(
    ("thing", "leases", "sentence"),
    [
        (Object(3), {}, "It waits for its turn: as many objects as may be are open before it."),
        (
            OPEN,
            {"ann": HELD, "bob": replace(HELD, state=Hold.SUBMITTED)},
            (
                "It has 1 of 3 answers: ann works on it until 2023-11-14 22:23 UTC; "
                "1 place is free until 2023-11-15 22:13 UTC."
            ),
        ),
        (
            replace(OPEN, left=2, round=2),
            {
                "ann": replace(HELD, state=Hold.DECLINED, reason="unclear"),
                "bob": replace(HELD, state=Hold.DECLINED, reason="unclear"),
                "cid": replace(HELD, state=Hold.EXPIRED),
                "dan": HELD,  # of the round before
            },
            (
                "It has 1 of 3 answers in round 2: 2 places are free until 2023-11-15 22:13 UTC; "
                "2 people skipped it (unclear); 1 person let it go."
            ),
        ),
        (
            replace(OPEN, until=NOW),
            {},
            "Its time was over at 2023-11-14 22:13 UTC with 1 of 3 answers, and it is about to be closed.",
        ),
        (Object(3, Stage.ANSWERED, answers=2), {}, "It has 2 of 3 answers, and its label is made when the job ends."),
        (Object(3, Stage.LABELED, answers=3), {}, "It is labeled, by 3 of 3 answers."),
        (
            Object(3, Stage.FAILED, reason="The picture cannot be read."),
            {},
            "It has no label: the picture cannot be read; reopen it to ask again.",
        ),
        (Object(3, Stage.FAILED), {}, "It has no label: nobody said why; reopen it to ask again."),
    ],
)  # fmt: skip
def test_an_object_in_each_stage(thing: Object, leases: dict[str, Lease], sentence: str) -> None:
    assert why(thing, leases, NOW) == sentence


def test_what_a_job_that_has_ended_asks_no_more_is_asked_by_another() -> None:
    thing = Object(3, Stage.FAILED, reason="Nobody answered while there was time.")
    assert why(thing, {}, NOW, ended=True) == (
        "It has no label: nobody answered while there was time; a new job of its line asks again."
    )


def test_a_paused_job_says_so() -> None:
    assert why(Object(3), {}, NOW, paused="the job is paused") == "It waits for its turn: the job is paused."
    assert why(OPEN, {}, NOW, paused="the job is paused.").endswith("nobody gets it now: the job is paused.")


def test_four_hundred_tasks_that_nobody_took_up_have_four_hundred_reasons() -> None:
    """The case of amazon-sagemaker-examples, issue 2928: objects whose tasks expired ended without a word."""
    objects = [replace(OPEN, answers=0, left=3) for _ in range(400)]
    terms = Terms(limit=60, patience=60, available=86_400)
    closed = [step(Task(each), Close("Nobody took it up in time."), terms, NOW).object for each in objects]
    assert {why(each, {}, NOW) for each in closed} == {
        "It has no label: nobody took it up in time; reopen it to ask again."
    }
