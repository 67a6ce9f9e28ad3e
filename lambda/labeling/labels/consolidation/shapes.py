"""Polygons, lines and key points of several people become one each.

Of a polygon or a line the one is taken that is most like the others' and comes from who draws as others do: a mean of
points that each person set elsewhere is no shape that anybody drew. A key point is a mean, as the corner of a box is.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import hypot
from typing import Final, NamedTuple

from labels.consolidation.geometry import Point, Shape, area_overlap, line_nearness
from labels.consolidation.marks import Answers, Mark, Thing
from labels.consolidation.marks import consolidate as things_in
from labels.consolidation.means import means

LEAST_OVERLAP: Final = 0.4
"""Intersection over union from which two people's polygons may be the same thing."""
LEAST_NEARNESS: Final = 0.4
"""How near two people's lines or points must be."""
REACH: Final = 0.05
"""The distance, as a share of the picture's diagonal, from which two points have nothing in common."""
OTHER_CLASS: Final = 0.5
"""How much less alike two points are that have different classes: parts of one thing lie near each other."""
ROUNDS: Final = 3
USUAL: Final = (0.2, 2.0)
"""How far a person's shape lies from the others' (1 is nothing in common) before it is known, and what that weighs."""


@dataclass(frozen=True)
class ConsolidatedShape:
    """A shape that people agree on, its class, and how probable it is that both are right (0 to 1)."""

    label: str
    shape: Shape
    confidence: float


class _Place(NamedTuple):
    x: float
    y: float
    diagonal: float


def polygons(answers: Answers[Shape], classes: Sequence[str]) -> dict[str, list[ConsolidatedShape]]:
    """Return the polygons of every picture, the surest first. Raises UnknownClassError."""
    alike = cache(area_overlap)
    return _nearest(things_in(answers, classes, alike, LEAST_OVERLAP), alike)


def lines(answers: Answers[Shape], classes: Sequence[str]) -> dict[str, list[ConsolidatedShape]]:
    """Return the lines of every picture, of two points or more, the surest first. Raises UnknownClassError."""
    alike = cache(line_nearness)
    return _nearest(things_in(answers, classes, alike, LEAST_NEARNESS), alike)


def points(
    answers: Answers[Shape], classes: Sequence[str], diagonals: Mapping[str, float]
) -> dict[str, list[ConsolidatedShape]]:
    """Return the key points of every picture, the surest first; `diagonals` are those of the pictures in pixels.

    Raises UnknownClassError.
    """
    placed = {
        name: {
            worker: [Mark(mark.label, _Place(*mark.shape[0], diagonals[name])) for mark in marks]
            for worker, marks in by_worker.items()
        }
        for name, by_worker in answers.items()
    }
    found = things_in(placed, classes, _point_nearness, LEAST_NEARNESS, OTHER_CLASS)
    everything = [thing for things in found.values() for thing in things]
    drawn = iter(means([thing.shapes for thing in everything], lambda mean: (REACH * mean[2]) ** 2))
    return {
        name: [ConsolidatedShape(thing.label, (_point(next(drawn)),), thing.confidence) for thing in things]
        for name, things in found.items()
    }


def _point_nearness(one: _Place, other: _Place) -> float:
    return max(0.0, 1 - hypot(one.x - other.x, one.y - other.y) / (REACH * one.diagonal))


def _point(mean: Sequence[float]) -> Point:
    x, y, _ = mean
    return x, y


def _nearest(
    found: Mapping[str, Sequence[Thing[Shape]]], alike: Callable[[Shape, Shape], float]
) -> dict[str, list[ConsolidatedShape]]:
    """Return of each thing the shape that is most like those of exact people."""
    everything = [thing for things in found.values() for thing in things]
    likeness = [_likeness(thing, alike) for thing in everything]
    weights: Mapping[str, float] = defaultdict(lambda: 1.0)
    chosen = [_best(each, weights) for each in likeness]
    for _ in range(ROUNDS):
        apart: dict[str, list[float]] = defaultdict(lambda: [USUAL[0] * USUAL[1], USUAL[1]])
        for each, best in zip(likeness, chosen, strict=True):
            for worker, others in each.items():
                if worker != best:
                    apart[worker][0] += 1 - others[best]
                elif len(each) > 1:  # the chosen one is as far from the truth as from the rest
                    apart[worker][0] += 1 - max(value for other, value in others.items() if other != worker)
                apart[worker][1] += len(each) > 1
        weights = {worker: count / total for worker, (total, count) in apart.items()}
        chosen = [_best(each, weights) for each in likeness]
    best_of = iter(chosen)
    return {
        name: [ConsolidatedShape(thing.label, thing.shapes[next(best_of)], thing.confidence) for thing in things]
        for name, things in found.items()
    }


def _likeness(thing: Thing[Shape], alike: Callable[[Shape, Shape], float]) -> dict[str, dict[str, float]]:
    likeness: dict[str, dict[str, float]] = {worker: {worker: 1.0} for worker in thing.shapes}
    for (worker, shape), (other, other_shape) in combinations(thing.shapes.items(), 2):
        likeness[worker][other] = likeness[other][worker] = alike(shape, other_shape)
    return likeness


def _best(likeness: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> str:
    """Return whose shape has most in common with all, by what each person's weighs; of equals the first by name."""
    return max(
        sorted(likeness),
        key=lambda worker: sum(weights[other] * value for other, value in likeness[worker].items()),
    )
