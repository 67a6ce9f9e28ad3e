"""Simulated people of known skill: what they say about an object whose label is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from labels.consolidation.boxes import Box
from labels.consolidation.marks import Mark

ANSWER: Final = "annotatedResult"
"""The name of the element in the worker templates, which an answer stands under; Ground Truth's own use it."""


@dataclass(frozen=True, kw_only=True)
class Labeler:
    """Somebody who labels: how often they are right, how exactly they draw, and how long they take.

    `right` is how often they name the right class, `finds` which share of the things they see, `apart` how far a side
    of a box is off, as a share of the box, `seconds` the time of a task. Who does not look says the same of everything.
    """

    name: str
    right: float
    finds: float
    apart: float
    seconds: float
    looks: bool = True

    def choose(self, actual: str, classes: Sequence[str], random: Random) -> Mapping[str, Any]:
        """Return what they submit about an object of class `actual`."""
        return {ANSWER: {"label": self._class(actual, classes, random)}}

    def draw(
        self, marks: Sequence[Mark[Box]], classes: Sequence[str], size: tuple[int, int], random: Random
    ) -> Mapping[str, Any]:
        """Return what they submit about a picture of `size`, width and height, with these things in it."""
        width, height = size
        if self.looks:
            found = [
                (self._class(each.label, classes, random), self._redrawn(each.shape, size, random))
                for each in marks
                if random.random() < self.finds
            ]
        else:
            found = [(classes[0], Box(width // 4, height // 4, width // 2, height // 2))]
        boxes = [{"label": label, **box._asdict()} for label, box in found]
        return {ANSWER: {"boundingBoxes": boxes, "inputImageProperties": {"width": width, "height": height}}}

    def _class(self, actual: str, classes: Sequence[str], random: Random) -> str:
        if not self.looks:
            return classes[0]
        if random.random() < self.right:
            return actual
        return random.choice([each for each in classes if each != actual] or [actual])

    def _redrawn(self, box: Box, size: tuple[int, int], random: Random) -> Box:
        """Return the box as they draw it, each side off by chance, within the picture."""
        left, width = self._side(box.left, box.width, size[0], random)
        top, height = self._side(box.top, box.height, size[1], random)
        return Box(left, top, width, height)

    def _side(self, begin: float, long: float, most: int, random: Random) -> tuple[int, int]:
        """Return where a side begins as they draw it, and how long it is: a pixel at least, within `most`."""
        first, last = sorted(round(random.gauss(edge, self.apart * long)) for edge in (begin, begin + long))
        first = max(0, min(first, most - 1))
        return first, max(1, min(last, most) - first)


PEOPLE: Final = (
    Labeler(name="ada", right=0.98, finds=0.99, apart=0.015, seconds=9.0),
    Labeler(name="bea", right=0.96, finds=0.97, apart=0.02, seconds=7.0),
    Labeler(name="cyd", right=0.95, finds=0.98, apart=0.025, seconds=11.0),
    Labeler(name="dov", right=0.93, finds=0.95, apart=0.03, seconds=6.0),
    Labeler(name="eli", right=0.85, finds=0.9, apart=0.05, seconds=5.0),
    Labeler(name="fay", right=0.5, finds=1.0, apart=0.0, seconds=1.0, looks=False),
)
"""Five who look, more and less carefully, and one who does not."""
