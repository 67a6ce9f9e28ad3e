"""Drawings of a run: its steps as a graph, and when each of them ran."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from mdlc.client.executions import Step
from mdlc.report.graph import Graph, Node
from mdlc.report.svg import LONGEST, drawing, room, shorten, tag
from mdlc.report.text import seconds

STATUS_CLASS: Final = {
    "Succeeded": "ok",
    "Failed": "bad",
    "Stopped": "warn",
    "Stopping": "warn",
    "Executing": "busy",
    "Starting": "busy",
    "Running": "busy",
    "Timed_out": "bad",
    "Aborted": "warn",
}
"""By a status of SageMaker or Step Functions, in whatever case it writes it."""
NOT_RUN: Final = "not run"
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 168, 62, 26, 22
_LINE = 17  # characters that fit into a node
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+")


def status_class(status: str) -> str:
    """Return the style of a step's status."""
    return STATUS_CLASS.get(status.capitalize(), "idle")


def run_graph(graph: Graph, steps: Mapping[str, Step]) -> Markup:
    """Draw the steps from left to right: status and time of each, and what it waited for."""
    places = _places(graph.nodes)
    width = max((x for x, _ in places.values()), default=0) + _WIDTH + 2
    height = max((y for _, y in places.values()), default=0) + _HEIGHT + 2
    arrow = tag("path", class_="arrow", d="M0,0 L8,4 L0,8 z")
    marker = tag(
        "marker", arrow, id="arrow", viewBox="0 0 8 8", refX=6, refY=4, markerWidth=7, markerHeight=7, orient="auto"
    )
    edges = [_edge(places[edge.source], places[edge.target], taken=edge.target in steps) for edge in graph.edges]
    nodes = [_node(node, places[node.name], steps.get(node.name)) for node in graph.nodes]
    parts = [tag("defs", marker), *edges, *nodes]
    return drawing("graph", "Steps of the run", f"-1 -1 {width:g} {height:g}", parts, scrolls=True)


def _edge(source: tuple[float, float], target: tuple[float, float], *, taken: bool) -> Markup:
    x1, y1 = source[0] + _WIDTH, source[1] + _HEIGHT / 2
    x2, y2 = target[0], target[1] + _HEIGHT / 2
    bend = max(_GAP_X / 2, (x2 - x1) / 2)
    path = f"M{x1:g},{y1:g} C{x1 + bend:g},{y1:g} {x2 - bend:g},{y2:g} {x2 - 5:g},{y2:g}"
    return tag("path", class_="edge" if taken else "edge not-taken", d=path, marker_end="url(#arrow)")


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
    return tag(
        "g",
        tag("title", f"{node.name} ({node.type}): {took}"),
        tag("rect", x=x, y=y, width=_WIDTH, height=_HEIGHT, rx=7),
        tag("rect", class_="flag", x=x, y=y + 7, width=4, height=_HEIGHT - 14, rx=2),
        *(
            tag("text", line, class_="name", x=x + 12, y=y + 19 + 14 * number)
            for number, line in enumerate(_wrap(node.name))
        ),
        tag("text", took, class_="state", x=x + 12, y=y + _HEIGHT - 10),
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
    names = [shorten(step.name, LONGEST) for step, _, _ in ran]
    left, right, row = room(names) + 10, 930.0, 24
    scale = (right - left) / (max((ended - origin).total_seconds() for _, _, ended in ran) or 1.0)
    parts: list[Markup] = []
    for number, (step, started, ended) in enumerate(ran):
        length = (ended - started).total_seconds()
        x, width, y = left + (started - origin).total_seconds() * scale, max(length * scale, 3.0), number * row
        parts += [
            tag("text", names[number], class_="label", x=left - 10, y=y + 14, text_anchor="end"),
            tag("rect", class_=f"bar {status_class(step.status)}", x=x, y=y + 4, width=width, height=12, rx=3),
            tag("text", seconds(length), class_="value", x=x + width + 7, y=y + 14),
        ]
    return drawing("timeline", "When each step ran", f"0 0 1000 {len(ran) * row + 2}", parts, scrolls=True)
