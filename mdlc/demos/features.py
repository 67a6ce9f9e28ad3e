"""The feature store from tables to a training set: ingest, read, a late event, growth, and a point-in-time join."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from localsagemaker.feature_store.event_time import MICRO
from localsagemaker.feature_store.schema import Schema
from mdlc.client.feature_store import Group
from mdlc.demos.clock import Clock
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError, InputError
from mdlc.features import inference, ingest, join, table
from mdlc.features.table import Table
from mdlc.output import spell
from mdlc.report import features as report
from mdlc.report import resources
from mdlc.report.summary import Summary
from mdlc.systems.features.generate import FILES, generate

NAME: Final = "features"
SEED: Final = 42
ROWS: Final = 200
SHOWN: Final = 4
"""Records that the report shows."""
HISTORY_SECONDS: Final = 1200.0
"""How long the offline store may take: AWS says up to 15 minutes."""


@dataclass
class Demo:
    """One run on the three files in `data`, or on generated ones."""

    rehearsal: Rehearsal
    data: Path | None
    metrics: dict[str, float] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)
    """What the report shows beyond the records: the groups, and a late record beside the one that won."""

    def run(self) -> Summary:
        """Run the demo and return the summary; raise `CommandError` at the first thing that is not as it must be."""
        if self.data and (missing := [name for name in FILES if not (self.data / name).is_file()]):
            raise InputError(f"{self.data} has no {' and no '.join(missing)}: the demo takes {', '.join(FILES)}.")
        clock = Clock()
        cloud = clock.platform(self.rehearsal)
        customer, updated, orders = (table.read(self._folder() / name) for name in FILES)
        customers = Group.find(cloud, self.rehearsal.environment, "customers")
        first = _now()
        self._ingest("ingest customers", customers, customer, first)
        shown = self._read(customers, customer)
        ordered = _now()
        ordering = Group.find(cloud, self.rehearsal.environment, "orders")
        self._ingest("ingest orders", ordering, orders, ordered)
        self._grow(customers, updated, customer)
        second = _now()
        self._ingest("ingest updated customers", customers, updated, second)
        self._late(customers, customer, updated, ordered)
        joined = self._join(customers, orders, customer, {"order": ordered, "now": _now()})
        self.shown["groups"] = [report.describe_group(group.description) for group in (customers, ordering)]
        clock.end()
        way, place = clock.way(self.rehearsal), resources.find(cloud, self.rehearsal.environment)
        summary = Summary(
            system=NAME,
            environment=self.rehearsal.environment,
            cloud=place.description,
            steps=way.steps,
            metrics=self.metrics,
            resources=place.counts,
            properties=place.properties,
            way=way,
            headline=[
                f"{self.metrics['records']} records in, {self.metrics['late_records']} of them late",
                f"{self.metrics['offline_events']} offline, {self.metrics['joined_rows']} orders joined at their time",
            ],
            more={
                "data": str(self.data) if self.data else f"generated, seed {SEED}",
                "result": {"records": shown, "joined": joined, **self.shown},
            },
        )
        return replace(summary, report=report.write(summary, place, self.rehearsal.folder))

    def _folder(self) -> Path:
        if self.data:
            return self.data
        folder = self.rehearsal.folder / "data"
        if "generate data" not in {step.name for step in self.rehearsal.steps}:
            with self.rehearsal.step("generate data"):
                generate(folder, seed=SEED, rows=ROWS)
        return folder

    def _ingest(self, step: str, group: Group, rows: Table, moment: int) -> None:
        with self.rehearsal.step(step) as say:
            begun = time.monotonic()
            outcome = ingest.ingest(
                Schema.described(group.description),
                rows,
                group.put,
                moment=moment,
                progress=lambda done, _: say(f"{step}: {done} of {len(rows.rows)}"),
            )
            if outcome.rejected:
                worst, file = outcome.rejected[0], self.rehearsal.folder / f"{Path(rows.name).name}.rejected.csv"
                ingest.write_rejected(outcome, rows, file)
                raise CommandError(
                    f"{rows.name}, row {worst.row.number}: {worst.reason} The rejected rows are in {file}."
                )
        self.metrics["records"] = self.metrics.get("records", 0) + outcome.written
        rate = outcome.written / (time.monotonic() - begun)
        self.metrics["records_per_second"] = round(max(rate, self.metrics.get("records_per_second", 0.0)), 1)

    def _read(self, group: Group, rows: Table) -> list[dict[str, str]]:
        """Read every record back, one of them alone, and compare them with the table."""
        with self.rehearsal.step("read them back"):
            wanted = [rows.record(row) for row in rows.rows]
            identifiers = [row[group.schema.identifier] for row in wanted]
            alone, found = group.get(identifiers[0]), group.get_many(identifiers)
            _same(alone, wanted[0], identifiers[0])
            for identifier, row in zip(identifiers, wanted, strict=True):
                _same(found.get(identifier), row, identifier)
        return [found[identifier] for identifier in identifiers[:SHOWN]]

    def _grow(self, group: Group, updated: Table, rows: Table) -> None:
        """Add the columns that the update brings; the records that are there must stay readable."""
        with self.rehearsal.step("grow the schema"):
            added = group.grow(inference.infer(updated), known_ones_too=True)
            row = rows.record(rows.rows[0])
            identifier = row[group.schema.identifier]
            _same(group.get(identifier), row, identifier)
        self.metrics["features_added"] = len(added)

    def _late(self, group: Group, old: Table, new: Table, moment: int) -> None:
        """Send the first table again, dated before the update: online, nothing may change."""
        self._ingest("send late events", group, old, moment)
        with self.rehearsal.step("late events change nothing"):
            wanted = [new.record(row) for row in new.rows]
            found = group.get_many([row[group.schema.identifier] for row in wanted])
            for row in wanted:
                identifier = row[group.schema.identifier]
                _same(found.get(identifier), row, identifier)
        self.metrics["late_records"] = len(old.rows)

    def _join(self, group: Group, orders: Table, customer: Table, moments: Mapping[str, int]) -> list[dict[str, Any]]:
        """Join customers to orders as of the order and as of now, once the offline store has all of them."""
        with self.rehearsal.step("join, point in time") as say:
            identifier = group.schema.identifier
            end = time.monotonic() + HISTORY_SECONDS
            expected = sorted({row.cells[customer.columns.index(identifier)] for row in customer.rows})
            while True:
                history = group.history()
                seen = [history.at(one, moments["now"]) for one in expected]
                late = [history.at(one, moments["order"]) for one in expected]
                if all(seen) and all(event and event.moment == moments["order"] for event in late):
                    break
                if time.monotonic() > end:
                    raise CommandError(f"The offline store of {group.name} is not complete: see {group.offline_uri}.")
                say(f"waiting for the offline store: {len(history)} records are there")
                time.sleep(group.cloud.poll_seconds)
            if late[0] and seen[0]:
                pair = {"late": late[0], "won": seen[0]}
                self.shown["late"] = {name: report.describe_event(event) for name, event in pair.items()}
            described = Schema.described(group.description)
            then, today = (
                join.point_in_time(orders, described, history, moment=moments[when]) for when in ("order", "now")
            )
            write = self.rehearsal.folder / "orders.joined.csv"
            table.write(write, then.columns, then.rows)
        changed = sum(
            _without_time(then, a) != _without_time(today, b) for a, b in zip(then.rows, today.rows, strict=True)
        )
        self.metrics |= {"offline_events": len(history), "joined_rows": then.matched, "rows_that_differ_today": changed}
        return [
            {"then": dict(zip(then.columns, a, strict=True)), "now": dict(zip(today.columns, b, strict=True))}
            for a, b in list(zip(then.rows, today.rows, strict=True))[:SHOWN]
        ]


def _now() -> int:
    """Return the present time in whole microseconds since 1970."""
    return int(time.time() * MICRO)


def _same(found: Mapping[str, str] | None, wanted: Mapping[str, str], identifier: str) -> None:
    """Raise `CommandError` unless a record has the values of its row; it may have an event time besides."""
    differing = [name for name, value in wanted.items() if value and (found or {}).get(name) != value]
    if differing:
        raise CommandError(f"The record {identifier} differs from its row in {', '.join(differing)}: {spell(found)}.")


def _without_time(joined: join.Joined, row: tuple[str, ...]) -> list[str]:
    return [cell for name, cell in zip(joined.columns, row, strict=True) if name != inference.EVENT_TIME]
