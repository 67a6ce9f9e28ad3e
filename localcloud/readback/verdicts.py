"""The verdict on every property of a resource: applied, recorded only, or refused."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from localcloud.readback.comparison import Difference, covers, differences, general, leaves
from localcloud.readback.readers import READERS
from localcloud.readback.reading import Ask, Gone
from localcloud.readback.recorded import RECORDED

Status = Literal["applied", "recorded", "refused"]


@dataclass(frozen=True)
class Verdict:
    """What became of one property; `reason` is empty for one that was applied."""

    path: str
    status: Status
    reason: str = ""

    def as_dict(self) -> dict[str, str]:
        """Write the verdict as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Reading:
    """What the service's API answers of a resource; None where nobody reads the type, or the resource is gone."""

    actual: Mapping[str, Any] | None
    gone: bool = False


def read(ask: Ask, name: str, physical_id: str, properties: Mapping[str, Any]) -> Reading:
    """Read a resource of type `name`; `properties` say where it is, and are never taken for what it has."""
    reader = READERS.get(name)
    if reader is None:
        return Reading(None)
    try:
        return Reading(reader(ask, physical_id, properties))
    except Gone:
        return Reading(None, gone=True)


def judge(name: str, properties: Mapping[str, Any], reading: Reading, recorded: str = "") -> list[Verdict]:
    """Say of every property what became of it; `recorded` is why the whole type is recorded only."""
    places = [place for key, value in properties.items() for place in leaves(value, f"/{key}")]
    if recorded:
        return [Verdict(place, "recorded", recorded) for place in _general(places)]
    listed = RECORDED.get(name, {})
    found = None if reading.actual is None else _of_properties(properties, reading.actual)
    verdicts: dict[str, Verdict] = {}
    for place in places:
        verdict = _verdict(name, place, listed, found, reading)
        kept = verdicts.get(verdict.path)
        if kept is None or kept.status == "applied":
            verdicts[verdict.path] = verdict
    return list(verdicts.values())


def drift(expected: Mapping[str, Any], actual: Mapping[str, Any], made: Mapping[str, Any] | None) -> list[Difference]:
    """Return where a resource differs from its template, beside how it differed when it was `made`.

    The latter are what the service itself adds, and what is recorded only. Only properties that the template sets are
    compared, as CloudFormation's drift detection does.
    """
    found = _of_properties(expected, actual)
    if made is None:
        return [each for each in found if each.kind != "ADD"]
    known = {_mark(each) for each in _of_properties(expected, made)}
    return [each for each in found if _mark(each) not in known]


def _mark(found: Difference) -> tuple[str, str, str]:
    return found.path, found.kind, "" if found.kind == "ADD" else repr(found.actual)


def _of_properties(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> list[Difference]:
    return [found for key, value in expected.items() for found in differences(value, actual.get(key), f"/{key}")]


def _verdict(
    name: str, place: str, listed: Mapping[str, str], found: list[Difference] | None, reading: Reading
) -> Verdict:
    path = general(place)
    for entry, reason in listed.items():
        if covers(entry, path):
            return Verdict(path, "recorded", reason)
    if found is None:
        why = "is not there after it was made" if reading.gone else f"is of a type that nobody reads back ({name})"
        return Verdict(path, "refused", f"it {why}")
    for difference in found:
        if difference.kind != "ADD" and (covers(difference.path, place) or covers(place, difference.path)):
            said = "nothing" if difference.actual is None else repr(difference.actual)
            return Verdict(path, "refused", f"the service answers {said} for {difference.expected!r}")
    return Verdict(path, "applied")


def _general(places: list[str]) -> list[str]:
    return list(dict.fromkeys(general(place) for place in places))
