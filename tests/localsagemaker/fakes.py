"""A cloud made of dictionaries, and images whose programs are functions."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import AlarmState, Caller, Context, DataPoint, Home, Scope, Table

SCOPE = Scope("111111111111", "eu-west-1")
ADMIN = Caller(SCOPE, "arn:aws:iam::111111111111:user/admin")
ROLE = "arn:aws:iam::111111111111:role/work"

Call = Callable[..., dict[str, Any]]


@dataclass
class Bucket:
    """S3 for every role alike; `hidden` URIs are denied, `versions` hold objects by URI and version."""

    content: dict[str, bytes] = field(default_factory=dict)
    versions: dict[tuple[str, str], bytes] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def list(self, uri: str) -> Sequence[str]:
        return sorted(key for key in self.content if key.startswith(uri))

    def sizes(self, uri: str) -> Sequence[tuple[str, int]]:
        return [(key, len(self.content[key])) for key in self.list(uri)]

    def read(self, uri: str, version: str | None = None) -> bytes:
        if version is not None:
            return self.versions[uri, version]
        if uri in self.hidden:
            raise ServiceError("AccessDenied", f"no s3:GetObject on {uri}", 403)
        if uri not in self.content:
            raise ServiceError("NoSuchKey", f"The specified key does not exist: {uri}", 404)
        return self.content[uri]

    def download(self, uri: str, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.read(uri))

    def upload(self, file: Path, uri: str, kms_key: str | None = None) -> None:
        del kms_key
        self.content[uri] = file.read_bytes()

    def delete(self, uri: str) -> None:
        self.content.pop(uri, None)


@dataclass(kw_only=True)
class VolumeGrants:
    """Grants on the keys of volumes, by role and key, while the volumes are there."""

    grants: list[tuple[str, str]] = field(default_factory=list)

    def grant_volume(self, scope: Scope, role_arn: str, key: str) -> str:
        del scope
        self.grants.append((role_arn, key))
        return f"{role_arn} {key}"

    def retire_grant(self, grant: str) -> None:
        if grant:
            role, _, key = grant.partition(" ")
            self.grants.remove((role, key))


@dataclass
class FakeHost(VolumeGrants):
    """`denied` holds actions that IAM refuses, `checked` every check, `functions` Lambda functions by ARN.

    `interfaces` holds subnet and security groups of each network interface, `homes` the file systems of domains;
    no subnet whose name begins with "no" exists.
    """

    s3: Bucket = field(default_factory=Bucket)
    denied: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=lambda: {ROLE})
    checked: list[tuple[str, str, str, Mapping[str, Context]]] = field(default_factory=list)
    events: list[tuple[str, dict[str, Any], Sequence[str]]] = field(default_factory=list)
    functions: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    interfaces: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    homes: dict[str, Home] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    logs: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    metrics: list[DataPoint] = field(default_factory=list)

    def authorize(self, caller: Caller, action: str, resource: str, context: Mapping[str, Context]) -> None:
        self.checked.append((caller.arn, action, resource, context))
        if action in self.denied:
            message = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource}"
            raise ServiceError("AccessDeniedException", message, 400)

    def use_key(self, caller: Caller, action: str, key: str) -> None:
        self.authorize(caller, f"kms:{action}", key, {})

    def assume(
        self, scope: Scope, role_arn: str, session: str, *, subnets: Sequence[str] = ()
    ) -> tuple[Caller, Mapping[str, str]]:
        del subnets
        if role_arn not in self.roles:
            raise ServiceError("ValidationException", f"Could not assume role {role_arn}.")
        name = role_arn.rsplit("/", 1)[-1]
        return Caller(scope, f"arn:aws:sts::{scope.account}:assumed-role/{name}/{session}"), {}

    def objects(self, scope: Scope, role_arn: str, *, subnets: Sequence[str] = ()) -> Bucket:
        del scope, role_arn, subnets
        return self.s3

    def session(self, scope: Scope, role_arn: str) -> Any:
        del scope, role_arn
        return self

    def client(self, service: str, config: object = None) -> "FakeHost":
        assert service == "lambda"
        del config
        return self

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        try:
            answer = self.functions[FunctionName](json.loads(Payload))
        except Exception as error:  # noqa: BLE001 - what Lambda does
            body = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__}).encode()
            return {"FunctionError": "Unhandled", "Payload": BytesIO(body)}
        return {"Payload": BytesIO(json.dumps(answer).encode())}

    def put_event(self, scope: Scope, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        del scope
        self.events.append((detail_type, json.loads(json.dumps(detail)), resources))

    def put_metrics(self, scope: Scope, metrics: Sequence[DataPoint]) -> None:
        del scope
        self.metrics.extend(metrics)

    def alarm_state(self, scope: Scope, alarm: str) -> AlarmState:
        del scope, alarm
        return "OK"

    def write_log(self, scope: Scope, group: str, stream: str, lines: Sequence[str]) -> None:
        del scope
        self.logs.setdefault((group, stream), []).extend(lines)

    def create_table(self, scope: Scope, table: Table) -> None:
        del scope
        self.tables.append(table)

    def create_home(self, scope: Scope, home: Home) -> str:
        del scope
        self._look_for(*home.subnets)
        self.homes[f"fs-{home.domain}"] = home
        return f"fs-{home.domain}"

    def delete_home(self, scope: Scope, file_system: str, home: Home) -> None:
        del scope, home
        del self.homes[file_system]

    def attach_interface(self, scope: Scope, subnet: str, groups: Sequence[str], description: str) -> str:
        del scope, description
        self._look_for(subnet)
        interface = f"eni-{len(self.checked)}"
        self.interfaces[interface] = subnet, tuple(groups)
        return interface

    def release_interface(self, scope: Scope, interface: str) -> None:
        del scope
        self.interfaces.pop(interface, None)

    def _look_for(self, *subnets: str) -> None:
        for subnet in subnets:
            if subnet.startswith("no"):
                raise ServiceError("ValidationException", f"The subnet ID '{subnet}' does not exist")

    def actions(self) -> list[tuple[str, str]]:
        return [(action, resource) for _, action, resource, _ in self.checked]


@dataclass(frozen=True)
class Run:
    """What a program of a fake image sees; `stop` is set by SIGTERM."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    base_dir: Path
    log: Callable[[str], None]
    stop: threading.Event
    port: int = 0
    isolated: bool = False


