"""Labels of each kind out of all answers of a job: which model makes them, and which form they have in a manifest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final, TypeVar

from labels import manifest
from labels.answers import Answer, Boxes, Drawn, Form, Lines, Points, Polygons, Ranked, Several, Single, Spans
from labels.consolidation import boxes, classes, ranks, shapes, spans
from labels.consolidation.classes import Worker
from labels.consolidation.marks import Mark
from labels.consolidation.shapes import ConsolidatedShape
from labels.manifest import Members, Origin

YES, NO = "yes", "no"
Thing = TypeVar("Thing")
Given = Mapping[int, Sequence[Answer]]
"""The answers by number of line."""


@dataclass(frozen=True)
class Made:
    """The labels by number of line, and how often each person is right, where there is such a figure."""

    labels: Mapping[int, Members]
    workers: Mapping[str, Worker]


def make(kind: str, origin: Origin, given: Given, pictures: set[int]) -> Made:
    """Return the labels of a job whose answers are all of one `kind`; `pictures` are the lines that show one."""
    return _MAKERS[kind](origin, given, pictures)


def _single(origin: Origin, given: Given, pictures: set[int]) -> Made:
    votes = [
        classes.Vote(str(number), each.worker, each.label)
        for number, answers in given.items()
        for each in answers
        if isinstance(each, Single)
    ]
    found = classes.consolidate(votes, origin.classes)
    return Made(
        {
            number: manifest.single_class(origin, found.labels[str(number)], picture=number in pictures)
            for number in given
        },
        found.workers,
    )


def _several(origin: Origin, given: Given, pictures: set[int]) -> Made:
    confidence, workers = choose_classes(given, origin.classes)
    return Made(
        {
            number: manifest.several_classes(origin, chosen, picture=number in pictures)
            for number, chosen in confidence.items()
        },
        workers,
    )


def choose_classes(
    given: Given, names: Sequence[str]
) -> tuple[Mapping[int, Mapping[str, float]], Mapping[str, Worker]]:
    """Ask of each class by itself whether an object belongs to it, and return how sure that is of those that do."""
    confidence: dict[int, dict[str, float]] = {number: {} for number in given}
    figures: dict[str, list[Worker]] = {}
    for name in names:
        votes = [
            classes.Vote(str(number), each.worker, YES if name in each.names else NO)
            for number, answers in given.items()
            for each in answers
        ]
        found = classes.consolidate(votes, (YES, NO))
        for number in given:
            label = found.labels[str(number)]
            if label.name == YES:
                confidence[number][name] = label.confidence
        for worker, figure in found.workers.items():
            figures.setdefault(worker, []).append(figure)
    return confidence, {
        worker: Worker(sum(each.accuracy for each in each_class) / len(each_class), each_class[0].votes)
        for worker, each_class in figures.items()
    }


def _boxes(origin: Origin, given: Given, _: set[int]) -> Made:
    marks, sizes = marks_of(Boxes, given)
    found = boxes.consolidate(marks, origin.classes)
    return Made({number: manifest.boxes(origin, found[str(number)], sizes[number]) for number in given}, {})


def _polygons(origin: Origin, given: Given, _: set[int]) -> Made:
    marks, sizes = marks_of(Polygons, given)
    return _label_shapes(shapes.polygons(marks, origin.classes), sizes, origin, manifest.polygons)


def _lines(origin: Origin, given: Given, _: set[int]) -> Made:
    marks, sizes = marks_of(Lines, given)
    return _label_shapes(shapes.lines(marks, origin.classes), sizes, origin, manifest.polygons)


def _points(origin: Origin, given: Given, _: set[int]) -> Made:
    marks, sizes = marks_of(Points, given)
    diagonals = {str(number): hypot(*size) for number, size in sizes.items()}
    return _label_shapes(shapes.points(marks, origin.classes, diagonals), sizes, origin, manifest.points)


def marks_of(
    answer: type[Drawn[Thing]], given: Given
) -> tuple[dict[str, dict[str, Sequence[Mark[Thing]]]], dict[int, tuple[int, int]]]:
    """Return the marks by object and worker, and the sizes of the pictures."""
    drawn = {
        number: {each.worker: each for each in answers if isinstance(each, answer)} for number, answers in given.items()
    }
    return (
        {str(number): {worker: each.marks for worker, each in by.items()} for number, by in drawn.items()},
        {number: next(iter(by.values())).size for number, by in drawn.items()},
    )


def _label_shapes(
    found: Mapping[str, Sequence[ConsolidatedShape]],
    sizes: Mapping[int, tuple[int, int]],
    origin: Origin,
    written: Callable[[Origin, Sequence[ConsolidatedShape], tuple[int, int]], Members],
) -> Made:
    return Made({number: written(origin, found[str(number)], size) for number, size in sizes.items()}, {})


def _spans(origin: Origin, given: Given, _: set[int]) -> Made:
    found = spans.consolidate(
        {
            str(number): {each.worker: each.marks for each in answers if isinstance(each, Spans)}
            for number, answers in given.items()
        },
        origin.classes,
    )
    return Made({number: manifest.spans(origin, found[str(number)]) for number in given}, {})


def _ranks(origin: Origin, given: Given, _: set[int]) -> Made:
    """Make one order of each dimension that all people of an object ranked."""
    ranked: dict[str, dict[str, dict[str, ranks.Ranks]]] = {}
    for number, answers in given.items():
        for each in answers:
            if isinstance(each, Ranked):
                for name, order in each.dimensions.items():
                    ranked.setdefault(name, {}).setdefault(str(number), {})[each.worker] = order
    found = {name: ranks.consolidate(answers) for name, answers in ranked.items()}
    return Made(
        {
            number: manifest.ranks(
                origin, {name: each[str(number)] for name, each in found.items() if str(number) in each}
            )
            for number in given
        },
        {},
    )


def _forms(origin: Origin, given: Given, _: set[int]) -> Made:
    return Made(
        {
            number: manifest.handed_on(
                origin, [(each.worker, each.content) for each in answers if isinstance(each, Form)]
            )
            for number, answers in given.items()
        },
        {},
    )


_MAKERS: Final[Mapping[str, Callable[[Origin, Given, set[int]], Made]]] = {
    Single.kind: _single,
    Several.kind: _several,
    Boxes.kind: _boxes,
    Polygons.kind: _polygons,
    Lines.kind: _lines,
    Points.kind: _points,
    Spans.kind: _spans,
    Ranked.kind: _ranks,
    Form.kind: _forms,
}
