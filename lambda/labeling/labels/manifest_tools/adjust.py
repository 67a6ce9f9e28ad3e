"""Drop classes from a manifest, so that people adjust labels without them.

An adjustment job fails where a class that it no longer offers is left in the labels of the job before it. Source:
amazon-sagemaker-examples, sm-ground_truth_labeling_adjustment_job_adaptation.ipynb.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labels.manifest import meaning
from labels.manifest_tools.forms import FormError, LineLabel, labels_of, with_label
from labels.objects import LineError


@dataclass(frozen=True)
class Adjusted:
    """The lines of the new manifest, what was taken from them, and what is left of them; lines are counted from 1."""

    lines: Sequence[Mapping[str, Any]]
    removed: Mapping[str, int]
    """How many marks of each class were taken."""
    adjusted: Sequence[int]
    """Lines whose label is another than before; their `adjustment-status` says so."""
    emptied: Sequence[int]
    """Lines in which nothing is labeled any more."""


def drop(lines: Iterable[Mapping[str, Any]], classes: Collection[str], attributes: Collection[str] = ()) -> Adjusted:
    """Return the lines without these classes: in labels of all attributes, or of those that are named.

    A label that loses nothing stays as it is, but for numbers that were texts; so do lines without one, such as those
    of objects that failed. An object whose only class is dropped has no label afterwards: a job that continues with
    the same attribute asks about it again. Raises LineError.
    """
    new: list[Mapping[str, Any]] = []
    removed, adjusted, emptied = Counter(dict.fromkeys(classes, 0)), [], []
    known: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        changed = line
        try:
            for label in labels_of(line):
                if attributes and label.attribute not in attributes:
                    continue
                known.update(dict.fromkeys(label.classes))
                taken = [name for name in label.marks if name in classes]
                left = _without(label, classes)
                changed = with_label(changed, label.attribute, left)
                removed.update(taken)
                adjusted += [number] if taken else []
                emptied += [number] if taken and (left is None or not left.marks) else []
        except FormError as error:
            raise LineError(f"Line {number}: {error}") from error
        new.append(changed)
    if unknown := sorted({*classes} - {*known}):
        offered = f"its classes are {', '.join(known)}" if known else "it has no labels"
        raise LineError(f"No line has the class {unknown[0]!r}: {offered}.")
    return Adjusted(new, removed, list(dict.fromkeys(adjusted)), list(dict.fromkeys(emptied)))


def _without(label: LineLabel, classes: Collection[str]) -> LineLabel | None:
    left = label.without(classes)
    if left is None:
        return None
    whole = left.renumber(left.classes)
    if meaning(whole.value, whole.metadata) == meaning(label.value, label.metadata):
        return whole
    return type(whole)(whole.attribute, whole.value, {**whole.metadata, "adjustment-status": "adjusted"})
