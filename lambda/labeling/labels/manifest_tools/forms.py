"""The forms that labels have in a manifest, and all that names a class in each: whatever changes one changes the rest.

Numbers of classes are read as numbers and as texts, since AWS's own examples have both, and are written as numbers;
in the keys of a map they are texts, as JSON has it. Source: SageMaker developer guide, "Output data" (sms-data-output).
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labels.objects import SOURCES

METADATA: Final = "-metadata"
"""How the name of the member ends that stands beside a label."""
VERIFICATION: Final = "groundtruth/label-verification"
"""The type of a verdict, whose number is a text in the guide."""


class FormError(ValueError):
    """A label that does not hold together; the rest of a sentence that begins with its line."""


@dataclass(frozen=True)
class LineLabel(ABC):
    """A label of a line: its attribute, its value, and the metadata beside it."""

    attribute: str
    value: Any
    metadata: Mapping[str, Any]

    @property
    @abstractmethod
    def classes(self) -> Mapping[str, int | None]:
        """The classes that are named anywhere in the label, with their numbers where they have any."""

    @property
    @abstractmethod
    def marks(self) -> Sequence[str]:
        """The class of each thing that is labeled."""

    @abstractmethod
    def without(self, dropped: Collection[str]) -> "LineLabel | None":
        """Return the label without these classes; None where nothing of it is left."""

    @abstractmethod
    def renumber(self, numbers: Mapping[str, int | None]) -> "LineLabel":
        """Return the label with these numbers for its classes."""


class OneClass(LineLabel):
    """One class of the whole object."""

    @property
    def classes(self) -> Mapping[str, int | None]:
        """The class."""
        return {self.metadata["class-name"]: number_of(self.value)}

    @property
    def marks(self) -> Sequence[str]:
        """The class."""
        return [self.metadata["class-name"]]

    def without(self, dropped: Collection[str]) -> LineLabel | None:
        """Return the label, or None where it is this class."""
        return None if self.metadata["class-name"] in dropped else self

    def renumber(self, numbers: Mapping[str, int | None]) -> LineLabel:
        """Return the label with another number."""
        number = numbers[self.metadata["class-name"]]
        verdict = self.metadata.get("type") == VERIFICATION
        return OneClass(self.attribute, str(number) if verdict else number, self.metadata)


class Mapped(LineLabel):
    """A label whose classes have their names in the class map of its metadata."""

    @property
    def classes(self) -> Mapping[str, int | None]:
        """All of the class map."""
        return {name: number for number, name in class_map(self.metadata).items()}

    def without(self, dropped: Collection[str]) -> LineLabel:
        """Return the label without what is of these classes, what stands beside that, and their names."""
        return self._with({name: number for name, number in self.classes.items() if name not in dropped})

    def renumber(self, numbers: Mapping[str, int | None]) -> LineLabel:
        """Return the label with these numbers wherever one stands."""
        return self._with({name: numbers[name] for name in self.classes})

    def _with(self, numbers: Mapping[str, int | None]) -> LineLabel:
        names = {"class-map": {str(number): name for name, number in numbers.items()}}
        return self._rewrite(numbers, {**self.metadata, **names})

    @abstractmethod
    def _rewrite(self, numbers: Mapping[str, int | None], metadata: Mapping[str, Any]) -> LineLabel:
        """Return the label with what is of the classes that have numbers here."""


class SeveralClasses(Mapped):
    """Several classes of the whole object, or none."""

    @property
    def marks(self) -> Sequence[str]:
        """The classes, in the order of the label."""
        names = class_map(self.metadata)
        return [_name(names, number) for number in self.value]

    def _rewrite(self, numbers: Mapping[str, int | None], metadata: Mapping[str, Any]) -> LineLabel:
        confidences = self.metadata.get("confidence-map")
        if isinstance(confidences, Mapping):
            names = class_map(self.metadata)
            named = {_name(names, key): value for key, value in confidences.items()}
            kept = {str(numbers[name]): value for name, value in named.items() if name in numbers}
            metadata = {**metadata, "confidence-map": kept}
        return SeveralClasses(self.attribute, [numbers[name] for name in self.marks if name in numbers], metadata)


class Shapes(Mapped):
    """Boxes, polygons, lines or points: what stands about each of them is in `objects`, in the same order."""

    @property
    def marks(self) -> Sequence[str]:
        """The class of each shape."""
        names = class_map(self.metadata)
        return [_name(names, shape.get("class_id")) for shape in self.value["annotations"]]

    def _rewrite(self, numbers: Mapping[str, int | None], metadata: Mapping[str, Any]) -> LineLabel:
        marked = list(zip(self.value["annotations"], self.marks, strict=True))
        shapes = [{**shape, "class_id": numbers[name]} for shape, name in marked if name in numbers]
        beside = _keep_beside(metadata, "objects", [name in numbers for _, name in marked])
        return Shapes(self.attribute, {**self.value, "annotations": shapes}, {**metadata, **beside})


class Spans(LineLabel):
    """Spans of a text, which name their classes; what stands about each is in `entities`, in the same order."""

    @property
    def classes(self) -> Mapping[str, int | None]:
        """All that the job offered; they have no numbers."""
        offered = [each["label"] for each in self.value["annotations"].get("labels", [])]
        return dict.fromkeys([*offered, *self.marks])

    @property
    def marks(self) -> Sequence[str]:
        """The class of each span."""
        return [span["label"] for span in self.value["annotations"]["entities"]]

    def without(self, dropped: Collection[str]) -> LineLabel:
        """Return the label without the spans of these classes, what is known about those, and the classes."""
        annotations = self.value["annotations"]
        kept = [name not in dropped for name in self.marks]
        value = {
            **self.value,
            "annotations": {
                **annotations,
                **{
                    member: [each for each in annotations[member] if each["label"] not in dropped]
                    for member in ("labels", "entities")
                    if member in annotations
                },
            },
        }
        return Spans(self.attribute, value, {**self.metadata, **_keep_beside(self.metadata, "entities", kept)})

    def renumber(self, numbers: Mapping[str, int | None]) -> LineLabel:
        """Return the label as it is: its classes have no numbers."""
        del numbers
        return self


class Other(LineLabel):
    """A label of another form: a value of the user's own, or one that lies in a file, such as a mask."""

    @property
    def classes(self) -> Mapping[str, int | None]:
        """Those of its class map, or of its color map."""
        colors = self.metadata.get("internal-color-map")
        named = {
            each["class-name"]: number_of(key)
            for key, each in (colors.items() if isinstance(colors, Mapping) else ())
            if isinstance(each, Mapping) and isinstance(each.get("class-name"), str)
        }
        return {**{name: number for number, name in class_map(self.metadata).items()}, **named}

    @property
    def marks(self) -> Sequence[str]:
        """None that could be told."""
        return []

    def without(self, dropped: Collection[str]) -> LineLabel:
        """Return the label, which has none of these classes. Raises FormError where it has one."""
        for name in self.classes:
            if name in dropped:
                raise FormError(
                    f"{self.attribute!r} has the class {name!r} in a file or form of its own, from which nothing can "
                    "be taken here: ask people to adjust it."
                )
        return self

    def renumber(self, numbers: Mapping[str, int | None]) -> LineLabel:
        """Return the label, whose numbers are these already. Raises FormError where they are not."""
        for name, number in self.classes.items():
            if numbers[name] != number:
                raise FormError(
                    f"{self.attribute!r} has the number {number} for {name!r} in a file or form of its own, and "
                    f"elsewhere it is {numbers[name]}: label both with the same label category file."
                )
        return self


