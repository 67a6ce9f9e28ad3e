"""The offline store: every record that a group ever took, and what was known of an entity at a time.

Files are Parquet below `data/year=…/month=…/day=…/hour=…/` of the event time, in UTC, each named after its latest
event. Every record has three columns more than the group has features: `write_time`, `api_invocation_time` and
`is_deleted`.
Source: SageMaker developer guide, "Amazon SageMaker Feature Store offline store data format".
"""

import io
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from mdlc.features import event_time
from mdlc.features.schema import FeatureType, Schema

_ARROW: Final[Mapping[FeatureType, Callable[[], Any]]] = {
    "Integral": pa.int64,
    "Fractional": pa.float64,
    "String": pa.string,
}
_READ: Final[Mapping[FeatureType, Callable[[str], object]]] = {"Integral": int, "Fractional": float, "String": str}


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


def to_parquet(schema: Schema, events: Sequence[Event]) -> bytes:
    """Write events as one Parquet file."""
    columns: dict[str, Any] = {}
    for name, kind in schema.types.items():
        values = [_READ[kind](event.values[name]) if name in event.values else None for event in events]
        columns[name] = pa.array(values, type=_ARROW[kind]())
    stamp = pa.timestamp("us", tz="UTC")
    columns["write_time"] = pa.array([event.written for event in events], type=pa.int64()).cast(stamp)
    columns["api_invocation_time"] = pa.array([event.invoked for event in events], type=pa.int64()).cast(stamp)
    columns["is_deleted"] = pa.array([event.deleted for event in events], type=pa.bool_())
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def from_parquet(schema: Schema, content: bytes) -> list[Event]:
    """Read the events in one file; a feature that is younger than the file has no value."""
    events = []
    kind = schema.types[schema.event_time]
    for row in pq.read_table(io.BytesIO(content)).to_pylist():
        values = {name: _text(row[name]) for name in schema.types if row.get(name) is not None}
        events.append(
            Event(
                values,
                event_time.parse(values[schema.event_time], kind),
                _microseconds(row["api_invocation_time"]),
                _microseconds(row["write_time"]),
                bool(row["is_deleted"]),
            )
        )
    return events


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


def _text(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _microseconds(value: datetime) -> int:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return int(aware.timestamp()) * event_time.MICRO + aware.microsecond
