"""Drawings of the report, as inline SVG that takes its colours from the page's style sheet.

Every text and attribute goes through `Markup.format`, which escapes it.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from mdlc.client.executions import Step
from mdlc.report.graph import Graph, Node

STATUS_CLASS: Final = {
    "Succeeded": "ok",
    "Failed": "bad",
    "Stopped": "warn",
    "Stopping": "warn",
    "Executing": "busy",
    "Starting": "busy",
}
NOT_RUN: Final = "not run"
COLOURS: Final = 6
"""Lines that a drawing tells apart by colour."""

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 168, 62, 26, 22
_LINE = 17  # characters that fit into a node
_ROC = 300  # side of the plot
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+")


def seconds(value: float | None) -> str:
    """Return a duration for people: `31 ms`, `0.4 s`, `12 s`, `3 min 20 s`."""
    if value is None:
        return "unknown"
    if value < 0.1:  # noqa: PLR2004 - less reads as nothing
        return f"{value * 1000:.0f} ms"
    if value < 10:  # noqa: PLR2004 - one decimal is enough
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def status_class(status: str) -> str:
    """Return the style of a step's status."""
    return STATUS_CLASS.get(status, "idle")


def _tag(name: str, *inner: str, **attributes: str | float) -> Markup:
    """Return an element; `class_` is the attribute class, other underscores are hyphens, plain text is escaped."""
    written = Markup().join(
        Markup(' {}="{}"').format(
            key.removesuffix("_").replace("_", "-"), f"{value:.6g}" if isinstance(value, float) else value
        )
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), written, Markup().join(inner))  # noqa: S704 - our own names


def _drawing(class_: str, label: str, box: str, parts: Sequence[Markup]) -> Markup:
    return _tag("svg", *parts, class_=class_, viewBox=box, role="img", aria_label=label)


def run_graph(graph: Graph, steps: Mapping[str, Step]) -> Markup:
    """Draw the steps from left to right: status and time of each, and what it waited for."""
    places = _places(graph.nodes)
    width = max((x for x, _ in places.values()), default=0) + _WIDTH + 2
    height = max((y for _, y in places.values()), default=0) + _HEIGHT + 2
    arrow = _tag("path", class_="arrow", d="M0,0 L8,4 L0,8 z")
    marker = _tag(
        "marker", arrow, id="arrow", viewBox="0 0 8 8", refX=6, refY=4, markerWidth=7, markerHeight=7, orient="auto"
    )
    edges = [_edge(places[edge.source], places[edge.target], taken=edge.target in steps) for edge in graph.edges]
    nodes = [_node(node, places[node.name], steps.get(node.name)) for node in graph.nodes]
    return _drawing("graph", "Steps of the run", f"-1 -1 {width:g} {height:g}", [_tag("defs", marker), *edges, *nodes])


def _edge(source: tuple[float, float], target: tuple[float, float], *, taken: bool) -> Markup:
    x1, y1 = source[0] + _WIDTH, source[1] + _HEIGHT / 2
    x2, y2 = target[0], target[1] + _HEIGHT / 2
    bend = max(_GAP_X / 2, (x2 - x1) / 2)
    path = f"M{x1:g},{y1:g} C{x1 + bend:g},{y1:g} {x2 - bend:g},{y2:g} {x2 - 5:g},{y2:g}"
    return _tag("path", class_="edge" if taken else "edge not-taken", d=path, marker_end="url(#arrow)")


def _places(nodes: Sequence[Node]) -> dict[str, tuple[float, float]]:
    """Return the upper left corner of every node: columns from left to right, each centred."""
    columns: dict[int, list[str]] = {}
    for node in nodes:
        columns.setdefault(node.column, []).append(node.name)
    tallest = max((len(names) for names in columns.values()), default=0)
    places: dict[str, tuple[float, float]] = {}
    for column, names in columns.items():
        top = (tallest - len(names)) * (_HEIGHT + _GAP_Y) / 2
        for row, name in enumerate(names):
            places[name] = (float(column * (_WIDTH + _GAP_X)), top + row * (_HEIGHT + _GAP_Y))
    return places


def _node(node: Node, place: tuple[float, float], step: Step | None) -> Markup:
    x, y = place
    status = step.status if step else NOT_RUN
    took = f"{status} · {seconds(step.seconds)}" if step and step.seconds is not None else status
    return _tag(
        "g",
        _tag("title", f"{node.name} ({node.type}): {took}"),
        _tag("rect", x=x, y=y, width=_WIDTH, height=_HEIGHT, rx=7),
        _tag("rect", class_="flag", x=x, y=y + 7, width=4, height=_HEIGHT - 14, rx=2),
        *(
            _tag("text", line, class_="name", x=x + 12, y=y + 19 + 14 * number)
            for number, line in enumerate(_wrap(node.name))
        ),
        _tag("text", took, class_="state", x=x + 12, y=y + _HEIGHT - 10),
        class_=f"node {status_class(status)}",
    )


def _wrap(name: str) -> list[str]:
    """Break a CamelCase name into at most two lines."""
    if len(name) <= _LINE:
        return [name]
    first = ""
    words: list[str] = _WORDS.findall(name)
    for word in words:
        if first and len(first) + len(word) > _LINE:
            break
        first += word
    first = first[:_LINE]
    rest = name[len(first) :]
    return [first, rest if len(rest) <= _LINE + 2 else f"{rest[: _LINE - 1]}…"]


