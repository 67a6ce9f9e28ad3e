"""Who guesses is named with the reason, and who is bad at it but looks is not."""

from random import Random

import pytest

from labels.consolidation.classes import Vote
from labels.guessing import FEWEST, Pace, guessers

ABC = ("a", "b", "c")


def crowd(objects: int, **others: str) -> list[Vote]:
    """Three people who are always right about a, b, c, a, …, and others with their answers in that order."""
    votes = [Vote(str(number), worker, "abc"[number % 3]) for number in range(objects) for worker in "xyz"]
    return votes + [
        Vote(str(number), worker, label) for worker, said in others.items() for number, label in enumerate(said)
    ]


def test_who_gives_one_answer_always_is_named_with_it() -> None:
    assert guessers(crowd(18, dull="b" * 18), ABC) == {"dull": "18 of 18 answers are b, whatever was shown."}


def test_who_says_anything_is_named_by_what_others_say() -> None:
    dice = Random(1)
    found = guessers(crowd(30, numb="".join(dice.choices("abc", k=30))), ABC)
    assert found.keys() == {"numb"}
    assert "as if guessed" in found["numb"]


def test_nobody_is_judged_by_a_few_answers_nor_by_objects_that_nobody_else_answered() -> None:
    assert guessers(crowd(18, dull="b" * (FEWEST - 1)), ABC) == {}
    assert guessers([Vote(str(number), "x", "a") for number in range(40)], ABC) == {}


def test_who_errs_but_looks_goes_on() -> None:
    """Right in two of three cases, by hand."""
    errs = "".join("abc"[number % 3] if number % 9 < 6 else "abc"[(number + 1) % 3] for number in range(27))
    assert guessers(crowd(27, slow=errs), ABC) == {}


def test_a_job_of_one_class_is_no_reason_to_pause_anybody() -> None:
    assert guessers([Vote(str(number), worker, "a") for number in range(30) for worker in "xyz"], ABC) == {}


def test_known_answers_judge_who_nobody_else_does() -> None:
    votes = [Vote(str(number), "dull", "b") for number in range(18)]
    assert guessers(votes, ABC, {str(number): "abc"[number % 3] for number in range(18)}).keys() == {"dull"}


@pytest.mark.parametrize(("seconds", "paused"), [(2.4, True), (2.6, False)])
def test_who_needs_less_than_a_quarter_of_the_usual_time_cannot_have_looked(seconds: float, *, paused: bool) -> None:
    paces = [Pace(worker, 10.0) for worker in "xyz" for _ in range(20)] + [Pace("hasty", seconds)] * FEWEST
    found = guessers(crowd(9), ABC, paces=paces)
    assert found.keys() == ({"hasty"} if paused else set())
    if paused:
        assert found["hasty"] == "Half of 8 tasks took less than 2.4 seconds, where others need 10.0."


def test_two_people_say_nothing_about_what_is_usual() -> None:
    paces = [Pace(worker, seconds) for worker, seconds in (("x", 10.0), ("y", 1.0)) for _ in range(20)]
    assert guessers(crowd(9), ABC, paces=paces) == {}
