"""The labels of a whole job out of what people answered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from labels import manifest
from labels.answers import Answer, Ranked, Single
from labels.consolidation.classes import Worker
from labels.makers import Given, make
from labels.manifest import Members, Origin
from labels.tree import Tree

NOBODY: Final = "Nobody answered."


class JobError(ValueError):
    """The answers of a job cannot be consolidated together."""


@dataclass(frozen=True)
class Purpose:
    """The label attribute of an earlier job whose labels people verified, or adjusted, in this one."""

    verifies: str = ""
    adjusts: str = ""


LABELS: Final = Purpose()


@dataclass(frozen=True)
class Labels:
    """The lines of the new manifest, the classes in the order of their numbers, and what each line became."""

    lines: Sequence[Mapping[str, Any]]
    classes: Sequence[str]
    kind: str
    failed: Mapping[int, str]
    """Why a line, by its number from 0, has no label."""
    workers: Mapping[str, Worker]
    """How often each person is right; there is no such figure for what people draw, mark, rank and write."""


def consolidate(
    tree: Tree, attribute: str, categories: Sequence[str] = (), purpose: Purpose = LABELS, *, when: datetime
) -> Labels:
    """Return every line of the job with the label that its answers give, or with the reason why it has none.

    `categories` in the order of their numbers; without them those that people gave, by alphabet. An older label of the
    same `attribute` is replaced, everything else of a line is kept. An answer that cannot be right spoils its own
    object alone. Raises JobError.
    """
    failed = {**tree.unread, **_wrong(tree.answers, categories)}
    for number in range(len(tree.lines)):
        if not tree.answers.get(number):
            failed.setdefault(number, NOBODY)
    given = {number: answers for number, answers in tree.answers.items() if number not in failed}
    kinds = Counter(answer.kind for answers in given.values() for answer in answers)
    if len(kinds) != 1:
        what = " and ".join(sorted(kinds)) or f"nothing that can be read: {next(iter(failed.values()), NOBODY)}"
        raise JobError(f"The people of one job answer with one kind of label, and here with {what}")
    kind = next(iter(kinds))
    _check(tree, attribute, kind, purpose)
    names = categories or sorted({name for answers in given.values() for each in answers for name in each.names})
    origin = Origin(tree.job, attribute, names, when)
    made = make(kind, origin, given, {number for number in given if "source-ref" in tree.lines[number]})
    lines = []
    for number, line in enumerate(tree.lines):
        kept = {name: value for name, value in line.items() if name not in {attribute, origin.metadata}}
        if number in failed:
            label = origin.failure(failed[number])
        else:
            label = _for(purpose, origin, made.labels[number], line, given[number])
        lines.append({**kept, **label})
    return Labels(lines, names, kind, failed, made.workers)


def answers_of(tree: Tree, categories: Sequence[str] = ()) -> Given:
    """Return the answers of a job by number of line, without those that cannot be right."""
    wrong = _wrong(tree.answers, categories)
    return {
        number: answers
        for number, answers in tree.answers.items()
        if answers and number not in tree.unread and number not in wrong
    }


def _wrong(answers: Given, categories: Sequence[str]) -> dict[int, str]:
    """Return why objects cannot be labeled whose answers are whole, but not those of this job or not of one task."""
    wrong = {}
    for number, given in answers.items():
        for each in given:
            if unknown := sorted({*each.names} - {*categories}) if categories else []:
                known = ", ".join(categories)
                wrong[number] = f"{each.worker} gave the class {unknown[0]!r}, which is none of {known}."
        orders = {tuple((name, len(ranks)) for name, ranks in _dimensions(each)) for each in given}
        if len(orders) > 1:
            wrong[number] = "People ranked other dimensions or another number of responses: they saw different tasks."
    return wrong


def _dimensions(answer: Answer) -> list[tuple[str, Sequence[int]]]:
    return sorted(answer.dimensions.items()) if isinstance(answer, Ranked) else []


def _check(tree: Tree, attribute: str, kind: str, purpose: Purpose) -> None:
    earlier = purpose.verifies or purpose.adjusts
    if purpose.verifies and purpose.adjusts:
        raise JobError("A job verifies labels or adjusts them: name one attribute, not two.")
    if earlier == attribute:
        raise JobError(f"{attribute!r} holds the labels that people were shown: give theirs another attribute.")
    if earlier and not any(earlier in line for line in tree.lines):
        raise JobError(f"No line of the manifest has a label {earlier!r}: name the attribute that people were shown.")
    if purpose.verifies and kind != Single.kind:
        raise JobError(f"People verify labels by one class, and here they answer with {kind}: it adjusts labels.")


def _for(purpose: Purpose, origin: Origin, made: Members, line: Mapping[str, Any], given: Sequence[Answer]) -> Members:
    """Return a label as a job of this purpose writes it."""
    if purpose.verifies:
        comments = [each.comment for each in given if isinstance(each, Single) and each.comment]
        return manifest.verdict(made, origin, comments)
    if purpose.adjusts:
        shown = manifest.meaning(line.get(purpose.adjusts), line.get(f"{purpose.adjusts}-metadata", {}))
        changed = manifest.meaning(made[origin.attribute], made[origin.metadata]) != shown
        return manifest.adjustment(made, origin, changed=changed)
    return made
