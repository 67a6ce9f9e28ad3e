"""Which of the marks that people made are things, and of which class: for boxes, shapes and spans of text alike.

Marks of several people are one candidate where they are alike. How probable it is that a candidate is there follows
from who marked it and who, having seen the same object, did not: of each person two rates are learned, which share of
the things they find, and how many they imagine.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, log
from typing import Final, Generic, TypeVar

from labels.consolidation import classes as votes
from labels.consolidation.clusters import clusters

Shape = TypeVar("Shape")

ROUNDS: Final = 12
FINDS: Final = (9.0, 1.0)
"""What is expected of a person before: as if they had found nine things, missed one,"""
IMAGINES: Final = (0.5, 5.0)
"""and marked half a thing that is not there in five objects."""
COINCIDENCE: Final = 0.05
"""How probable it is that something imagined lies where somebody else imagined something."""
WEIGHT_OF_ROWS: Final = 300.0
"""How many marks of one class the expected row of a person's confusions weighs: few people name each thing, and one
rate of a person can be learned from that, not a rate for each pair of classes."""
THERE: Final = 0.5
"""From this probability on a candidate counts as a thing."""


@dataclass(frozen=True)
class Mark(Generic[Shape]):
    """What a person drew, and the class that they gave it."""

    label: str
    shape: Shape


@dataclass(frozen=True)
class Thing(Generic[Shape]):
    """What several people marked: who drew what, its class, and how probable both are together (0 to 1)."""

    shapes: Mapping[str, Shape]
    label: str
    confidence: float


Answers = Mapping[str, Mapping[str, Sequence[Mark[Shape]]]]
"""The marks by object, then by person; who saw an object and marked nothing has an empty list."""


def consolidate(
    answers: Answers[Shape],
    classes: Sequence[str],
    alike: Callable[[Shape, Shape], float],
    least: float,
    other_class: float = 1.0,
) -> dict[str, list[Thing[Shape]]]:
    """Return the things in every object, the surest first.

    `alike` (0 to 1) compares two shapes, from `least` on they may be the same thing; by `other_class` they are less
    alike where people gave them different classes. Where one person alone saw an object all of their marks are kept,
    with confidence 0. Raises UnknownClassError.
    """
    found = [
        _Candidate(name, tuple(by_worker), members)
        for name, by_worker in answers.items()
        for members in _same(by_worker, alike, least, other_class)
    ]
    there = _presence(found, answers)
    labels = votes.consolidate(
        (
            votes.Vote(str(number), worker, mark.label)
            for number, each in enumerate(found)
            for worker, mark in each.marks.items()
        ),
        classes,
        weights={str(number): probability for number, probability in enumerate(there)},
        rows=WEIGHT_OF_ROWS,
    ).labels
    things: dict[str, list[Thing[Shape]]] = {name: [] for name in answers}
    for number, (each, probability) in enumerate(zip(found, there, strict=True)):
        label = labels[str(number)]
        alone = len(each.asked) == 1
        if alone or probability >= THERE:
            named = max(label.probabilities)
            thing = Thing(
                {worker: mark.shape for worker, mark in each.marks.items()},
                label.name,
                0.0 if alone else probability * named,
            )
            things[each.object].append(thing)
    for each_object in things.values():
        each_object.sort(key=lambda thing: -thing.confidence)
    return things


@dataclass(frozen=True)
class _Candidate(Generic[Shape]):
    object: str
    asked: tuple[str, ...]
    marks: Mapping[str, Mark[Shape]]


def _same(
    by_worker: Mapping[str, Sequence[Mark[Shape]]],
    alike: Callable[[Shape, Shape], float],
    least: float,
    other_class: float,
) -> Iterable[dict[str, Mark[Shape]]]:
    made = [(worker, mark) for worker, marks in by_worker.items() for mark in marks]
    pairs = {}
    for (first, (one, left)), (second, (other, right)) in combinations(enumerate(made), 2):
        if one != other and (value := alike(left.shape, right.shape)) > 0:
            pairs[first, second] = value if left.label == right.label else value * other_class
    for group in clusters([worker for worker, _ in made], pairs, least):
        yield {made[position][0]: made[position][1] for position in group}


def _presence(found: Sequence[_Candidate[Shape]], seen: Mapping[str, Iterable[str]]) -> list[float]:
    """Return how probable each candidate is there, by what those who saw the object, `seen`, find and imagine."""
    there = [len(each.marks) / len(each.asked) for each in found]
    objects = Counter(worker for workers in seen.values() for worker in workers)
    for _ in range(ROUNDS):
        finds, imagines = _rates(found, there, objects)
        frequent = (sum(there) + 1) / (len(seen) + 1)
        before, there = there, []
        for each in found:
            odds = log(frequent) - (len(each.marks) - 1) * log(COINCIDENCE)
            for worker in each.asked:
                odds += log(finds[worker] / imagines[worker] if worker in each.marks else 1 - finds[worker])
            there.append(1 / (1 + exp(-max(-40.0, min(40.0, odds)))))
        if all(abs(new - old) < votes.SETTLED for new, old in zip(there, before, strict=True)):
            break
    return there


def _rates(
    found: Sequence[_Candidate[Shape]], there: Sequence[float], objects: Mapping[str, int]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return which share of the things each person finds, and how many they imagine in an object."""
    found_by, asked_of, imagined = (defaultdict[str, float](float) for _ in range(3))
    for each, probability in zip(found, there, strict=True):
        for worker in each.asked:
            asked_of[worker] += probability
        for worker in each.marks:
            found_by[worker] += probability
            imagined[worker] += 1 - probability
    finds = {worker: (found_by[worker] + FINDS[0]) / (asked_of[worker] + sum(FINDS)) for worker in objects}
    imagines = {worker: (imagined[worker] + IMAGINES[0]) / (seen + IMAGINES[1]) for worker, seen in objects.items()}
    return finds, imagines
