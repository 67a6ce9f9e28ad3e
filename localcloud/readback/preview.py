"""What a template will meet before it is deployed: types that are refused, properties that are recorded only."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from localcloud.readback.comparison import covers, general, leaves
from localcloud.readback.readers import READERS
from localcloud.readback.recorded import RECORDED

Outlook = Literal["read", "recorded", "refused"]
UNKNOWN: Final = "the local cloud has no such type"
UNREAD: Final = "it is of a type that nobody reads back"


@dataclass(frozen=True)
class Line:
    """What awaits a property of a type: it is read back when it is deployed, recorded only, or refused."""

    type: str
    path: str
    outlook: Outlook
    times: int
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Write the line as JSON."""
        return asdict(self)


def preview(template: Mapping[str, Any], known: Callable[[str], bool], recorded: Callable[[str], str]) -> list[Line]:
    """Say what awaits each property of a template.

    `known` tells whether the local cloud has a type, `recorded` why the whole type is recorded only.
    """
    found = Counter(
        line for resource in (template.get("Resources") or {}).values() for line in _lines(resource, known, recorded)
    )
    return [Line(*line[:3], times, line[3]) for line, times in sorted(found.items())]


def _lines(
    resource: Mapping[str, Any], known: Callable[[str], bool], recorded: Callable[[str], str]
) -> Iterator[tuple[str, str, Outlook, str]]:
    name = str(resource.get("Type", ""))
    if not known(name):
        yield name, "", "refused", UNKNOWN
        return
    properties = resource.get("Properties") or {}
    whole = recorded(name)
    places = {general(place) for key, value in properties.items() for place in leaves(value, f"/{key}")}
    for place in sorted(places):
        listed = next((why for entry, why in RECORDED.get(name, {}).items() if covers(entry, place)), whole)
        if listed:
            yield name, place, "recorded", listed
        elif name in READERS:
            yield name, place, "read", ""
        else:
            yield name, place, "refused", UNREAD
