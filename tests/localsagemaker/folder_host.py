"""A cloud in a folder: what jobs and endpoints need of their host, with everything they tell it kept."""

import shutil
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import boto3

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import AlarmState, Caller, Context, DataPoint, Scope, Table
from tests.localsagemaker.fakes import VolumeGrants

SCOPE = Scope("111111111111", "eu-west-1")
ROLE = "arn:aws:iam::111111111111:role/job"


@dataclass
class FolderObjects:
    """Buckets are folders of `root`; `denied` holds prefixes of `<verb> s3://…`: list, read, upload, delete."""

    root: Path
    denied: set[str] = field(default_factory=set)
    keys: dict[str, str | None] = field(default_factory=dict)

    def list(self, uri: str) -> Sequence[str]:
        self._allow("list", uri)
        bucket = uri.removeprefix("s3://").split("/")[0]
        if not (self.root / bucket).is_dir():
            raise ServiceError("NoSuchBucket", "The specified bucket does not exist", 404)
        files = (file for file in (self.root / bucket).rglob("*") if file.is_file())
        uris = (f"s3://{file.relative_to(self.root).as_posix()}" for file in files)
        return sorted(each for each in uris if each.startswith(uri))

    def sizes(self, uri: str) -> Sequence[tuple[str, int]]:
        return [(found, self._file(found).stat().st_size) for found in self.list(uri)]

    def download(self, uri: str, file: Path) -> None:
        content = self.read(uri)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def read(self, uri: str, version: str | None = None) -> bytes:
        assert version is None, "a folder has no versions"
        self._allow("read", uri)
        file = self._file(uri)
        if not file.is_file():
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        return file.read_bytes()

    def upload(self, file: Path, uri: str, kms_key: str | None = None) -> None:
        self._allow("upload", uri)
        self._file(uri).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, self._file(uri))
        self.keys[uri] = kms_key

    def delete(self, uri: str) -> None:
        self._allow("delete", uri)
        self._file(uri).unlink(missing_ok=True)

    def put(self, uri: str, content: bytes | str) -> str:
        """Lay an object down."""
        self._file(uri).parent.mkdir(parents=True, exist_ok=True)
        self._file(uri).write_bytes(content.encode() if isinstance(content, str) else content)
        return uri

    def _file(self, uri: str) -> Path:
        assert uri.startswith("s3://"), uri
        return self.root / uri.removeprefix("s3://")

    def _allow(self, verb: str, uri: str) -> None:
        if any(f"{verb} {uri}".startswith(each) for each in self.denied):
            raise ServiceError("AccessDenied", f"{ROLE} is not authorized to {verb} {uri}", 403)


@dataclass
class FolderHost(VolumeGrants):
    """Keeps logs by (group, stream), metrics, and the details of events; `denied` holds actions that IAM refuses."""

    root: Path
    logs: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    metrics: list[DataPoint] = field(default_factory=list)
    events: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    alarms: dict[str, AlarmState] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.s3 = FolderObjects(self.root)

    def authorize(self, caller: Caller, action: str, resource: str, context: Mapping[str, Context]) -> None:
        del resource, context
        if action in self.denied:
            raise ServiceError("AccessDeniedException", f"{caller.arn} is not authorized to perform: {action}")

    def use_key(self, caller: Caller, action: str, key: str) -> None:
        pass

    def assume(
        self, scope: Scope, role_arn: str, session: str, *, subnets: Sequence[str] = ()
    ) -> tuple[Caller, Mapping[str, str]]:
        del subnets
        if role_arn != ROLE:
            raise ServiceError("ValidationException", f"Could not assume role {role_arn}.")
        environment = {"AWS_ACCESS_KEY_ID": "key-of-the-role", "AWS_REGION": scope.region}
        return Caller(scope, f"{role_arn}/{session}"), environment

    def objects(self, scope: Scope, role_arn: str, *, subnets: Sequence[str] = ()) -> FolderObjects:
        del scope, role_arn, subnets
        return self.s3

    def session(self, scope: Scope, role_arn: str) -> boto3.Session:
        raise AssertionError(f"nothing here needs a session of {role_arn} in {scope}")

    def put_event(self, scope: Scope, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        del scope, resources
        with self._lock:
            self.events.append((detail_type, detail))

    def put_metrics(self, scope: Scope, metrics: Sequence[DataPoint]) -> None:
        del scope
        with self._lock:
            self.metrics.extend(metrics)

    def alarm_state(self, scope: Scope, alarm: str) -> AlarmState:
        del scope
        return self.alarms.get(alarm, "INSUFFICIENT_DATA")

    def create_table(self, scope: Scope, table: Table) -> None:
        raise AssertionError(f"neither jobs nor endpoints make a table: {table.name} of {scope.region}")

    def write_log(self, scope: Scope, group: str, stream: str, lines: Sequence[str]) -> None:
        del scope
        with self._lock:
            self.logs.setdefault((group, stream), []).extend(lines)

    def lines(self, group: str) -> list[str]:
        """All lines of a group."""
        with self._lock:
            return [line for (name, _), lines in self.logs.items() if name == group for line in lines]

    def total(self, metric: str) -> float:
        """Sum of a metric."""
        with self._lock:
            return sum(each.value for each in self.metrics if each.name == metric)
