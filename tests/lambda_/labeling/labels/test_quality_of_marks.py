"""Figures of jobs in which people mark things, counted by hand."""

import pytest

from labels import quality_of_marks
from labels.consolidation.boxes import Box, overlap
from labels.consolidation.marks import Mark
from labels.guessing import Pace
from labels.quality import Pair, Quality, Share
from labels.quality_of_marks import NOTHING, Consensus

DOG, BONE = Box(0, 0, 10, 10), Box(100, 0, 10, 10)
HALF = Box(0, 0, 10, 5)
"""Half of the dog: intersection over union .5."""
FAR = Box(500, 0, 10, 10)
LABELS = {"p": Consensus([Mark("dog", DOG), Mark("bone", BONE)], 0.9), "q": Consensus([Mark("dog", DOG)], 0.7)}
ANSWERS = {
    "p": {
        "ann": [Mark("dog", DOG), Mark("bone", BONE)],
        "bob": [Mark("dog", HALF), Mark("dog", BONE), Mark("bone", FAR)],
    },
    "q": {"ann": [Mark("dog", DOG)], "bob": [], "cid": [Mark("dog", DOG)]},
    "alone": {"ann": [Mark("dog", FAR)]},
}


def figures(**known: list[Mark[Box]]) -> Quality:
    labels = {**LABELS, "alone": Consensus([Mark("dog", FAR)], 0.0)}
    paces = [Pace("ann", 4.0), Pace("ann", 8.0)]
    return quality_of_marks.of(
        ANSWERS, labels, ["dog", "bone", "cat"], overlap, gold=known, paces=paces, skips={"bob": 2}
    )


def test_people_are_right_by_the_marks_that_are_those_of_the_labels() -> None:
    """Of bob: one of his three marks is right, of the three of the labels; twice one by six."""
    bob, *others = figures().people
    assert (bob.worker, bob.answers, bob.skips) == ("bob", 2, 2)
    assert bob.accuracy == pytest.approx(2 / 6)
    assert bob.confusions == [
        Pair("bone", "dog", 1, ["p"]),
        Pair("dog", NOTHING, 1, ["q"]),
        Pair(NOTHING, "bone", 1, ["p"]),
    ]
    assert [each.worker for each in others] == ["ann", "cid"]
    assert {each.accuracy for each in others} == {1.0}
    assert {each.worker: each.seconds for each in others} == {"ann": 6.0, "cid": None}


def test_agreement_is_of_marks_of_one_thing_and_class() -> None:
    """ann and bob: of p the dog, the box of two classes, the far one; of q the dog; ann and cid: the dog of q."""
    found = {each.worker: each.agreement for each in figures().people}
    assert found == {"ann": Share(2, 5), "bob": Share(1, 5), "cid": Share(1, 2)}


def test_what_answers_have_in_common_is_the_mean_overlap() -> None:
    """Of p .5 of three things; of q nothing, 1 and nothing, so a third."""
    assert figures().overlap == pytest.approx((0.5 / 3 + 1 / 3) / 2)
    assert figures().alpha is None
    assert figures().accuracy == pytest.approx(0.8), "as the labels of p and q promise; nobody confirms the other"


def test_classes_are_found_and_trusted() -> None:
    """dog: in p by both, in q by two of three; of five said, one was a bone. bone: by ann of two; bob's is none."""
    dog, bone, cat = figures().classes
    assert [dog.objects, dog.found, dog.trusted] == pytest.approx([3, 4 / 5, 4 / 5])
    assert [bone.objects, bone.found, bone.trusted] == pytest.approx([1, 1 / 2, 1 / 2])
    assert (cat.objects, cat.found, cat.trusted) == (0, 0, 0)


def test_objects_that_people_disagree_about_come_with_what_each_said() -> None:
    first, second = figures().disagreements
    assert (first[0], first[1].name, first[2]) == ("p", "bone, dog", {"bone, dog": 1, "bone, 2 dog": 1})
    assert (second[0], second[1].name, second[2]) == ("q", "dog", {"dog": 2, NOTHING: 1})
    assert list(first[1].probabilities) == pytest.approx([0.5 / 3])


def test_known_objects_tell_who_is_right() -> None:
    known = {each.worker: each.gold for each in figures(q=[Mark("dog", DOG), Mark("cat", FAR)]).people}
    assert known == {"ann": Share(1, 2), "bob": Share(0, 2), "cid": Share(1, 2)}


def test_who_takes_no_time_is_named_first() -> None:
    paces = [Pace(worker, 1.0 if worker == "cid" else 20.0) for worker in ("ann", "bob", "cid") for _ in range(8)]
    found = quality_of_marks.of({"q": ANSWERS["q"]}, {"q": LABELS["q"]}, ["dog"], overlap, gold={}, paces=paces)
    assert found.people[0].paused == "Half of 8 tasks took less than 1.0 seconds, where others need 20.0."


def test_without_answers_that_can_be_compared_nothing_is_claimed() -> None:
    alone = quality_of_marks.of(
        {"a": {"ann": [Mark("dog", DOG)]}}, {"a": Consensus([Mark("dog", DOG)], 0.0)}, ["dog"], overlap, gold={}
    )
    assert (alone.overlap, alone.accuracy, alone.people[0].accuracy, alone.disagreements) == (None, 0.0, 1.0, [])
    assert quality_of_marks.of({}, {}, ["dog"], overlap, gold={}).people == []
