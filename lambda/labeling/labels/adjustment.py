"""Jobs in which people correct, or judge, the labels of a job before: whose labels these are, and what tasks show.

Such a job does not say which attribute it shows: its template does, which reads the line of the manifest. Sources:
SageMaker developer guide, "Verify and Adjust Labels" (sms-verification-data) and "Crowd HTML elements reference":
crowd-bounding-box, crowd-polygon, crowd-keypoint, crowd-entity-annotation.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from labels.contract import TaskInput
from labels.job import LABELS, Purpose
from labels.manifest_tools.forms import (
    METADATA,
    FormError,
    LineLabel,
    OneClass,
    SeveralClasses,
    Shapes,
    Spans,
    labels_of,
)
from labels.request import Request

_SHOWN: Final = re.compile(r"""task\.input\.manifestLine(?:\.([A-Za-z0-9-]+)|\[\s*['"]([^'"\]]+)['"]\s*\])""")


class AdjustmentError(ValueError):
    """A template of which nobody can tell whose labels it shows; one sentence."""


def shown_attribute(template: str) -> str:
    """Return the attribute whose labels a template shows of `task.input.manifestLine`. Raises AdjustmentError."""
    found: set[str] = {(plain or quoted).removesuffix(METADATA) for plain, quoted in _SHOWN.findall(template)}
    if len(found) != 1:
        what = " and ".join(sorted(found)) or "none"
        raise AdjustmentError(
            f"The template shows the labels of {what}: let it read those of one attribute, as "
            "task.input.manifestLine.ATTRIBUTE."
        )
    return found.pop()


def purpose_of(request: Request, template: str) -> Purpose:
    """Return whose labels people correct or judge in a job; of one that makes labels of its own nobody's.

    A built-in type says so by its name. A template without functions, whose answers are read by their element, does
    where it shows the labels of one attribute. Raises AdjustmentError.
    """
    kind = request.kind(template)
    plain = request.task is None and not kind.custom and _SHOWN.search(template)
    if not kind.earlier and not plain:
        return LABELS
    shown = shown_attribute(template)
    if shown == request.attribute:
        raise AdjustmentError(
            f"LabelAttributeName is {shown}, which holds the labels that people are shown: give theirs another name."
        )
    return Purpose(verifies=shown) if kind.earlier == "verifies" else Purpose(adjusts=shown)


def missing(line: Mapping[str, Any], attribute: str) -> str:
    """Return why a line has no label of an attribute that people could be shown; empty where it has one."""
    metadata = line.get(f"{attribute}{METADATA}")
    if attribute in line and isinstance(metadata, Mapping):
        return ""
    why = f" ({metadata['failure-reason']})" if isinstance(metadata, Mapping) and "failure-reason" in metadata else ""
    return f"no label {attribute!r} with its metadata{why}: this job shows people those of the job before."


def task_input(source: str, line: Mapping[str, Any], labels: Sequence[str]) -> TaskInput:
    """Return what Ground Truth's own functions make of a line with labels: the object, the classes, and the line."""
    return TaskInput({"taskObject": source, "labels": list(labels), "manifestLine": line})


def initial_value(line: Mapping[str, Any], attribute: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the label of an attribute as the element that people correct it with has it: classes by name.

    Of one class it is the name, of several a list of names. Raises FormError where there is no such label.
    """
    for label in labels_of(line):
        if label.attribute == attribute:
            return _of(label)
    raise FormError(f"there is no label {attribute!r} to begin with.")


def _of(label: LineLabel) -> Any:  # noqa: ANN401 - any JSON
    match label:
        case Shapes():
            return [
                {"label": name, **{side: value for side, value in shape.items() if side != "class_id"}}
                for name, shape in zip(label.marks, label.value["annotations"], strict=True)
            ]
        case Spans():
            return list(label.value["annotations"]["entities"])
        case OneClass():
            return label.marks[0]
        case SeveralClasses():
            return list(label.marks)
    raise FormError(f"{label.attribute!r} has a form of its own: a function of yours makes a beginning of it.")
