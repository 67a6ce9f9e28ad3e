"""Curves of a training job, read from its log with its own metric definitions."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from experiments.run import Point

NUMBER = re.compile(r"[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|inf(?:inity)?)", re.IGNORECASE)
MOST_POINTS = 5000
"""Points of a longer curve are thinned out evenly; its last one stays."""


def read_series(
    lines: Iterable[tuple[int, str]], definitions: Sequence[tuple[str, str]]
) -> Mapping[str, tuple[Point, ...]]:
    r"""Return the points of every metric that the log has, in its order.

    `lines` are time in milliseconds since 1970 and text, `definitions` name and regular expression, whose first group
    is the value. A group that ends within a number, as `([0-9\.]+)` does in `1e-05`, stands for the whole number. A
    definition that is no regular expression, or has no group, finds nothing.
    """
    patterns = [(name, pattern) for name, regex in definitions if (pattern := _compile(regex))]
    values: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for timestamp, line in lines:
        for name, pattern in patterns:
            found = pattern.search(line)
            value = None if found is None or found[1] is None else _number(line, found)
            if value is not None:
                values[name].append((timestamp, value))
    return {
        name: _thin([Point(step, timestamp, value) for step, (timestamp, value) in enumerate(found)])
        for name, found in values.items()
    }


def _compile(regex: str) -> re.Pattern[str] | None:
    try:
        pattern = re.compile(regex)
    except re.error:
        return None
    return pattern if pattern.groups else None


def _number(line: str, found: re.Match[str]) -> float | None:
    text = found[1]
    whole = NUMBER.match(line, found.start(1))
    if whole and (whole[0].startswith(text) or text.startswith(whole[0])):
        text = whole[0]
    try:
        return float(text)
    except ValueError:
        return None


def _thin(points: list[Point]) -> tuple[Point, ...]:
    step = math.ceil(len(points) / MOST_POINTS)
    if step <= 1:
        return tuple(points)
    kept = points[::step]
    return (*kept, *([] if kept[-1] is points[-1] else [points[-1]]))
