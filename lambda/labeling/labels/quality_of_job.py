"""How good the answers of a job are, whatever people give in it but forms and ranks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import dist, hypot
from statistics import mean
from typing import Any, Final

from labels import quality, quality_of_marks
from labels.adjustment import initial_value
from labels.answers import Boxes, Lines, Points, Polygons, Several, Single, Spans
from labels.consolidation import boxes, shapes, spans
from labels.consolidation.boxes import Box
from labels.consolidation.classes import UnknownClassError, Vote
from labels.consolidation.geometry import Point, Shape, area_overlap, line_nearness
from labels.consolidation.marks import Mark
from labels.consolidation.shapes import ConsolidatedShape
from labels.consolidation.spans import Span
from labels.guessing import Pace
from labels.job import JobError, answers_of
from labels.makers import Given, choose_classes, marks_of
from labels.manifest_tools.forms import FormError
from labels.quality import NO_SKIPS, Quality
from labels.quality_of_marks import Consensus
from labels.tree import Tree

Line = Mapping[str, Any]
Compared = Mapping[str, Mapping[str, Sequence[Mark[Any]]]]


@dataclass(frozen=True)
class _Job:
    """What people marked, the labels that this makes, and how alike two marks are."""

    answers: Compared
    labels: Mapping[str, Consensus[Any]]
    alike: Callable[[Any, Any], float]


def of(
    tree: Tree,
    categories: Sequence[str] = (),
    known: Mapping[int, Line] | None = None,
    attribute: str = "",
    skips: Mapping[str, int] = NO_SKIPS,
) -> Quality:
    """Return the figures of a job. `known` are lines, by number, that have the right label of `attribute`.

    Raises JobError, and UnknownClassError for a known class that is none of the job's.
    """
    gold = known or {}
    given = answers_of(tree, categories)
    kinds = sorted({each.kind for answers in given.values() for each in answers})
    classes = categories or sorted({name for answers in given.values() for each in answers for name in each.names})
    paces = [
        Pace(each.worker, each.seconds) for answers in given.values() for each in answers if each.seconds is not None
    ]
    if kinds == [Single.kind]:
        votes = [
            Vote(str(number), each.worker, each.label)
            for number, answers in given.items()
            for each in answers
            if isinstance(each, Single)
        ]
        names = {str(number): _class_of(number, line, attribute) for number, line in gold.items()}
        return quality.of(votes, classes, names, paces, skips)
    if len(kinds) != 1 or kinds[0] not in _READERS:
        what = " and ".join(kinds) or "nothing that can be read"
        raise JobError(f"The quality of answers is measured of classes and of marks, and here people give {what}.")
    job = _READERS[kinds[0]](given, classes)
    marks = {str(number): _marks(number, line, attribute, kinds[0]) for number, line in gold.items()}
    for number, made in marks.items():
        if unknown := sorted({mark.label for mark in made} - {*classes}):
            raise UnknownClassError(
                f"Object {number} is known as {unknown[0]!r}, which is none of {', '.join(classes)}."
            )
    return quality_of_marks.of(job.answers, job.labels, classes, job.alike, gold=marks, paces=paces, skips=skips)


def _several(given: Given, classes: Sequence[str]) -> _Job:
    chosen, _ = choose_classes(given, classes)
    return _Job(
        {
            str(number): {
                each.worker: [Mark(name, name) for name in sorted(each.labels)]
                for each in answers
                if isinstance(each, Several)
            }
            for number, answers in given.items()
        },
        {
            str(number): _consensus([(name, name, confidence) for name, confidence in each.items()])
            for number, each in chosen.items()
        },
        _same,
    )


def _boxes(given: Given, classes: Sequence[str]) -> _Job:
    marks, _ = marks_of(Boxes, given)
    found = boxes.consolidate(marks, classes)
    return _Job(
        marks,
        {name: _consensus([(each.label, each.box, each.confidence) for each in all_]) for name, all_ in found.items()},
        boxes.overlap,
    )


def _polygons(given: Given, classes: Sequence[str]) -> _Job:
    marks, _ = marks_of(Polygons, given)
    return _Job(marks, _of_shapes(shapes.polygons(marks, classes)), area_overlap)


def _lines(given: Given, classes: Sequence[str]) -> _Job:
    marks, _ = marks_of(Lines, given)
    return _Job(marks, _of_shapes(shapes.lines(marks, classes)), line_nearness)


def _points(given: Given, classes: Sequence[str]) -> _Job:
    marks, sizes = marks_of(Points, given)
    diagonals = {str(number): hypot(*size) for number, size in sizes.items()}
    found = shapes.points(marks, classes, diagonals)
    return _Job(
        {
            name: {
                worker: [Mark(mark.label, _share(mark.shape, diagonals[name])) for mark in made]
                for worker, made in by_worker.items()
            }
            for name, by_worker in marks.items()
        },
        {
            name: _consensus([(each.label, _share(each.shape, diagonals[name]), each.confidence) for each in things])
            for name, things in found.items()
        },
        _near,
    )


def _spans(given: Given, classes: Sequence[str]) -> _Job:
    marks = {
        str(number): {each.worker: each.marks for each in answers if isinstance(each, Spans)}
        for number, answers in given.items()
    }
    found = spans.consolidate(marks, classes)
    return _Job(
        marks,
        {name: _consensus([(each.label, each.span, each.confidence) for each in all_]) for name, all_ in found.items()},
        spans.overlap,
    )


def _of_shapes(found: Mapping[str, Sequence[ConsolidatedShape]]) -> Mapping[str, Consensus[Any]]:
    return {
        name: _consensus([(each.label, each.shape, each.confidence) for each in things])
        for name, things in found.items()
    }


def _consensus(things: Sequence[tuple[str, Any, float]]) -> Consensus[Any]:
    sure = mean(confidence for *_, confidence in things) if things else 1.0
    return Consensus([Mark(label, shape) for label, shape, _ in things], sure)


def _same(one: str, other: str) -> float:
    return float(one == other)


def _share(shape: Shape, diagonal: float) -> Point:
    """Return a key point as shares of the picture's diagonal, by which points are near or far."""
    [(x, y)] = shape
    return x / diagonal, y / diagonal


