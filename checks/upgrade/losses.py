"""What CloudFormation would delete, replace or refuse when a release is updated to other templates."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from checks.gates import Found
from checks.upgrade.omissions import Synthesize, omitting, whole
from checks.upgrade.release import DELIBERATE, Entry, Release, deliberate, last, read, release
from checks.upgrade.specification import APPENDED, is_refused
from ml_rules.templates import REFERENCE, Template
from stacks.settings import Environment

Place = tuple[str, str]
NOTHING_LOST: Final = "nothing-lost"
_SHOWN: Final = 120


def upgrade(
    templates: Mapping[str, Template], environments: Sequence[Environment], synthesize: Synthesize
) -> Iterator[Found]:
    """Yield what users of the last release would lose with `templates`, which `environments` have.

    What an environment leaves out on purpose is explained: `synthesize` says what there would be without that.
    """
    folder = last()
    old, new = read(folder), release(templates)
    left_out = _left_out(old, environments, synthesize)
    way_out = (
        f" Release {folder.name} has it: where nobody has deployed that release, or the loss is meant, say so in"
        f" {folder.parent.name}/{folder.name}/{DELIBERATE}."
    )
    for found in losses(old, new, deliberate(folder)):
        if found.rule == NOTHING_LOST:
            yield found
        else:
            explained = found.explained or left_out.get(found.where, "")
            yield replace(found, message=found.message + way_out, explained=explained)


def _left_out(old: Release, environments: Sequence[Environment], synthesize: Synthesize) -> dict[str, str]:
    """Return why there is no more of a release what environments leave out on purpose, by `stack/LogicalId`."""
    sentences = {each.name: sentence for each in environments if (sentence := omitting(each))}
    names = {each.name for each in environments}
    parts: dict[str, dict[Place, Entry]] = {}
    for where, entry in old.items():
        parts.setdefault(where[0].partition("-")[0], {})[where] = entry
    reasons: dict[str, str] = {}
    wholes = [whole(each) for each in environments if each.name in sentences and each.name in parts]
    complete = release(synthesize(wholes)) if wholes else {}
    for name, part in parts.items():
        if name not in names:
            lost, sentence = set[str](), f"No environment is called {name}: none of its stacks is updated."
        elif name in sentences:
            lost, sentence = {found.where for found in losses(part, complete, {})}, sentences[name]
        else:
            continue
        reasons |= {place: sentence for place in map("/".join, part) if place not in lost}
    return reasons


def losses(old: Release, new: Release, reasons: Mapping[str, str]) -> Iterator[Found]:
    """Yield what users of `old` would lose with `new`.

    `reasons` say why some of it may be, by `stack/LogicalId`, by stack, or by environment.
    """
    lost: dict[Place, tuple[str, str]] = {}
    while further := {
        where: change
        for where, entry in old.items()
        if where not in lost
        for change in list(_changes(entry, new.get(where), lost))[:1]
    }:  # what names a resource that is replaced is replaced too
        lost |= further
    places = {
        "/".join(where): (rule, message + _read_by(old[where]))
        for where, (rule, message) in sorted(lost.items())
        if old[where].kept or (old[where].readers and rule == "replaced")
    }
    used = set()
    for place, (rule, message) in places.items():
        reason = next((each for each in scopes(place) if each in reasons), "")
        used.add(reason)
        yield Found(rule, place, message, reasons.get(reason, ""))
    for place in sorted(reasons.keys() - used):
        yield Found(NOTHING_LOST, place, "Nothing is lost here: take the reason away.")


def _read_by(entry: Entry) -> str:
    """Say who has the old value of a resource that is replaced, unless it gets another construct id."""
    if entry.kept or not entry.readers:
        return ""
    return (
        f" {', '.join(entry.readers)} read it, and keep the old one until they are deployed again: give the new one"
        " another construct id, so that their templates change."
    )


def scopes(place: str) -> tuple[str, str, str]:
    """Return what a reason may be given for, of a `stack/LogicalId`: itself, its stack, its environment."""
    stack = place.partition("/")[0]
    return place, stack, stack.partition("-")[0]


def _changes(old: Entry, new: Entry | None, lost: Collection[Place]) -> Iterator[tuple[str, str]]:
    """Yield what an update does to a resource that its users must not meet, and why."""
    if new is None or new.type != old.type:
        fate = "stays in the account, outside of any stack" if old.retained else "is deleted"
        yield "deleted", f"No template has this {old.type} any more: it {fate}."
        return
    for name in sorted(old.properties.keys() | new.properties.keys()):
        rule = "refused" if is_refused(old.type, name) else "replaced"
        before, after = old.properties.get(name), new.properties.get(name)
        if name == APPENDED.get(old.type):
            if gone := [item for item in before or [] if item not in (after or [])]:
                yield "refused", f"{name} of this {old.type} loses {_text(gone)}, and takes nothing but further items."
        elif before != after:
            yield rule, f"{name} of this {old.type} changes from {_text(before)} to {_text(after)}."
        elif named := [match for match in REFERENCE.finditer(json.dumps(after)) if (match[1], match[2]) in lost]:
            yield rule, f"{name} of this {old.type} names {named[0][1]}/{named[0][2]}, which is replaced."


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a template holds
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