class FakeRunning:
    """A program that runs on a thread."""

    def __init__(self, program: Callable[[Run], int], run: Run) -> None:
        self.last_errors: list[str] = []
        self._code: int | None = None
        self._run = run

        def work() -> None:
            try:
                self._code = program(run)
            except Exception as error:  # noqa: BLE001 - as a process would print it
                self.last_errors.append(str(error))
                self._code = 1

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()

    def poll(self) -> int | None:
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        self._thread.join(timeout)
        return self._code

    def terminate(self) -> None:
        self._run.stop.set()

    def stop(self, grace: float) -> int:
        del grace
        return self.kill()

    def kill(self) -> int:
        self._run.stop.set()
        self._thread.join(5)
        return self._code if self._code is not None else 137


def exits(code: int) -> Callable[[Run], int]:
    """Make a program that does nothing and ends."""

    def program(run: Run) -> int:
        del run
        return code

    return program


class FakeImages:
    """Images by URI; each is a function that gets a `Run` and returns an exit code."""

    def __init__(self) -> None:
        self.programs: dict[str, Callable[[Run], int]] = {}

    def find(self, uri: str) -> SimpleNamespace:
        if uri not in self.programs:
            raise ServiceError("ValidationException", f"There is no image {uri}.")

        def run(*, base_dir: Path, log: Callable[[str], None], **given: Any) -> FakeRunning:
            arguments = [*(given.get("entrypoint") or ()), *(given.get("arguments") or ())]
            environment, port = given.get("environment") or {}, given.get("port") or 0
            stop, isolated = threading.Event(), bool(given.get("isolated"))
            return FakeRunning(self.programs[uri], Run(arguments, environment, base_dir, log, stop, port, isolated))

        return SimpleNamespace(run=run, uri=uri, digest="sha256:" + 64 * "0", labels={})
