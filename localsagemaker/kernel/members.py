"""What becomes of each member of a request: acted on, recorded only, or refused by its name.

The table beside this module judges the members of every operation that is provided. What nobody has judged, such as a
member that AWS adds later, is refused like what is not provided: nothing is passed in silence.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

from botocore.model import ListShape, MapShape, Shape, StructureShape

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.requests import Request, operation_model

SAGEMAKER: Final = "sagemaker"
TABLE: Final = Path(__file__).with_suffix(".csv")
Verdict = Literal["acted", "recorded", "refused"]


@dataclass(frozen=True)
class Judgement:
    """What becomes of a member, and why unless it is acted on.

    `recorded` and `refused` hold for everything inside of it; what is inside of one that is `acted` on has judgements
    of its own. A refused member passes with a value of `passes`, which is as good as none.
    """

    verdict: Verdict
    reason: str = ""
    passes: tuple[str, ...] = ()

    def refuses(self, value: object) -> bool:
        """Return whether a value is refused; empty ones, and switches that are off, ask for nothing."""
        return self.verdict == "refused" and bool(value) and value not in self.passes


@dataclass(frozen=True)
class Row:
    """One row of the table: a member by its place in the request, such as `ResourceConfig.InstanceType`.

    `operation` is a name, or a pattern such as `List*`; a name goes before a pattern.
    """

    operation: str
    member: str
    judgement: Judgement


UNJUDGED: Final = Judgement("refused", "nobody has judged yet what it would do here: leave it out")


@cache
def rows() -> tuple[Row, ...]:
    """Return the table, a row for each operation or pattern of operations and each member, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(row for line in csv.DictReader(file) for row in _rows(line))


def _rows(line: Mapping[str, str]) -> Iterator[Row]:
    judgement = Judgement(_verdict(line["verdict"]), line["reason"], tuple(line["passes"].split()))
    within = f"{line['within']}." if line["within"] else ""
    for operation in line["operations"].split():
        for member in line["members"].split():
            yield Row(operation, within + member, judgement)


def _verdict(text: str) -> Verdict:
    return next(verdict for verdict in get_args(Verdict) if verdict == text)


@cache
def judgements(operation: str) -> Mapping[str, Judgement]:
    """Return how the members of an operation are judged, by their places."""
    patterns_first = sorted(rows(), key=lambda row: "*" not in row.operation)
    return {row.member: row.judgement for row in patterns_first if fnmatchcase(operation, row.operation)}


@dataclass(frozen=True)
class Place:
    """A structure within a request: its path, and where each structure around it was met first.

    A structure within itself, such as a search expression, is judged like the outer one.
    """

    path: str = ""
    met: Mapping[str, str] = field(default_factory=dict)

    def of(self, member: str) -> str:
        """Return the place of a member."""
        return f"{self.path}.{member}" if self.path else member

    def inside(self, member: str, shape: StructureShape) -> "Place":
        """Return the place of the structure that a member is."""
        path = self.met.get(shape.name, self.of(member))
        return Place(path, {**self.met, shape.name: path})


def refusals(operation: str, parameters: Mapping[str, Any], service: str = SAGEMAKER) -> Iterator[str]:
    """Yield what is to be said of each member of a request that is refused."""
    shape = operation_model(operation, service).input_shape
    if isinstance(shape, StructureShape):
        yield from _refusals(judgements(operation), parameters, shape, Place())


def _refusals(
    judged: Mapping[str, Judgement], value: Mapping[str, Any], shape: StructureShape, place: Place
) -> Iterator[str]:
    for name, child in value.items():
        if name not in shape.members:
            continue
        judgement = judged.get(place.of(name), UNJUDGED)
        if judgement.refuses(child):
            asked = f" {child}" if judgement.passes else ""
            yield f"{place.of(name)}{asked} is not provided locally: {judgement.reason}."
        elif judgement.verdict == "acted":
            for structure, inner in _structures(child, shape.members[name]):
                yield from _refusals(judged, structure, inner, place.inside(name, inner))


def _structures(value: Any, shape: Shape) -> Iterator[tuple[Mapping[str, Any], StructureShape]]:  # noqa: ANN401 - JSON
    """Yield the structures that a value is, or that are the elements of a list or the values of a map."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        yield value, shape
    elif isinstance(shape, ListShape) and isinstance(value, list | tuple):
        for each in value:
            yield from _structures(each, shape.member)
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for each in value.values():
            yield from _structures(each, shape.value)


def judge(request: Request, service: str = SAGEMAKER) -> None:
    """Let a request pass, or raise `ValidationException` that names what of it is not provided, and why."""
    if found := dict.fromkeys(refusals(request.operation, request.parameters, service)):
        raise ServiceError("ValidationException", " ".join(found))
