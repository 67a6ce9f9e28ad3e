"""The steps of a pipeline as a graph, read from its definition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Node:
    """A step and the column it is drawn in: one more than the largest of those it waits for."""

    name: str
    type: str
    column: int


@dataclass(frozen=True)
class Edge:
    """`target` waits for `source`; `branch` is `if` or `else` where a condition decides."""

    source: str
    target: str
    branch: str = ""


@dataclass(frozen=True)
class Graph:
    """A pipeline's steps in the order of its definition, without edges that others imply."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def read(definition: Mapping[str, Any]) -> Graph:
    """Return the graph of a pipeline definition of schema 2020-12-01."""
    types: dict[str, str] = {}
    edges: dict[tuple[str, str], Edge] = {}
    _collect(definition.get("Steps", []), types, edges)
    known = [edge for edge in edges.values() if edge.source in types and edge.source != edge.target]
    parents = {name: {edge.source for edge in known if edge.target == name} for name in types}
    columns: dict[str, int] = {}
    for name in types:
        _place(name, parents, columns, ())
    direct = tuple(edge for edge in known if not _is_implied(edge, parents))
    return Graph(tuple(Node(name, kind, columns[name]) for name, kind in types.items()), direct)


def _collect(steps: Sequence[Mapping[str, Any]], types: dict[str, str], edges: dict[tuple[str, str], Edge]) -> None:
    for step in steps:
        name = step["Name"]
        types[name] = step["Type"]
        arguments = dict(step.get("Arguments", {}))
        for branch, key in (("if", "IfSteps"), ("else", "ElseSteps")):
            inner = arguments.pop(key, [])
            for child in inner:
                edges[name, child["Name"]] = Edge(name, child["Name"], branch)
            _collect(inner, types, edges)
        for source in [*step.get("DependsOn", []), *_referenced_steps(arguments)]:
            edges.setdefault((source, name), Edge(source, name))


def _referenced_steps(value: object) -> Iterator[str]:
    """Yield names of the steps whose properties `value` uses."""
    if isinstance(value, Mapping):
        path = value.get("Get")
        if isinstance(path, str) and path.startswith("Steps."):
            yield path.split(".")[1].split("[")[0]
        for inner in value.values():
            yield from _referenced_steps(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _referenced_steps(inner)


def _place(name: str, parents: Mapping[str, set[str]], columns: dict[str, int], path: tuple[str, ...]) -> int:
    if name not in columns:
        before = [parent for parent in sorted(parents[name]) if parent not in path]
        columns[name] = 1 + max((_place(parent, parents, columns, (*path, name)) for parent in before), default=-1)
    return columns[name]


def _is_implied(edge: Edge, parents: Mapping[str, set[str]]) -> bool:
    """Tell whether a longer way leads from the edge's source to its target."""
    seen: set[str] = set()
    waiting = [parent for parent in parents[edge.target] if parent != edge.source]
    while waiting:
        name = waiting.pop()
        if name == edge.source:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(parents[name])
    return False
