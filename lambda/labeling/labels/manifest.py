"""Lines of an augmented manifest: an object with its label, as Ground Truth writes them.

Source: SageMaker developer guide, "Output data" (sms-data-output). Of polygons, lines, key points and ranks the service
has no label of its own: it hands on what each person drew. Theirs here have the form of its boxes, and the type of a
label that the user's own function made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json import dumps
from typing import Any, Final

from labels.consolidation.boxes import ConsolidatedBox
from labels.consolidation.classes import Label
from labels.consolidation.geometry import Point
from labels.consolidation.ranks import ConsolidatedRanks
from labels.consolidation.shapes import ConsolidatedShape
from labels.consolidation.spans import ConsolidatedSpan

CUSTOM: Final = "groundtruth/custom"
"""The type of a label that is none of the service's own."""
Members = Mapping[str, Any]
"""What is added to a line: the label and its metadata."""


@dataclass(frozen=True)
class Origin:
    """The job that labels come from: its name, its label attribute, its classes in the order of their numbers."""

    job: str
    attribute: str
    classes: Sequence[str]
    when: datetime

    @property
    def metadata(self) -> str:
        """The member that says where a label comes from."""
        return f"{self.attribute}-metadata"

    def members(self, label: object, facts: Members) -> Members:
        """Return a label with what is known about it."""
        return {self.attribute: label, self.metadata: {**facts, **self._origin}}

    def failure(self, reason: str) -> Members:
        """Return why an object has no label."""
        return {self.metadata: {"failure-reason": reason, **self._origin}}

    @property
    def _origin(self) -> Members:
        moment = self.when.astimezone(UTC).replace(tzinfo=None)
        return {
            "job-name": f"labeling-job/{self.job}",
            "human-annotated": "yes",
            "creation-date": moment.isoformat(timespec="microseconds"),
        }


def single_class(origin: Origin, label: Label, *, picture: bool) -> Members:
    """Return the class of an object, as its number."""
    return origin.members(
        origin.classes.index(label.name),
        {
            "class-name": label.name,
            "confidence": round(label.confidence, 2),
            "type": f"groundtruth/{_medium(picture=picture)}-classification",
        },
    )


def several_classes(origin: Origin, confidence: Mapping[str, float], *, picture: bool) -> Members:
    """Return the classes of an object, as their numbers; `confidence` has those that it belongs to."""
    numbers = sorted(origin.classes.index(name) for name in confidence)
    return origin.members(
        numbers,
        {
            "class-map": {str(number): origin.classes[number] for number in numbers},
            "confidence-map": {str(number): round(confidence[origin.classes[number]], 2) for number in numbers},
            "type": f"groundtruth/{_medium(picture=picture)}-classification-multilabel",
        },
    )


def boxes(origin: Origin, found: Sequence[ConsolidatedBox], size: tuple[int, int]) -> Members:
    """Return the boxes of a picture of `size` (width and height in pixels), in whole pixels and inside of it."""
    width, height = size
    annotations = []
    for each in found:
        box = each.box
        left, top = min(max(0, round(box.left)), width - 1), min(max(0, round(box.top)), height - 1)
        annotations.append(
            {
                "class_id": origin.classes.index(each.label),
                "left": left,
                "top": top,
                "width": max(min(width, round(box.left + box.width)) - left, 1),
                "height": max(min(height, round(box.top + box.height)) - top, 1),
            }
        )
    return _things(origin, found, size, annotations, "groundtruth/object-detection")


def polygons(origin: Origin, found: Sequence[ConsolidatedShape], size: tuple[int, int]) -> Members:
    """Return the polygons, or the lines, of a picture with their vertices in whole pixels and inside of it."""
    annotations = [
        {
            "class_id": origin.classes.index(each.label),
            "vertices": [_pixel(point, size) for point in each.shape],
        }
        for each in found
    ]
    return _things(origin, found, size, annotations, CUSTOM)


