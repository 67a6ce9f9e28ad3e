"""Files of the offline store, in Parquet; apart from the rest, because pyarrow takes a while to import."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from localsagemaker.feature_store import event_time
from localsagemaker.feature_store.history import Event
from localsagemaker.feature_store.schema import FeatureType, Schema

_ARROW: Final[Mapping[FeatureType, Callable[[], Any]]] = {
    "Integral": pa.int64,
    "Fractional": pa.float64,
    "String": pa.string,
}
_READ: Final[Mapping[FeatureType, Callable[[str], object]]] = {"Integral": int, "Fractional": float, "String": str}


def write(schema: Schema, events: Sequence[Event]) -> bytes:
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


def read(schema: Schema, content: bytes) -> list[Event]:
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


def _text(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _microseconds(value: datetime) -> int:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return int(aware.timestamp()) * event_time.MICRO + aware.microsecond
