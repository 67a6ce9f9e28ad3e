"""Bounding boxes of several people become one each: who draws exactly counts for more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from labels.consolidation.marks import Answers, Thing
from labels.consolidation.marks import consolidate as things_in
from labels.consolidation.means import Coordinates, means

LEAST_OVERLAP: Final = 0.3
"""Intersection over union from which two people's boxes may be the same thing."""


class Box(NamedTuple):
    """A box in pixels from the upper left corner of its picture."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class ConsolidatedBox:
    """A box that people agree on, its class, and how probable it is that both are right (0 to 1)."""

    label: str
    box: Box
    confidence: float


def overlap(one: Box, other: Box) -> float:
    """Return intersection over union: 1 for the same box, 0 for boxes that do not meet."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def consolidate(answers: Answers[Box], classes: Sequence[str]) -> dict[str, list[ConsolidatedBox]]:
    """Return the boxes of every picture, the surest first. Raises UnknownClassError."""
    found = things_in(answers, classes, overlap, LEAST_OVERLAP)
    everything = [thing for things in found.values() for thing in things]
    drawn = iter(_means(everything))
    return {
        name: [ConsolidatedBox(thing.label, next(drawn), thing.confidence) for thing in things]
        for name, things in found.items()
    }


def _means(things: Sequence[Thing[Box]]) -> list[Box]:
    """Return the box of each thing: a mean of its corners, weighed by how exactly each person draws elsewhere."""
    corners = [
        {
            worker: (box.left, box.top, box.left + box.width, box.top + box.height)
            for worker, box in thing.shapes.items()
        }
        for thing in things
    ]
    return [Box(left, top, right - left, bottom - top) for left, top, right, bottom in means(corners, _size)]


def _size(corners: Coordinates) -> float:
    left, top, right, bottom = corners
    return max((right - left) * (bottom - top), 1.0)