def points(origin: Origin, found: Sequence[ConsolidatedShape], size: tuple[int, int]) -> Members:
    """Return the key points of a picture in whole pixels and inside of it."""
    annotations = [{"class_id": origin.classes.index(each.label), **_pixel(each.shape[0], size)} for each in found]
    return _things(origin, found, size, annotations, CUSTOM)


def _pixel(point: Point, size: tuple[int, int]) -> dict[str, int]:
    return {name: min(max(0, round(value)), side) for name, value, side in zip("xy", point, size, strict=True)}


def _things(
    origin: Origin,
    found: Sequence[ConsolidatedBox | ConsolidatedShape],
    size: tuple[int, int],
    annotations: Sequence[Members],
    type_: str,
) -> Members:
    width, height = size
    return origin.members(
        {"image_size": [{"width": width, "height": height, "depth": 3}], "annotations": annotations},
        {
            "objects": [{"confidence": round(each.confidence, 2)} for each in found],
            "class-map": {str(origin.classes.index(name)): name for name in sorted({each.label for each in found})},
            "type": type_,
        },
    )


def spans(origin: Origin, found: Sequence[ConsolidatedSpan]) -> Members:
    """Return the spans of a text, with all classes that there are."""
    entities = [{"endOffset": each.span.end, "startOffset": each.span.start, "label": each.label} for each in found]
    return origin.members(
        {"annotations": {"labels": [{"label": name} for name in origin.classes], "entities": entities}},
        {"entities": [{"confidence": round(each.confidence, 2)} for each in found], "type": "groundtruth/text-span"},
    )


def ranks(origin: Origin, found: Mapping[str, ConsolidatedRanks]) -> Members:
    """Return the ranks of each dimension, in the form in which people give them."""
    return origin.members(
        {
            "ordinalRankingDimensions": [
                {"name": name, "responseRankings": list(each.ranks)} for name, each in found.items()
            ]
        },
        {"confidence-map": {name: round(each.confidence, 2) for name, each in found.items()}, "type": CUSTOM},
    )


def handed_on(origin: Origin, contents: Sequence[tuple[str, Members]]) -> Members:
    """Return what every person submitted, as the service's pass-through function does."""
    return origin.members(
        {
            "annotationsFromAllWorkers": [
                {"workerId": worker, "annotationData": {"content": dumps(content, ensure_ascii=False)}}
                for worker, content in contents
            ]
        },
        {"type": CUSTOM},
    )


def verdict(members: Members, origin: Origin, comments: Sequence[str]) -> Members:
    """Return the class of an object as the verdict of a verification job, with what people wrote about it.

    The number of the class is a text there.
    """
    metadata = {**members[origin.metadata], "type": "groundtruth/label-verification"}
    feedback = {"worker-feedback": [{"comment": each} for each in comments]} if comments else {}
    return {origin.attribute: str(members[origin.attribute]), origin.metadata: {**metadata, **feedback}}


def adjustment(members: Members, origin: Origin, *, changed: bool) -> Members:
    """Return a label of an adjustment job, which says whether it differs from the one that people were shown."""
    status = {"adjustment-status": "adjusted" if changed else "unadjusted"}
    return {**members, origin.metadata: {**members[origin.metadata], **status}}


def meaning(label: Any, metadata: Members) -> Any:  # noqa: ANN401 - any label
    """Return a label by names instead of numbers and without an order: two of the same meaning are equal."""
    names = metadata.get("class-map", {})
    match label:
        case {"annotations": [*marks]}:
            return sorted(
                dumps({**mark, "class_id": names.get(str(mark.get("class_id")))}, sort_keys=True) for mark in marks
            )
        case {"annotations": {"entities": [*marks]}}:
            return sorted(dumps(mark, sort_keys=True) for mark in marks)
        case [*numbers]:
            return sorted(str(names.get(str(number))) for number in numbers)
    return metadata.get("class-name", label)


def _medium(*, picture: bool) -> str:
    return "image" if picture else "text"
