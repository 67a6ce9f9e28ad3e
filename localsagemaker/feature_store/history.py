"""The offline store: every record that a group ever took, and what was known of an entity at a time.

Files are Parquet below `data/year=…/month=…/day=…/hour=…/` of the event time, in UTC, each named after its latest
event. Every record has three columns more than the group has features: `write_time`, `api_invocation_time` and
`is_deleted`.
Source: SageMaker developer guide, "Amazon SageMaker Feature Store offline store data format".
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from localsagemaker.feature_store import event_time


@dataclass(frozen=True)
class Event:
    """One record of the offline store: its values as text, its times in microseconds since 1970.

    A deletion has the identifier and the event time alone.
    """

    values: Mapping[str, str]
    moment: int
    invoked: int
    written: int
    deleted: bool = False

    @property
    def order(self) -> tuple[int, int, int]:
        """Events of one entity in the order in which the later prevails."""
        return self.moment, self.invoked, self.written


def partition(moment: int) -> str:
    """Return the folder of an event time."""
    return event_time.moment(moment).strftime("year=%Y/month=%m/day=%d/hour=%H")


def file_name(latest: int, suffix: str) -> str:
    """Return the name of a file whose latest event is at `latest`; `suffix` is 16 letters and digits."""
    return f"{event_time.moment(latest):%Y%m%dT%H%M%SZ}_{suffix}.parquet"


class History:
    """All events of a group, by entity."""

    def __init__(self, identifier: str, events: Iterable[Event]) -> None:
        self._events: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            self._events[event.values[identifier]].append(event)
        for found in self._events.values():
            found.sort(key=lambda event: event.order)
        self._moments = {key: [event.moment for event in found] for key, found in self._events.items()}

    def __len__(self) -> int:
        """Count all events."""
        return sum(map(len, self._events.values()))

    def at(self, identifier: str, moment: int) -> Event | None:
        """Return what was true of an entity at `moment`: its latest event up to then.

        None when there was none yet, or when the latest was a deletion. Of two events at one time, the one that was
        sent later prevails.
        """
        found = self._events.get(identifier, [])
        count = bisect_right(self._moments.get(identifier, []), moment)
        if not count or found[count - 1].deleted:
            return None
        return found[count - 1]
