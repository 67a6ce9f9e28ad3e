"""How alike two shapes are, from 0 for nothing in common to 1 for the same: areas and lines through points."""

from collections.abc import Iterator
from itertools import pairwise
from math import dist, hypot
from typing import Final

Point = tuple[float, float]
Shape = tuple[Point, ...]
"""Points in pixels from the upper left corner of the picture, in the order in which they were set."""

ROWS: Final = 32
"""How many rows an area is measured in."""
STEPS: Final = 16
"""At how many places of a line its distance to another is measured."""
FAR: Final = 0.25
"""The mean distance of two lines, as a share of their length, from which they have nothing in common."""


def area_overlap(one: Shape, other: Shape) -> float:
    """Return intersection over union of the filled shapes.

    Where edges of a shape cross the even-odd rule says what is inside.
    """
    sides = [(min(values), max(values)) for shape in (one, other) for values in zip(*shape, strict=True)]
    (left, right), (top, bottom), (other_left, other_right), (other_top, other_bottom) = sides
    if min(right, other_right) <= max(left, other_left) or min(bottom, other_bottom) <= max(top, other_top):
        return 0.0
    first, last = min(top, other_top), max(bottom, other_bottom)
    shared = total = 0.0
    for row in range(ROWS):
        y = first + (last - first) * (row + 0.5) / ROWS
        ours, theirs = _inside(one, y), _inside(other, y)
        total += sum(end - start for start, end in ours) + sum(end - start for start, end in theirs)
        shared += sum(
            max(0.0, min(end, other_end) - max(start, other_start))
            for start, end in ours
            for other_start, other_end in theirs
        )
    return shared / (total - shared) if total > shared else 0.0


def _inside(shape: Shape, y: float) -> list[tuple[float, float]]:
    """Return from where to where a row runs inside of a shape."""
    crossed = sorted(
        x + (y - above) * (other_x - x) / (below - above)
        for (x, above), (other_x, below) in pairwise([*shape, shape[0]])
        if (above <= y) != (below <= y)
    )
    return list(zip(crossed[::2], crossed[1::2], strict=True))


def line_nearness(one: Shape, other: Shape) -> float:
    """Return how near two lines run, by their mean distance both ways as a share of their mean length.

    Where a line begins and where it ends does not matter.
    """
    length = (_length(one) + _length(other)) / 2
    apart = (_distance(one, other) + _distance(other, one)) / 2
    return max(0.0, 1 - apart / (FAR * length)) if length else float(one[0] == other[0])


def _length(line: Shape) -> float:
    return sum(dist(start, end) for start, end in pairwise(line))


def _distance(line: Shape, other: Shape) -> float:
    """Return how far the places of a line lie from another on average."""
    parts = [(start, (end[0] - start[0], end[1] - start[1])) for start, end in pairwise(other)]
    return sum(min(_to_part(place, *part) for part in parts) for place in _places(line)) / STEPS


def _to_part(place: Point, start: Point, way: Point) -> float:
    x, y = place[0] - start[0], place[1] - start[1]
    square = way[0] ** 2 + way[1] ** 2
    share = min(1.0, max(0.0, (x * way[0] + y * way[1]) / square)) if square else 0.0
    return hypot(x - share * way[0], y - share * way[1])


def _places(line: Shape) -> Iterator[Point]:
    """Yield places at equal distances along a line, from its first point to its last."""
    parts = [(start, end, dist(start, end)) for start, end in pairwise(line)]
    step = sum(length for *_, length in parts) / (STEPS - 1)
    done, number = 0.0, 0
    for start, end, length in parts:
        while number < STEPS and number * step <= done + length:
            share = (number * step - done) / length if length else 0.0
            yield start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
            number += 1
        done += length
    for _ in range(number, STEPS):  # what rounding left over
        yield line[-1]
