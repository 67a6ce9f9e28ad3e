"""Places that several people marked become one each: a mean in which who marks exactly counts for more."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

ROUNDS: Final = 5
FREEDOM: Final = 4.0
"""Degrees of freedom of Student's t: the smaller, the less a mark that lies apart moves the others' mean."""
USUAL: Final = (0.05, 4.0)
"""The deviation of a coordinate that is expected before, as a share of a thing's size, and how many marks it weighs."""

Coordinates = Sequence[float]


def means(marked: Sequence[Mapping[str, Coordinates]], size: Callable[[Coordinates], float]) -> list[tuple[float, ...]]:
    """Return the mean of each thing's marks, which are given by worker, weighed by how exactly each person marks.

    `size` is the square of what a deviation is a share of: the area of a box.
    """
    weights = [dict.fromkeys(each, 1.0) for each in marked]
    found = [_mean(each, weight) for each, weight in zip(marked, weights, strict=True)]
    for _ in range(ROUNDS):
        apart: dict[str, list[float]] = defaultdict(lambda: [USUAL[0] ** 2 * USUAL[1], USUAL[1]])
        distances = []
        for each, weight, mean in zip(marked, weights, found, strict=True):
            scale, total = size(mean) * len(mean), sum(weight.values())
            distance = {}
            for worker, place in each.items():
                own = min(weight[worker] / total, 0.9)  # a mean lies nearer to those who have part in it
                distance[worker] = sum((a - b) ** 2 for a, b in zip(place, mean, strict=True)) / scale / (1 - own)
                if len(each) > 1:
                    apart[worker][0] += distance[worker]
                    apart[worker][1] += 1
            distances.append(distance)
        variance = {worker: total / count for worker, (total, count) in apart.items()}
        weights = [
            {
                worker: (FREEDOM + 1) / (FREEDOM + distance / variance[worker]) / variance[worker]
                for worker, distance in each.items()
            }
            if len(each) > 1
            else dict.fromkeys(each, 1.0)
            for each in distances
        ]
        found = [_mean(each, weight) for each, weight in zip(marked, weights, strict=True)]
    return found


def _mean(places: Mapping[str, Coordinates], weights: Mapping[str, float]) -> tuple[float, ...]:
    total = sum(weights.values())
    return tuple(
        sum(weights[worker] * value for worker, value in zip(places, values, strict=True)) / total
        for values in zip(*places.values(), strict=True)
    )
