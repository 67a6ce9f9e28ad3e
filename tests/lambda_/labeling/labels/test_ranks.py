"""Orders of several people become one: Borda's count by hand, and who counts."""

from random import Random

import pytest

from labels.consolidation.ranks import consolidate


def test_the_order_is_bordas() -> None:
    """By hand: the first is before 2 + 2 + 1 others, the second before 1 + 0 + 2, the third before 0 + 1 + 0."""
    found = consolidate({"1": {"x": (1, 2, 3), "y": (1, 3, 2), "z": (2, 1, 3)}})["1"]
    assert found.ranks == [1, 2, 3]
    assert 0.5 < found.confidence < 1


def test_what_is_equal_for_all_shares_its_rank() -> None:
    found = consolidate({"1": {"x": (1, 1, 3), "y": (1, 1, 3)}})["1"]
    assert found.ranks == [1, 1, 3]
    assert found.confidence == 1
    assert consolidate({"1": {"x": (1, 2), "y": (2, 1)}})["1"].ranks == [1, 1]


def test_one_person_s_order_is_kept_and_nobody_is_sure_of_it() -> None:
    found = consolidate({"1": {"x": (2, 1, 3)}})["1"]
    assert found.ranks == [2, 1, 3]
    assert found.confidence == 0


def test_who_orders_as_others_do_outvotes_two_who_guess() -> None:
    dice = Random(1)
    answers = {
        str(number): {
            **dict.fromkeys(("good", "better", "best"), (1, 2, 3, 4)),
            **{who: tuple(dice.sample(range(1, 5), 4)) for who in ("dull", "numb")},
        }
        for number in range(30)
    }
    answers["new"] = {"good": (4, 3, 2, 1), "dull": (1, 2, 3, 4), "numb": (1, 2, 3, 4)}
    assert consolidate(answers)["new"].ranks == [4, 3, 2, 1]


def test_people_who_saw_different_tasks_are_named() -> None:
    with pytest.raises(ValueError, match="another number of responses of 7"):
        consolidate({"7": {"x": (1, 2), "y": (1, 2, 3)}})
