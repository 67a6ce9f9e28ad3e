"""What CloudFormation would delete, replace or refuse when a release is updated to other templates."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from checks.gates import Found
from checks.upgrade.release import Entry, Release, deliberate, last, read, release
from checks.upgrade.specification import APPENDED, is_refused
from ml_rules.templates import REFERENCE, Template

Place = tuple[str, str]
_SHOWN: Final = 120


def upgrade(templates: Mapping[str, Template]) -> Iterator[Found]:
    """Yield what users of the last release would lose with `templates`."""
    folder = last()
    return losses(read(folder), release(templates), deliberate(folder))


def losses(old: Release, new: Release, reasons: Mapping[str, str]) -> Iterator[Found]:
    """Yield what users of `old` would lose with `new`; `reasons` say why some of it may be, by `stack/LogicalId`."""
    lost: dict[Place, tuple[str, str]] = {}
    while further := {
        where: change
        for where, entry in old.items()
        if where not in lost
        for change in list(_changes(entry, new.get(where), lost))[:1]
    }:  # what names a resource that is replaced is replaced too
        lost |= further
    places = {"/".join(where): change for where, change in sorted(lost.items()) if old[where].kept}
    for place, (rule, message) in places.items():
        yield Found(rule, place, message, reasons.get(place, ""))
    for place in sorted(reasons.keys() - places.keys()):
        yield Found("nothing-lost", place, "Nothing is lost here: take the reason away.")


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
