"""What people submitted, read from Ground Truth's worker responses.

The form of an answer is that of the element of the page that it comes from. Sources: SageMaker developer guide, "Output
data" and "Crowd HTML elements reference"; of ranks, whose form the guide does not give, the notebook on text ranking in
aws-samples/amazon-sagemaker-groundtruth-immersionday.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, ClassVar, Final, Generic, TypeVar

from labels.consolidation.boxes import Box
from labels.consolidation.geometry import Point, Shape
from labels.consolidation.marks import Mark
from labels.consolidation.ranks import Ranks
from labels.consolidation.spans import Span

NOT_YET: Final = ("instances", "labeledImage")
"""Members of answers that nobody consolidates here."""
Thing = TypeVar("Thing")
Facts = Mapping[str, Any]
"""Who gave an answer and when: the members of every `Answer`."""


class AnswerError(ValueError):
    """An answer does not have the form of its element."""


@dataclass(frozen=True, kw_only=True)
class Answer(ABC):
    """What one person submitted about one object, and how long they worked on it, where the service says so."""

    kind: ClassVar[str]
    worker: str
    seconds: float | None = None
    submitted: datetime | None = None

    @property
    @abstractmethod
    def names(self) -> Sequence[str]:
        """The classes that the person gave."""


@dataclass(frozen=True, kw_only=True)
class Single(Answer):
    """One class, and what the person wrote about it."""

    kind: ClassVar[str] = "class"
    label: str
    comment: str = ""

    @property
    def names(self) -> Sequence[str]:
        """The class."""
        return [self.label]


@dataclass(frozen=True, kw_only=True)
class Several(Answer):
    """Several classes, or none."""

    kind: ClassVar[str] = "classes"
    labels: frozenset[str]

    @property
    def names(self) -> Sequence[str]:
        """The classes, by alphabet."""
        return sorted(self.labels)


@dataclass(frozen=True, kw_only=True)
class Marked(Answer, Generic[Thing]):
    """Things that the person marked, each with its class."""

    marks: Sequence[Mark[Thing]]

    @property
    def names(self) -> Sequence[str]:
        """The class of each thing."""
        return [mark.label for mark in self.marks]


@dataclass(frozen=True, kw_only=True)
class Spans(Marked[Span]):
    """Spans in a text."""

    kind: ClassVar[str] = "spans"


@dataclass(frozen=True, kw_only=True)
class Drawn(Marked[Thing]):
    """Things in a picture of `size`: width and height in pixels."""

    size: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Boxes(Drawn[Box]):
    """Boxes."""

    kind: ClassVar[str] = "boxes"


@dataclass(frozen=True, kw_only=True)
class Polygons(Drawn[Shape]):
    """Areas between three points or more."""

    kind: ClassVar[str] = "polygons"


@dataclass(frozen=True, kw_only=True)
class Lines(Drawn[Shape]):
    """Lines through two points or more: those of crowd-polyline, and of crowd-line with two."""

    kind: ClassVar[str] = "lines"


@dataclass(frozen=True, kw_only=True)
class Points(Drawn[Shape]):
    """Key points: shapes of one point."""

    kind: ClassVar[str] = "points"


@dataclass(frozen=True, kw_only=True)
class Ranked(Answer):
    """The rank of each response by each dimension."""

    kind: ClassVar[str] = "ranks"
    dimensions: Mapping[str, Ranks]

    @property
    def names(self) -> Sequence[str]:
        """None: ranks have no classes."""
        return []


@dataclass(frozen=True, kw_only=True)
class Form(Answer):
    """What a person wrote, ticked and chose in a form: the whole content of the answer."""

    kind: ClassVar[str] = "form"
    content: Mapping[str, Any]

    @property
    def names(self) -> Sequence[str]:
        """None: the fields of a form are its author's."""
        return []


def read(response: object) -> list[Answer]:
    """Return the answers of one file of `annotations/worker-response`. Raises AnswerError."""
    match response:
        case {"answers": [*answers]}:
            return [_answer(each) for each in answers]
    raise AnswerError('it has no list "answers"')


def _answer(value: Any) -> Answer:  # noqa: ANN401 - any JSON
    match value:
        case {"answerContent": dict(content), "workerId": str(worker)} if worker:
            if not content:
                raise AnswerError(f"the answer of {worker} is empty")
            facts: Facts = {"worker": worker, "seconds": _seconds(value), "submitted": _moment(value)}
            if "ordinalRankingDimensions" in content:  # by the element as it was published first, which has no name
                return _element("ordinalRankingDimensions", content, facts)
            for element in content.values():
                if isinstance(element, dict):
                    if refused := [member for member in NOT_YET if member in element]:
                        raise AnswerError(f"{refused[0]} are not consolidated: masks are not read")
                    if known := [member for member in _ELEMENTS if member in element]:
                        return _element(known[0], element, facts)
            return Form(content=content, **facts)
    raise AnswerError('an answer needs "answerContent" and "workerId"')