def timeline(steps: Sequence[Step]) -> Markup:
    """Draw when each step ran, on one axis of seconds since the first began."""
    ran = [(step, step.started, step.ended) for step in steps if step.started and step.ended]
    origin = min((started for _, started, _ in ran), default=None)
    if origin is None:
        return Markup()
    left, right, row = 225.0, 930.0, 24
    scale = (right - left) / (max((ended - origin).total_seconds() for _, _, ended in ran) or 1.0)
    parts: list[Markup] = []
    for number, (step, started, ended) in enumerate(ran):
        length = (ended - started).total_seconds()
        x, width, y = left + (started - origin).total_seconds() * scale, max(length * scale, 3.0), number * row
        parts += [
            _tag("text", step.name, class_="label", x=left - 10, y=y + 14, text_anchor="end"),
            _tag("rect", class_=f"bar {status_class(step.status)}", x=x, y=y + 4, width=width, height=12, rx=3),
            _tag("text", seconds(length), class_="value", x=x + width + 7, y=y + 14),
        ]
    return _drawing("timeline", "When each step ran", f"0 0 1000 {len(ran) * row + 2}", parts)


def roc(false_positive: Sequence[float], true_positive: Sequence[float], chosen: tuple[float, float] | None) -> Markup:
    """Draw a receiver operating characteristic, and the `chosen` point (false, true positive rate) on it."""
    line = " ".join(f"{x * _ROC:.1f},{(1 - y) * _ROC:.1f}" for x, y in zip(false_positive, true_positive, strict=True))
    parts: list[Markup] = []
    for quarter in range(5):
        at = quarter * _ROC / 4
        parts += [
            _tag("line", class_="grid", x1=0, x2=_ROC, y1=at, y2=at),
            _tag("line", class_="grid", x1=at, x2=at, y1=0, y2=_ROC),
            _tag("text", f"{1 - quarter / 4:g}", class_="tick", x=-7, y=at + 4, text_anchor="end"),
            _tag("text", f"{quarter / 4:g}", class_="tick", x=at, y=_ROC + 17, text_anchor="middle"),
        ]
    parts += [
        _tag("line", class_="chance", x1=0, y1=_ROC, x2=_ROC, y2=0),
        _tag("polygon", class_="area", points=f"0,{_ROC} {line} {_ROC},{_ROC}"),
        _tag("polyline", class_="curve", points=line),
        _tag("text", "false positive rate", class_="axis", x=_ROC / 2, y=_ROC + 36, text_anchor="middle"),
        _tag(
            "text",
            "true positive rate",
            class_="axis",
            transform=f"translate(-36 {_ROC / 2:g}) rotate(-90)",
            text_anchor="middle",
        ),
    ]
    if chosen:
        x, y = chosen[0] * _ROC, (1 - chosen[1]) * _ROC
        parts.append(_tag("circle", _tag("title", "at the decision threshold"), class_="point", cx=x, cy=y, r=5))
    return _drawing("roc", "Receiver operating characteristic", "-46 -8 362 354", parts)


def bars(values: Sequence[tuple[str, float]], label: str) -> Markup:
    """Draw named values as horizontal bars from zero, in the order given."""
    largest = max((abs(value) for _, value in values), default=0.0) or 1.0
    left, right, row = 250.0, 470.0, 25
    parts: list[Markup] = []
    for number, (name, value) in enumerate(values):
        y, width = number * row, max(abs(value) / largest * (right - left), 1.5)
        parts += [
            _tag("text", name, class_="label", x=left - 10, y=y + 15, text_anchor="end"),
            _tag("rect", class_="bar", x=left, y=y + 4, width=width, height=13, rx=3),
            _tag("text", f"{value:.3f}", class_="value", x=left + width + 7, y=y + 15),
        ]
    return _drawing("bars", label, f"0 0 530 {len(values) * row + 2}", parts)


def curves(label: str, lines: Sequence[Sequence[tuple[int, float]]]) -> Markup:
    """Draw one line for each run on common axes, from (step, value) points; values that are not finite leave a gap."""
    finite = [point for line in lines for point in line if math.isfinite(point[1])]
    if not finite:
        return Markup()
    last = max(step for step, _ in finite) or 1
    ticks = _ticks(min(value for _, value in finite), max(value for _, value in finite))
    low, high = ticks[0], ticks[-1]
    width, height = 440.0, 220.0

    def place(step: int, value: float) -> tuple[float, float]:
        return step / last * width, (high - value) / (high - low) * height

    parts: list[Markup] = []
    for tick in ticks:
        y = place(0, tick)[1]
        parts += [
            _tag("line", class_="grid", x1=0, x2=width, y1=y, y2=y),
            _tag("text", f"{tick:.4g}", class_="tick", x=-7, y=y + 4, text_anchor="end"),
        ]
    parts += [
        _tag("text", "0", class_="tick", x=0, y=height + 17, text_anchor="middle"),
        _tag("text", str(last), class_="tick", x=width, y=height + 17, text_anchor="middle"),
        _tag("text", "step", class_="axis", x=width / 2, y=height + 17, text_anchor="middle"),
    ]
    for number, line in enumerate(lines):
        style = run_style(number)
        for piece in _pieces(line):
            points = [place(step, value) for step, value in piece]
            if len(points) == 1:
                parts.append(_tag("circle", class_=f"dot {style}", cx=points[0][0], cy=points[0][1], r=3.5))
            else:
                text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
                parts.append(_tag("polyline", class_=f"line {style}", points=text))
    return _drawing("curves", label, f"-62 -10 {width + 80:g} {height + 36:g}", parts)


def run_style(number: int) -> str:
    """Return the style classes of the `number`th run: its colour, and `again` where the colours have begun anew."""
    return f"run-{number % COLOURS}" + (" again" if number >= COLOURS else "")


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
