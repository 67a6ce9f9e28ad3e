"""Check a manifest: every fault of every line, with its number and its remedy, and Ground Truth's limits.

Sources: SageMaker developer guide, "Use an Input Manifest File" (sms-input-data-input-manifest), "Input Data Quotas"
(input-data-limits) and "Output Data" (sms-data-output).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labels.manifest_tools.faults import faults_of
from labels.manifest_tools.forms import METADATA, FormError, LineLabel, SeveralClasses, Shapes, labels_of
from labels.objects import SOURCES, LineError, read, split

MOST_OBJECTS: Final = 100_000
"""The quota of a data set, but for masks, whose is less."""
MOST_CLASSES: Final = 50
"""That of the classes of boxes, and of several classes of an object."""


@dataclass(frozen=True)
class Checked:
    """What a manifest has, and its faults: a sentence each, which names the line."""

    objects: int
    labels: Mapping[str, int]
    """How many objects have a label of each attribute."""
    classes: Mapping[str, Sequence[str]]
    faults: Sequence[str]


def check(text: str, source: str = "") -> Checked:
    """Return what the text of a manifest has; `source` where each line must have "source", or "source-ref"."""
    lines, faults = split(text), []
    objects = 0
    labels: dict[str, int] = {}
    limited: set[str] = set()
    classes: dict[str, dict[str, None]] = {}
    numbers: dict[tuple[str, int], tuple[str, int]] = {}
    for number, found in enumerate(read(lines, source), 1):
        if isinstance(found, LineError):
            faults.append(str(found))
            continue
        objects += 1
        faults += [f"Line {number}: {each}" for each in _faults_of_names(found.value)]
        try:
            for label in labels_of(found.value):
                labels[label.attribute] = labels.get(label.attribute, 0) + 1
                limited |= {label.attribute} if isinstance(label, Shapes | SeveralClasses) else set()
                classes.setdefault(label.attribute, {}).update(dict.fromkeys(label.classes))
                faults += [f"Line {number}: {label.attribute!r} has {each}" for each in faults_of(label, found.value)]
                faults += _second_names(label, number, numbers)
        except FormError as error:
            faults.append(f"Line {number}: {error}")
    if objects > MOST_OBJECTS:
        faults.append(f"The manifest has {objects:,} objects, and {MOST_OBJECTS:,} are the most of a job: split it.")
    faults += [
        f"{name!r} has {len(classes[name])} classes, and {MOST_CLASSES} are the most of a job: make two jobs of it."
        for name in sorted(limited)
        if len(classes[name]) > MOST_CLASSES
    ]
    return Checked(objects, labels, {name: list(each) for name, each in classes.items()}, faults)


def _faults_of_names(line: Mapping[str, Any]) -> Iterator[str]:
    for member, value in line.items():
        attribute = member.removesuffix(METADATA)
        if member == attribute or attribute in SOURCES:
            continue
        if not isinstance(value, Mapping):
            yield f"{member!r} is no object, and stands beside labels by its name: choose another."
        elif attribute not in line and "failure-reason" not in value:
            yield f"{member!r} stands beside no label: add {attribute!r}, or the failure-reason."


def _second_names(label: LineLabel, line: int, numbers: dict[tuple[str, int], tuple[str, int]]) -> Iterator[str]:
    """Yield where a number stands for another class than in a line before."""
    for name, number in label.classes.items():
        if number is not None:
            first, where = numbers.setdefault((label.attribute, number), (name, line))
            if first != name:
                yield (
                    f"Line {line}: {label.attribute!r} has {number} for {name!r}, and line {where} for {first!r}: "
                    "mdlc manifest merge gives each class one number."
                )
