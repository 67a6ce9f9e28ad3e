"""The kinds of tasks that people are given: those that are built into Ground Truth, and those of a template's own.

A request names a built-in one by the functions that Ground Truth runs before and after people answer, `PRE-…` and
`ACS-…`, in an account of AWS's that differs from Region to Region. Source: API reference, HumanTaskConfig and
AnnotationConsolidationConfig.
"""

import re
from dataclasses import dataclass
from typing import Final

_BUILT_IN: Final = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:(PRE|ACS)-(\w+)")
_ELEMENT: Final = re.compile(r"<\s*(crowd-[a-z0-9-]+)")


@dataclass(frozen=True)
class TaskType:
    """A kind of task: the element that people answer with, what they are shown, and how labels of it are typed."""

    name: str
    element: str
    kind: str = ""
    """The kind of `labels.answers` that its answers are; empty where a function of the user's reads them."""
    picture: bool = False
    source: str = ""
    """What a line of the manifest must have: "source" or "source-ref"; empty where either will do."""
    earlier: str = ""
    """What people do with the labels of a job before, which its template shows: "adjusts" or "verifies"."""

    @property
    def custom(self) -> bool:
        """Whether only the user knows what an answer is."""
        return not self.kind


TYPES: Final = {
    each.name: each
    for each in (
        TaskType("ImageMultiClass", "crowd-image-classifier", "class", picture=True, source="source-ref"),
        TaskType(
            "ImageMultiClassMultiLabel",
            "crowd-image-classifier-multi-select",
            "classes",
            picture=True,
            source="source-ref",
        ),
        TaskType("TextMultiClass", "crowd-classifier", "class", source="source"),
        TaskType("TextMultiClassMultiLabel", "crowd-classifier-multi-select", "classes", source="source"),
        TaskType("BoundingBox", "crowd-bounding-box", "boxes", picture=True, source="source-ref"),
        TaskType("NamedEntityRecognition", "crowd-entity-annotation", "spans", source="source"),
        TaskType(
            "AdjustmentBoundingBox",
            "crowd-bounding-box",
            "boxes",
            picture=True,
            source="source-ref",
            earlier="adjusts",
        ),
        TaskType(
            "VerificationBoundingBox",
            "crowd-image-classifier",
            "class",
            picture=True,
            source="source-ref",
            earlier="verifies",
        ),
    )
}
CUSTOM: Final = TaskType("Custom", "")
"""A template whose answers are kept as they are, or read by the user's own function."""
_ELEMENTS: Final = {each.element: each for each in TYPES.values() if not each.earlier}
NOT_YET: Final = {
    "Video": "people label single pictures here: cut the video into frames, and label those with BoundingBox",
    "3DPointCloud": "point clouds are not labeled here",
    "SemanticSegmentation": "masks are not labeled here: ask for boxes instead",
}
"""Built-in types that this platform does not have, by a part of their names, and what to do."""


class UnknownTaskError(ValueError):
    """A task that people cannot be given here; one sentence."""


def built_in(arn: str) -> str:
    """Return the name of the built-in type whose function an ARN names; empty where it is a user's own."""
    found = _BUILT_IN.fullmatch(arn)
    return found[2] if found else ""


def by_name(name: str) -> TaskType:
    """Return the built-in type of this name. Raises UnknownTaskError."""
    if name == "PassThrough":
        return CUSTOM
    if name in TYPES:
        return TYPES[name]
    for part, remedy in NOT_YET.items():
        if part in name:
            raise UnknownTaskError(f"{name} is not offered: {remedy}.")
    raise UnknownTaskError(f"{name} is no type of Ground Truth's: use one of {', '.join(sorted(TYPES))}.")


def of_template(template: str) -> TaskType:
    """Return the type that a template's element stands for; a custom one where it has another, or several."""
    found = {name for name in _ELEMENT.findall(template) if name in _ELEMENTS}
    return _ELEMENTS[next(iter(found))] if len(found) == 1 else CUSTOM
