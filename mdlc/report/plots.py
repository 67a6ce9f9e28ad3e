"""Drawings of figures: curves on two axes, and bars."""

import math
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from mdlc.report.svg import LONGEST, drawing, room, run_style, shorten, tag

_SIDE: Final = 300
"""Of a plot of two shares."""


def roc(false_positive: Sequence[float], true_positive: Sequence[float], chosen: tuple[float, float] | None) -> Markup:
    """Draw a receiver operating characteristic, and the `chosen` point (false, true positive rate) on it."""
    points = list(zip(false_positive, true_positive, strict=True))
    chance = ((0.0, 0.0), (1.0, 1.0))
    label = "Receiver operating characteristic"
    return _shares(label, ("false positive rate", "true positive rate"), points, chance, chosen)


def precision_recall(
    recalls: Sequence[float], precisions: Sequence[float], share: float, chosen: tuple[float, float] | None
) -> Markup:
    """Draw precision over recall, and the `chosen` point (recall, precision).

    The dashed line is the `share` of positives: the precision of a model that guesses.
    """
    points = list(zip(recalls, precisions, strict=True))
    return _shares("Precision over recall", ("recall", "precision"), points, ((0.0, share), (1.0, share)), chosen)


def _shares(
    label: str,
    axes: tuple[str, str],
    points: Sequence[tuple[float, float]],
    chance: tuple[tuple[float, float], tuple[float, float]],
    chosen: tuple[float, float] | None,
) -> Markup:
    """Draw a curve of two shares, the line of a model that guesses, and the decision threshold."""
    line = " ".join(f"{x * _SIDE:.1f},{(1 - y) * _SIDE:.1f}" for x, y in points)
    left, right = (points[0][0] * _SIDE, points[-1][0] * _SIDE) if points else (0.0, 0.0)
    (x1, y1), (x2, y2) = chance
    parts: list[Markup] = []
    for quarter in range(5):
        at = quarter * _SIDE / 4
        parts += [
            tag("line", class_="grid", x1=0, x2=_SIDE, y1=at, y2=at),
            tag("line", class_="grid", x1=at, x2=at, y1=0, y2=_SIDE),
            tag("text", f"{1 - quarter / 4:g}", class_="tick", x=-7, y=at + 4, text_anchor="end"),
            tag("text", f"{quarter / 4:g}", class_="tick", x=at, y=_SIDE + 17, text_anchor="middle"),
        ]
    parts += [
        tag("line", class_="chance", x1=x1 * _SIDE, y1=(1 - y1) * _SIDE, x2=x2 * _SIDE, y2=(1 - y2) * _SIDE),
        tag("polygon", class_="area", points=f"{left:g},{_SIDE} {line} {right:g},{_SIDE}"),
        tag("polyline", class_="curve", points=line),
        tag("text", axes[0], class_="axis", x=_SIDE / 2, y=_SIDE + 36, text_anchor="middle"),
        tag(
            "text",
            axes[1],
            class_="axis",
            transform=f"translate(-36 {_SIDE / 2:g}) rotate(-90)",
            text_anchor="middle",
        ),
    ]
    if chosen:
        x, y = chosen[0] * _SIDE, (1 - chosen[1]) * _SIDE
        parts.append(tag("circle", tag("title", "at the decision threshold"), class_="point", cx=x, cy=y, r=5))
    return drawing("shares", label, "-52 -8 368 354", parts)


_THOUSANDS: Final = 1000.0
"""From here on, figures beside bars have no decimals."""


def bars(values: Sequence[tuple[str, float]], label: str) -> Markup:
    """Draw named values as horizontal bars from zero, in the order given."""
    largest = max((abs(value) for _, value in values), default=0.0) or 1.0
    names = [shorten(name, LONGEST) for name, _ in values]
    left, length, row = room(names) + 10, 220.0, 25
    parts: list[Markup] = []
    for number, (name, value) in enumerate(values):
        y, width = number * row, max(abs(value) / largest * length, 1.5)
        parts += [
            tag("text", tag("title", name), names[number], class_="label", x=left - 10, y=y + 15, text_anchor="end"),
            tag("rect", class_="bar", x=left, y=y + 4, width=width, height=13, rx=3),
            tag(
                "text",
                f"{value:.3f}" if largest < _THOUSANDS else f"{value:,.0f}",
                class_="value",
                x=left + width + 7,
                y=y + 15,
            ),
        ]
    return drawing("bars", label, f"0 0 {left + length + 60:g} {len(values) * row + 2}", parts)