def _near(one: Point, other: Point) -> float:
    return max(0.0, 1 - dist(one, other) / shapes.REACH)


_READERS: Final[Mapping[str, Callable[[Given, Sequence[str]], _Job]]] = {
    Several.kind: _several,
    Boxes.kind: _boxes,
    Polygons.kind: _polygons,
    Lines.kind: _lines,
    Points.kind: _points,
    Spans.kind: _spans,
}


def _class_of(number: int, line: Line, attribute: str) -> str:
    name = line.get(f"{attribute}-metadata", {}).get("class-name")
    if not isinstance(name, str):
        raise JobError(f"What is known of object {number} has no class-name in {attribute}-metadata.")
    return name


def _marks(number: int, line: Line, attribute: str, kind: str) -> list[Mark[Any]]:
    """Return the marks of a known label in the form in which people's are compared."""
    try:
        found = initial_value(line, attribute)
        if kind == Several.kind:
            return [Mark(name, name) for name in found]
        size = line[attribute].get("image_size", [{}])[0]
        return [Mark(each["label"], _shape(each, kind, size)) for each in found]
    except (FormError, KeyError, TypeError, AttributeError) as error:
        raise JobError(f"What is known of object {number} has no {kind} under {attribute!r}: {error}.") from error


def _shape(mark: Mapping[str, Any], kind: str, size: Mapping[str, float]) -> object:
    if kind == Boxes.kind:
        return Box(mark["left"], mark["top"], mark["width"], mark["height"])
    if kind == Spans.kind:
        return Span(mark["startOffset"], mark["endOffset"])
    if kind == Points.kind:
        return _share(((mark["x"], mark["y"]),), hypot(size["width"], size["height"]))
    return tuple((vertex["x"], vertex["y"]) for vertex in mark["vertices"])
