"""Figures of a job whose answers can be counted by hand."""

import pytest

from labels import quality
from labels.consolidation.classes import Vote
from labels.guessing import Pace
from labels.quality import Share

AB = ("a", "b")
VOTES = [Vote(str(number), worker, "ab"[number % 2]) for number in range(20) for worker in "xyz"]
"""Twenty objects, every second of them b, about which three people agree."""
ERRS = [Vote(str(number), "errs", "a" if number in {1, 3} else "ab"[number % 2]) for number in range(20)]
"""A fourth who takes two b for a."""


def test_what_a_person_did_is_counted() -> None:
    paces = [Pace("errs", seconds) for seconds in (4.0, 6.0, 20.0)]
    found = quality.of([*VOTES, *ERRS], AB, {"0": "a", "1": "b"}, paces, {"errs": 3})
    worst = found.people[0]
    assert worst.worker == "errs"
    assert (worst.answers, worst.skips, worst.seconds) == (20, 3, 6)
    assert worst.gold == Share(1, 2)
    assert worst.agreement == Share(54, 60)  # 18 objects on which three others agree with them
    assert [(pair.actual, pair.said, sorted(pair.objects)) for pair in worst.confusions] == [("b", "a", ["1", "3"])]
    assert worst.confusions[0].times == pytest.approx(2, abs=0.2)
    assert not worst.paused
    best = found.people[-1]
    assert best.gold == Share(2, 2)
    assert best.agreement == Share(58, 60)
    assert best.accuracy > worst.accuracy
    assert best.seconds is None


def test_classes_have_how_often_they_are_found_and_how_far_they_can_be_trusted() -> None:
    """By hand: 78 of 80 answers are right; of 40 about b 38 say so, and of the 42 that say a 40 are right."""
    found = quality.of([*VOTES, *ERRS], AB)
    a, b = found.classes
    assert (a.name, a.objects, b.objects) == ("a", 10, 10)
    assert [a.found, a.trusted] == pytest.approx([1, 40 / 42], abs=0.01)
    assert [b.found, b.trusted] == pytest.approx([38 / 40, 1], abs=0.01)
    assert [(pair.actual, pair.said) for pair in found.confusions] == [("b", "a")]
    assert [name for name, *_ in found.disagreements] == ["1", "3"]
    assert found.disagreements[0][2] == {"b": 3, "a": 1}
    assert (found.objects, found.answers) == (20, 80)


def test_agreement_of_all_is_one() -> None:
    assert quality.of(VOTES, AB).alpha == 1
    assert quality.of([], AB).alpha is None


def test_who_guesses_comes_first_with_the_reason() -> None:
    dull = [Vote(str(number), "dull", "a") for number in range(20)]
    found = quality.of([*VOTES, *dull], AB)
    assert found.people[0].worker == "dull"
    assert found.people[0].paused == "20 of 20 answers are a, whatever was shown."
    assert not any(each.paused for each in found.people[1:])


def test_a_correct_label_costs_time_and_aws() -> None:
    """By hand: 60 answers of 30 seconds at 12 USD an hour are 6 USD, and .6 for AWS: .33 for each of 20 labels."""
    found = quality.of(VOTES, AB, paces=[Pace(worker, 30.0) for worker in "xyz"])
    cost = quality.cost_of_a_correct_label(found, usd_an_hour=12, usd_for_aws=0.6)
    assert cost == pytest.approx(0.33 / found.accuracy)
    assert found.accuracy > 0.9
    assert quality.cost_of_a_correct_label(quality.of(VOTES, AB), usd_an_hour=12) is None
