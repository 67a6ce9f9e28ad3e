"""Merge the manifests of several jobs: one line for each object, and one number for each class.

Jobs number their classes by their own label category files; what is the same is told by its name. Source: SageMaker
developer guide, "Chaining Labeling Jobs" (sms-reusing-data) and "Output data" (sms-data-output).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import dumps
from typing import Any, Final

from labels.manifest import meaning
from labels.manifest_tools.forms import METADATA, FormError, LineLabel, Spans, labels_of, with_label
from labels.objects import SOURCES, LineError

_NO_LABEL: Final = {"failure-reason": ""}
SHOWN: Final = 5
"""How many conflicts a sentence names."""
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Manifest:
    """The lines of a job, and the name by which sentences call it."""

    name: str
    lines: Sequence[Line]

    def place(self, number: int) -> str:
        """Return what a sentence calls a line, whose number counts from 0."""
        return f"{self.name}, line {number + 1}"


@dataclass(frozen=True)
class Renumbered:
    """A class that another number than its own stands for now, from the line on where it was met first."""

    attribute: str
    name: str
    before: int
    after: int
    place: str


@dataclass(frozen=True)
class Merged:
    """The lines of the new manifest, the numbers of the classes of each attribute, and what has another number."""

    lines: Sequence[Line]
    classes: Mapping[str, Mapping[str, int]]
    renumbered: Sequence[Renumbered]


def merge(manifests: Sequence[Manifest], categories: Sequence[str] = (), attribute: str = "") -> Merged:
    """Return one line for each object, in the order in which they are met, with all labels that it has anywhere.

    `categories` give the classes their numbers; without them a class keeps the first number that it has if no other has
    it, else it gets the lowest that is free. With `attribute` the one label of each manifest is put under this name.
    Two labels of one attribute that say something else about one object are a conflict. Raises LineError.
    """
    given = [_under(each, attribute) for each in manifests] if attribute else manifests
    numbers = _Numbers(categories)
    objects: dict[str, _Object] = {}
    for manifest in given:
        for number, line in enumerate(manifest.lines):
            place = manifest.place(number)
            try:
                labels = {each.attribute: numbers.apply(each, place) for each in labels_of(line)}
                found = objects.setdefault(_source(line, place), _Object())
                found.add({name: value for name, value in line.items() if not _is_label(name, labels)}, labels, place)
            except FormError as error:
                raise LineError(f"{place}: {error}") from error
    conflicts = [each for found in objects.values() for each in found.conflicts]
    if conflicts:
        more = f" {len(conflicts) - SHOWN} more are like this." if len(conflicts) > SHOWN else ""
        raise LineError(f"{' '.join(conflicts[:SHOWN])}{more} Leave out one of each two.")
    lines = [found.line(numbers.with_all_classes) for found in objects.values()]
    return Merged(lines, numbers.given, list(numbers.renumbered.values()))


@dataclass
class _Object:
    """What is known about one object so far."""

    members: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, LineLabel] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)

    def add(self, members: Line, labels: Mapping[str, LineLabel], place: str) -> None:
        """Add what another line says. Why an object has no label is said no more where it has one."""
        for name, value in members.items():
            if name.removesuffix(METADATA) in self.labels:
                known = _is_failure(name, value)
            else:
                known = self.members.setdefault(name, value) == value or _is_failure(name, value)
            self._meet(name, place, known=known)
        for name, label in labels.items():
            first = self.labels.setdefault(name, label)
            failed = _is_failure(name + METADATA, self.members.pop(name + METADATA, _NO_LABEL))
            same = meaning(first.value, first.metadata) == meaning(label.value, label.metadata)
            self._meet(name, place, known=same and failed and name not in self.members)

    def _meet(self, name: str, place: str, *, known: bool) -> None:
        if not known:
            self.conflicts.append(f"{place} has another {name!r} than {self.places.get(name, 'a line before')}.")
        self.places.setdefault(name, place)

    def line(self, finish: Callable[[LineLabel], LineLabel]) -> Line:
        """Return the line of the object."""
        line: Line = self.members
        for name, label in self.labels.items():
            line = with_label(line, name, finish(label))
        return line


class _Numbers:
    """The numbers of the classes of each attribute."""

    def __init__(self, categories: Sequence[str]) -> None:
        self.given: dict[str, dict[str, int]] = {}
        self.renumbered: dict[tuple[str, str], Renumbered] = {}
        self._categories = {name: number for number, name in enumerate(categories)}
        self._spans: dict[str, dict[str, Any]] = {}

    def apply(self, label: LineLabel, place: str) -> LineLabel:
        """Return a label with the numbers that its classes have from now on. Raises FormError."""
        if isinstance(label, Spans):
            offered = self._spans.setdefault(label.attribute, {})
            for each in label.value["annotations"].get("labels", []):
                offered.setdefault(each["label"], each)
            return label
        given = self.given.setdefault(label.attribute, dict(self._categories))
        for name, before in label.classes.items():
            if name not in given:
                given[name] = self._new(label.attribute, name, before, given)
            if before is not None and before != given[name]:
                change = Renumbered(label.attribute, name, before, given[name], place)
                self.renumbered.setdefault((label.attribute, name), change)
        return label.renumber(given)

    def _new(self, attribute: str, name: str, before: int | None, given: Mapping[str, int]) -> int:
        if self._categories:
            raise FormError(f"the class {name!r} of {attribute!r} is none of {', '.join(self._categories)}.")
        taken = {*given.values()}
        if before is not None and before not in taken:
            return before
        return next(number for number in range(len(taken) + 1) if number not in taken)

    def with_all_classes(self, label: LineLabel) -> LineLabel:
        """Return a label of spans with the classes of all lines, and any other as it is."""
        offered = list(self._spans.get(label.attribute, {}).values()) if isinstance(label, Spans) else []
        if not offered:
            return label
        annotations = {**label.value["annotations"], "labels": offered}
        return replace(label, value={**label.value, "annotations": annotations})


def _under(manifest: Manifest, attribute: str) -> Manifest:
    """Return a manifest with its one label under another attribute. Raises LineError."""
    names = {
        name.removesuffix(METADATA): manifest.place(number)
        for number, line in enumerate(manifest.lines)
        for name in line
        if name.endswith(METADATA) and name.removesuffix(METADATA) not in SOURCES
    }
    if len(names) != 1:
        found = " and ".join(sorted(names)) or "no attribute"
        raise LineError(f"{manifest.name} has {found} for labels: only one can be called {attribute!r}.")
    [old] = names
    renamed = {old: attribute, old + METADATA: attribute + METADATA}
    for number, line in enumerate(manifest.lines):
        if old != attribute and {attribute, attribute + METADATA} & {*line}:
            raise LineError(f"{manifest.place(number)} has {attribute!r} already: choose another name.")
    return Manifest(
        manifest.name, [{renamed.get(name, name): value for name, value in line.items()} for line in manifest.lines]
    )


def _source(line: Line, place: str) -> str:
    """Return what tells an object from others."""
    for member in SOURCES:
        if isinstance(line.get(member), str):
            return dumps([member, line[member]])
    raise LineError(f'{place} needs a "source" or a "source-ref" that is a text.')


def _is_label(member: str, labels: Mapping[str, LineLabel]) -> bool:
    return member.removesuffix(METADATA) in labels


def _is_failure(member: str, value: Any) -> bool:  # noqa: ANN401 - any JSON
    """Return whether a member says why there is no label: whoever else failed may have failed otherwise."""
    return member.endswith(METADATA) and isinstance(value, Mapping) and "failure-reason" in value