def labels_of(line: Mapping[str, Any]) -> Iterator[LineLabel]:
    """Yield the labels of a line, those of objects that have one. Raises FormError."""
    for member, metadata in line.items():
        attribute = member.removesuffix(METADATA)
        if member == attribute or attribute in SOURCES or attribute not in line or not isinstance(metadata, Mapping):
            continue
        try:
            label = _form(line[attribute], metadata)(attribute, line[attribute], metadata)
            _require_whole(label)
        except (KeyError, TypeError, AttributeError) as error:
            raise FormError(f"{attribute!r} has a mark that is none: {error}.") from error
        yield label


def with_label(line: Mapping[str, Any], attribute: str, label: LineLabel | None) -> dict[str, Any]:
    """Return a line with another label in the place of one, or without any."""
    if label is None:
        return {name: value for name, value in line.items() if name not in {attribute, attribute + METADATA}}
    return {**line, attribute: label.value, attribute + METADATA: label.metadata}


def class_map(metadata: Mapping[str, Any]) -> Mapping[int, str]:
    """Return the names of classes by number. Raises FormError."""
    names = metadata.get("class-map", {})
    if not isinstance(names, Mapping):
        raise FormError('the "class-map" is no object.')
    found: dict[int, str] = {}
    for key, name in names.items():
        number = number_of(key)
        if number is None or not isinstance(name, str):
            raise FormError(f'the "class-map" has {key!r} for {name!r}: write a number for a name.')
        found[number] = name
    return found


def number_of(value: object) -> int | None:
    """Return the number of a class, be it a number or a text; None where it is none."""
    match value:
        case bool():
            return None
        case int() if value >= 0:
            return value
        case str() if value.isascii() and value.isdecimal():
            return int(value)
    return None


def _form(value: Any, metadata: Mapping[str, Any]) -> type[LineLabel]:  # noqa: ANN401 - any label
    match value:
        case {"annotations": [*marks]} if "class-map" in metadata or any("class_id" in mark for mark in marks):
            return Shapes
        case {"annotations": {"entities": [*_]}}:
            return Spans
        case [*_] if "class-map" in metadata:
            return SeveralClasses
        case int() | str() if isinstance(metadata.get("class-name"), str) and number_of(value) is not None:
            return OneClass
    return Other


def _require_whole(label: LineLabel) -> None:
    """Raise FormError where marks or classes have no names, or marks are more or fewer than what stands beside them."""
    if not all(isinstance(name, str) for name in (*label.marks, *label.classes)):
        raise FormError(f"{label.attribute!r} has a class whose name is no text.")
    member = {Shapes: "objects", Spans: "entities"}.get(type(label), "")
    beside = label.metadata.get(member)
    if beside is not None and len(beside) != len(label.marks):
        raise FormError(
            f"{label.attribute!r} has {len(label.marks)} marks, and {len(beside)} {member} in its metadata: "
            "write one for each, in the same order."
        )


def _keep_beside(metadata: Mapping[str, Any], member: str, kept: Sequence[bool]) -> Mapping[str, Any]:
    """Return what stands beside the marks that are kept."""
    if member not in metadata:
        return {}
    return {member: [each for each, stays in zip(metadata[member], kept, strict=True) if stays]}


def _name(names: Mapping[int, str], value: object) -> str:
    number = number_of(value)
    if number is None or number not in names:
        known = ", ".join(map(str, names)) or "none"
        raise FormError(f'the class {value!r} is not in the "class-map", which has {known}.')
    return names[number]
