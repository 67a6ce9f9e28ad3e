"""Where records are: online the latest of each identifier, in memory; offline all of them, in S3."""

import logging
import secrets
import string
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from localsagemaker.errors import ServiceError
from localsagemaker.feature_store import history, parquet
from localsagemaker.feature_store.event_time import MICRO
from localsagemaker.feature_store.history import Event
from localsagemaker.feature_store.records import Values, supersedes
from localsagemaker.feature_store.schema import Schema
from localsagemaker.kernel.host import Host, Scope
from localsagemaker.kernel.resources import Record

FLUSH_SECONDS: Final = 60.0
"""How long records wait for others before they are written to S3, divided by the time scale; AWS takes 15 minutes."""
Status = Mapping[str, str]

logger = logging.getLogger(__name__)


def microseconds() -> int:
    """Return the present time in microseconds since 1970."""
    return time.time_ns() // 1000


@dataclass(frozen=True)
class Latest:
    """The latest record of an identifier; one that was deleted softly keeps its event time alone."""

    values: Values
    moment: int
    expires: int | None
    deleted: bool = False


class OnlineStore:
    """The latest record of each identifier, by event time; may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[str, Latest] = {}

    def put(self, identifier: str, record: Latest) -> bool:
        """Keep a record unless one that is as late or later is there; whether it was kept."""
        with self._lock:
            found = self._alive(identifier)
            if not supersedes(record.moment, found.moment if found else None):
                return False
            self._latest[identifier] = record
            return True

    def remove(self, identifier: str, moment: int) -> bool:
        """Forget an identifier, unless a record of `moment` or later is there; whether it may be forgotten."""
        with self._lock:
            found = self._alive(identifier)
            if found is not None and not supersedes(moment, found.moment):
                return False
            self._latest.pop(identifier, None)
            return True

    def get(self, identifier: str) -> Latest | None:
        """Return the latest record; none when there never was one, or when it was deleted or has expired."""
        with self._lock:
            found = self._alive(identifier)
            return None if found is None or found.deleted else found

    def identifiers(self, *, deleted: bool) -> list[str]:
        """Return the identifiers of all records that have not expired, with or without those deleted softly."""
        with self._lock:
            found = {identifier: self._alive(identifier) for identifier in list(self._latest)}
        return [identifier for identifier, record in found.items() if record and (deleted or not record.deleted)]

    def _alive(self, identifier: str) -> Latest | None:
        found = self._latest.get(identifier)
        if found is not None and found.expires is not None and found.expires <= microseconds():
            del self._latest[identifier]
            return None
        return found


class OfflineStore:
    """All records of a group, written to S3 as its role, in files of those that came close together."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a group's description holds
        self, host: Host, scope: Scope, record: Record, workdir: Path, delay: float, report: Callable[[Status], None]
    ) -> None:
        storage = record["OfflineStoreConfig"]["S3StorageConfig"]
        self._host, self._scope, self._role = host, scope, record["RoleArn"]
        self._uri, self._key = storage["ResolvedOutputS3Uri"], storage.get("KmsKeyId")
        self._workdir, self._delay, self._report = workdir, delay, report
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._waiting: list[tuple[Schema, Event]] = []
        self._timer: threading.Timer | None = None

    def add(self, schema: Schema, event: Event) -> None:
        """Take one record; it is in S3 soon."""
        with self._lock:
            self._waiting.append((schema, event))
            if self._timer is None:
                self._timer = threading.Timer(self._delay, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write what waits. When S3 refuses, it goes on waiting, and the store is blocked until the next attempt."""
        with self._writing:
            with self._lock:
                waiting, self._waiting, self._timer = self._waiting, [], None
            folders: dict[str, list[tuple[Schema, Event]]] = defaultdict(list)
            for schema, event in waiting:
                folders[history.partition(event.moment)].append((schema, event))
            status = {"Status": "Active"}
            for folder, batch in folders.items():
                try:
                    self._write(folder, batch)
                except ServiceError as error:
                    reason = f"{error.code}: {error}"
                    logger.warning("%s is blocked: %s", self._uri, reason)
                    status = {"Status": "Blocked", "BlockedReason": reason[:1024]}
                    with self._lock:
                        self._waiting = [*batch, *self._waiting]
            if waiting:
                self._report(status)

    def _write(self, folder: str, batch: list[tuple[Schema, Event]]) -> None:
        schema = max((schema for schema, _ in batch), key=lambda schema: len(schema.definitions))
        written = microseconds()
        events = [replace(event, written=written) for _, event in batch]
        suffix = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(16))
        name = history.file_name(max(event.moment for event in events), suffix)
        file = self._workdir / name
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            file.write_bytes(parquet.write(schema, events))
            self._host.objects(self._scope, self._role).upload(file, f"{self._uri}/{folder}/{name}", self._key)
        finally:
            file.unlink(missing_ok=True)

    def cancel(self) -> None:
        """Write nothing any more."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()


class Stores:
    """The stores of every group, by its ARN."""

    def __init__(self, host: Host, workdir: Path, time_scale: float) -> None:
        self._host, self._workdir, self._delay = host, workdir, FLUSH_SECONDS / time_scale
        self._online: dict[str, OnlineStore] = {}
        self._offline: dict[str, OfflineStore] = {}

    def open(self, scope: Scope, record: Record, report: Callable[[Status], None]) -> None:
        """Make the stores that a new group asks for; `report` gets the state of its offline store."""
        arn = record["FeatureGroupArn"]
        if "OnlineStoreConfig" in record:
            self._online[arn] = OnlineStore()
        if "OfflineStoreConfig" in record:
            self._offline[arn] = OfflineStore(self._host, scope, record, self._workdir, self._delay, report)

    def online(self, arn: str) -> OnlineStore | None:
        """Return the online store of a group, if it has one."""
        return self._online.get(arn)

    def offline(self, arn: str) -> OfflineStore | None:
        """Return the offline store of a group, if it has one."""
        return self._offline.get(arn)

    def close_group(self, arn: str) -> None:
        """Forget the online records of a group, and write the rest of the others."""
        self._online.pop(arn, None)
        offline = self._offline.pop(arn, None)
        if offline is not None:
            offline.cancel()
            offline.flush()

    def close(self) -> None:
        """Stop writing: the S3 of this cloud goes with it."""
        for offline in self._offline.values():
            offline.cancel()


def expiry(moment: int, duration: Mapping[str, int | str] | None) -> int | None:
    """Return when a record of event time `moment` ends, given a `TtlDuration`."""
    if not duration:
        return None
    seconds = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86400, "Weeks": 604800}[str(duration["Unit"])]
    return moment + int(duration["Value"]) * seconds * MICRO
