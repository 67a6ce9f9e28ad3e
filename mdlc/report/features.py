"""The report on the feature store's demo as one HTML page with no network, and its figures as summary.json."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from localsagemaker.feature_store import event_time
from localsagemaker.feature_store.history import Event
from localsagemaker.feature_store.schema import Schema
from mdlc.features.inference import EVENT_TIME
from mdlc.report import page
from mdlc.report.model import Tile
from mdlc.report.resources import Place
from mdlc.report.summary import Summary

_METRICS: Final = {
    "records": ("records written", "to both groups"),
    "records_per_second": ("records per second", "at the fastest ingestion"),
    "features_added": ("features added", "to a group that had records"),
    "late_records": ("late records", "they changed nothing online"),
    "offline_events": ("offline events", "of the customers"),
    "joined_rows": ("rows joined", "each at its own time"),
    "rows_that_differ_today": ("rows that differ today", "from what was true then"),
}
_MILLI: Final = 1000


@dataclass(frozen=True)
class Features:
    """What the page shows beyond the summary: tables of records with their event times as people read them."""

    records: list[dict[str, str]]
    then: list[dict[str, str]]
    now: list[dict[str, str]]
    late: list[tuple[str, str, str]]
    """Of one entity: each feature, in the record that came late and in the one that won; none without a late one."""

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> "Features":
        """Read the result of a demo."""
        late = result.get("late")
        return cls(
            with_dates(result["records"]),
            with_dates(each["then"] for each in result["joined"]),
            with_dates(each["now"] for each in result["joined"]),
            _beside(late["late"], late["won"]) if late else [],
        )


def write(summary: Summary, place: Place, folder: Path) -> Path:
    """Write report.html and summary.json to `folder`; return the page's path."""
    return page.write(render(summary, place), summary.as_json(), folder)


def render(summary: Summary, place: Place) -> str:
    """Return the page; it refers to nothing outside itself."""
    result = summary.more["result"]
    return page.render(
        "features.html.jinja",
        summary=summary,
        place=place,
        data=summary.more.get("data", ""),
        features=Features.of(result),
        groups=result.get("groups", []),
        tiles=[Tile(*_tile(name, value)) for name, value in summary.metrics.items()],
    )


def _tile(name: str, value: float) -> tuple[str, str, str]:
    words, unit = _METRICS.get(name, (name.replace("_", " "), ""))
    return words, f"{value:,.0f}", unit


def describe_group(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page and the summary show of a feature group, from `DescribeFeatureGroup`."""
    schema = Schema.described(description)
    roles = {schema.identifier: "record identifier", schema.event_time: "event time"}
    offline = description.get("OfflineStoreConfig", {}).get("S3StorageConfig", {})
    return {
        "name": description["FeatureGroupName"],
        "features": [
            {"name": name, "type": kind, "role": roles.get(name, "feature")} for name, kind in schema.types.items()
        ],
        "online": bool(description.get("OnlineStoreConfig", {}).get("EnableOnlineStore", False)),
        "offline": offline.get("ResolvedOutputS3Uri", offline.get("S3Uri", "")),
    }


def describe_event(event: Event) -> dict[str, Any]:
    """Return what the page and the summary show of a record in the offline store."""
    return {"values": dict(event.values), "sent": moment(event.invoked)}


def moment(microseconds: int) -> str:
    """Return an event time as people read it: `2026-11-28 19:30:58.512 UTC`."""
    there = event_time.moment(microseconds)
    return f"{there:%Y-%m-%d %H:%M:%S}.{microseconds % event_time.MICRO // _MILLI:03d} UTC"


def with_dates(records: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return records with their event times as people read them."""
    return [{name: _readable(name, value) for name, value in record.items()} for record in records]


def _readable(name: str, value: str) -> str:
    if name != EVENT_TIME or not value:
        return value
    return moment(event_time.parse(value, "String" if "T" in value else "Fractional"))


def _beside(late: Mapping[str, Any], won: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    (early,), (later,) = with_dates([late["values"]]), with_dates([won["values"]])
    rows = [(name, early.get(name, ""), value) for name, value in later.items()]
    return [*rows, ("sent", late["sent"], won["sent"])]