def _seconds(answer: Mapping[str, Any]) -> float | None:
    seconds = answer.get("timeSpentInSeconds")
    return float(seconds) if isinstance(seconds, int | float) and isfinite(seconds) and seconds >= 0 else None


def _moment(answer: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(answer["submissionTime"])
    except (KeyError, TypeError, ValueError):
        return None


def _element(member: str, element: Mapping[str, Any], facts: Facts) -> Answer:
    worker = facts["worker"]
    try:
        return _ELEMENTS[member](element, facts)
    except _OtherFormError as error:
        raise AnswerError(
            f"the answer of {worker} has another form than its element gives: {sorted(element)}"
        ) from error
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise AnswerError(f"the answer of {worker} has a mark that is none: {error}") from error


class _OtherFormError(Exception):
    """The members of an element are not those that it submits."""


def _single(element: Mapping[str, Any], facts: Facts) -> Answer:
    match element:
        case {"label": str(label)}:
            return Single(label=label, comment=str(element.get("workerComment", "")), **facts)
    raise _OtherFormError


def _several(element: Mapping[str, Any], facts: Facts) -> Answer:
    match element["labels"]:
        case [*labels] if all(isinstance(each, str) for each in labels):
            return Several(labels=frozenset(labels), **facts)
    raise _OtherFormError


def _spans(element: Mapping[str, Any], facts: Facts) -> Answer:
    match element["entities"]:
        case [*entities]:
            return Spans(marks=tuple(map(_span, entities)), **facts)
    raise _OtherFormError


def _read_drawing(
    answer: Callable[..., Answer], member: str, mark: Callable[[Mapping[str, Any]], object]
) -> Callable[[Mapping[str, Any], Facts], Answer]:
    def read_marks(element: Mapping[str, Any], facts: Facts) -> Answer:
        match element:
            case {"inputImageProperties": {"width": int(width), "height": int(height)}} if width > 0 and height > 0:
                if isinstance(element[member], list):
                    return answer(marks=tuple(map(mark, element[member])), size=(width, height), **facts)
        raise _OtherFormError

    return read_marks


def _read_ranks(element: Mapping[str, Any], facts: Facts) -> Answer:
    dimensions = {}
    for number, each in enumerate(element["ordinalRankingDimensions"], 1):
        ranks = each["responseRankings"]
        if not ranks or not all(type(rank) is int and rank > 0 for rank in ranks):
            raise ValueError(f"ranks {ranks}")
        dimensions[str(each.get("name", number))] = tuple(ranks)
    return Ranked(dimensions=dimensions, **facts)


def _box(value: Mapping[str, Any]) -> Mark[Box]:
    sides = [float(value[side]) for side in ("left", "top", "width", "height")]
    if not all(map(isfinite, sides)) or sides[2] <= 0 or sides[3] <= 0:
        raise ValueError(f"a box of width {sides[2]:g} and height {sides[3]:g}")
    return Mark(str(value["label"]), Box(*sides))


def _shape(fewest: int) -> Callable[[Mapping[str, Any]], Mark[Shape]]:
    def read_shape(value: Mapping[str, Any]) -> Mark[Shape]:
        points = tuple(map(_point, value["vertices"]))
        if len(points) < fewest:
            raise ValueError(f"{len(points)} vertices where there are at least {fewest}")
        return Mark(str(value["label"]), points)

    return read_shape


def _point(value: Mapping[str, Any]) -> Point:
    x, y = float(value["x"]), float(value["y"])
    if not isfinite(x) or not isfinite(y):
        raise ValueError(f"a point at {x:g}, {y:g}")
    return x, y


def _span(value: Mapping[str, Any]) -> Mark[Span]:
    start, end = int(value["startOffset"]), int(value["endOffset"])
    if not 0 <= start < end:
        raise ValueError(f"a span from {start} to {end}")
    return Mark(str(value["label"]), Span(start, end))


_ELEMENTS: Final[Mapping[str, Callable[[Mapping[str, Any], Facts], Answer]]] = {
    "label": _single,
    "labels": _several,
    "boundingBoxes": _read_drawing(Boxes, "boundingBoxes", _box),
    "polygons": _read_drawing(Polygons, "polygons", _shape(3)),
    "polylines": _read_drawing(Lines, "polylines", _shape(2)),
    "lines": _read_drawing(Lines, "lines", _shape(2)),
    "keypoints": _read_drawing(Points, "keypoints", lambda value: Mark(str(value["label"]), (_point(value),))),
    "entities": _spans,
    "ordinalRankingDimensions": _read_ranks,
}
"""How an element is read, by the member that says which it is."""