def scatter(points: Sequence[tuple[float, float]], label: str, axes: tuple[str, str]) -> Markup:
    """Draw points on two axes of the same range, and the line on which both values are equal."""
    ticks = _ticks(min(map(min, points)), max(map(max, points)))
    low, high = ticks[0], ticks[-1]

    def place(value: float) -> float:
        return (value - low) / (high - low) * _SIDE

    def words(value: float) -> str:
        return f"{value:,.0f}" if high - low >= _THOUSANDS else f"{value:.4g}"

    parts: list[Markup] = []
    for tick in ticks:
        at = place(tick)
        parts += [
            tag("line", class_="grid", x1=0, x2=_SIDE, y1=_SIDE - at, y2=_SIDE - at),
            tag("line", class_="grid", x1=at, x2=at, y1=0, y2=_SIDE),
            tag("text", words(tick), class_="tick", x=-7, y=_SIDE - at + 4, text_anchor="end"),
        ]
    ends = ((low, "start"), (high, "end"))
    parts += [
        tag("text", words(value), class_="tick", x=place(value), y=_SIDE + 17, text_anchor=anchor)
        for value, anchor in ends
    ]
    parts.append(tag("line", class_="chance", x1=0, y1=_SIDE, x2=_SIDE, y2=0))
    parts += [tag("circle", class_="spot", cx=place(x), cy=_SIDE - place(y), r=3) for x, y in points]
    turned = {"transform": f"translate(-66 {_SIDE / 2:g}) rotate(-90)", "text_anchor": "middle"}
    parts += [
        tag("text", axes[0], class_="axis", x=_SIDE / 2, y=_SIDE + 36, text_anchor="middle"),
        tag("text", axes[1], class_="axis", **turned),
    ]
    return drawing("shares", label, "-82 -8 398 354", parts)


def curves(label: str, lines: Sequence[Sequence[tuple[int, float]]], axis: str = "step") -> Markup:
    """Draw one line for each run on common axes, from (step, value) points; values that are not finite leave a gap.

    `axis` says what is counted from left to right.
    """
    finite = [point for line in lines for point in line if math.isfinite(point[1])]
    if not finite:
        return Markup()
    first, last = min(step for step, _ in finite), max(step for step, _ in finite)
    steps = last - first or 1
    ticks = _ticks(min(value for _, value in finite), max(value for _, value in finite))
    low, high = ticks[0], ticks[-1]
    width, height = 440.0, 220.0

    def place(step: int, value: float) -> tuple[float, float]:
        return (step - first) / steps * width, (high - value) / (high - low) * height

    parts: list[Markup] = []
    for tick in ticks:
        y = place(0, tick)[1]
        parts += [
            tag("line", class_="grid", x1=0, x2=width, y1=y, y2=y),
            tag("text", f"{tick:.4g}", class_="tick", x=-7, y=y + 4, text_anchor="end"),
        ]
    parts += [
        tag("text", str(first), class_="tick", x=0, y=height + 17, text_anchor="middle"),
        tag("text", str(last), class_="tick", x=width, y=height + 17, text_anchor="middle"),
        tag("text", axis, class_="axis", x=width / 2, y=height + 17, text_anchor="middle"),
    ]
    for number, line in enumerate(lines):
        style = run_style(number)
        for piece in _pieces(line):
            points = [place(step, value) for step, value in piece]
            if len(points) == 1:
                parts.append(tag("circle", class_=f"dot {style}", cx=points[0][0], cy=points[0][1], r=3.5))
            else:
                text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
                parts.append(tag("polyline", class_=f"line {style}", points=text))
    return drawing("curves", label, f"-62 -10 {width + 80:g} {height + 36:g}", parts)


def _pieces(line: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    pieces: list[list[tuple[int, float]]] = [[]]
    for point in line:
        if math.isfinite(point[1]):
            pieces[-1].append(point)
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _ticks(low: float, high: float) -> list[float]:
    """Return three to eight round values at equal distances that enclose both."""
    span = (high - low) or abs(high) or 1.0
    rough = span / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]
