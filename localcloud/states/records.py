"""What Step Functions keeps of an account and region: state machines, their versions and aliases, executions."""

import itertools
import random
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Scope
from localsagemaker.kernel.resources import now

if TYPE_CHECKING:
    from localcloud.states.execution import Execution

NO_LOGS: Final[Mapping[str, Any]] = {"level": "OFF", "includeExecutionData": False}
OWN_KEY: Final[Mapping[str, Any]] = {"type": "AWS_OWNED_KEY"}
Tags = dict[str, str]


@dataclass
class Revision:
    """What an execution runs: a definition in a role. An execution keeps the one that it began with."""

    definition: str
    role: str
    logging: Mapping[str, Any] = field(default_factory=lambda: NO_LOGS)
    tracing: Mapping[str, Any] = field(default_factory=lambda: {"enabled": False})
    encryption: Mapping[str, Any] = field(default_factory=lambda: OWN_KEY)
    id: str | None = None
    """None of the first one, as AWS has it."""


@dataclass
class Version:
    """A published version of a state machine."""

    arn: str
    revision: Revision
    description: str | None
    created: datetime = field(default_factory=now)


@dataclass
class Alias:
    """A name that routes executions to one or two versions."""

    arn: str
    name: str
    description: str | None
    routes: Sequence[Mapping[str, Any]]
    created: datetime = field(default_factory=now)
    updated: datetime | None = None

    def routes_to(self, version: str) -> bool:
        """Return whether executions may be routed to a version (ARN)."""
        return version in {route["stateMachineVersionArn"] for route in self.routes}

    def route(self) -> str:
        """Choose the version (ARN) of one execution, by weight."""
        weights = [route["weight"] for route in self.routes]
        return str(random.choices(self.routes, weights)[0]["stateMachineVersionArn"])  # noqa: S311 - a share of traffic


@dataclass
class Machine:
    """A state machine."""

    arn: str
    name: str
    kind: str
    revision: Revision
    tags: Tags = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    created: datetime = field(default_factory=now)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - fields of a revision
        """Have a new revision where one of its fields changes."""
        values = {key: value for key, value in vars(self.revision).items() if key != "id"}
        if values | changes != values:
            self.revision = Revision(**{**values, **changes}, id=str(uuid.uuid4()))

    def publish(self, description: str | None) -> Version:
        """Publish the revision as a version, or find the one that it is already."""
        for version in self.versions.values():
            if version.revision is self.revision:
                return version
        arn = f"{self.arn}:{next(self.numbers)}"
        self.versions[arn] = Version(arn, self.revision, description)
        return self.versions[arn]


@dataclass
class Activity:
    """An activity, and the tasks that wait for a worker of it: token and input."""

    arn: str
    name: str
    tags: Tags = field(default_factory=dict)
    created: datetime = field(default_factory=now)
    tasks: list[Any] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def add_task(self, task: Any) -> None:  # noqa: ANN401 - the interpreter's
        """Hold a task for a worker; what the interpreter calls."""
        with self.arrived:
            self.tasks.append(task)
            self.arrived.notify()

    def next_task(self, seconds: float) -> Any:  # noqa: ANN401 - the interpreter's
        """Take the oldest task, waiting so long for one; None where none arrives."""
        with self.arrived:
            self.arrived.wait_for(lambda: self.tasks, seconds)
            return self.tasks.pop(0) if self.tasks else None


@dataclass
class Store:
    """Everything of one account and region, by ARN."""

    scope: Scope
    machines: dict[str, Machine] = field(default_factory=dict)
    executions: "dict[str, Execution]" = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)

    def arn(self, kind: str, name: str) -> str:
        """Make the ARN of what is called `name`."""
        return f"arn:aws:states:{self.scope.region}:{self.scope.account}:{kind}:{name}"

    def machine(self, arn: str) -> Machine:
        """Find a state machine. Raises `ServiceError`: `InvalidArn`, `StateMachineDoesNotExist`."""
        require_arn(arn)
        if arn not in self.machines:
            raise ServiceError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return self.machines[arn]

    def execution(self, arn: str) -> "Execution":
        """Find an execution. Raises `ServiceError`: `InvalidArn`, `ExecutionDoesNotExist`."""
        require_arn(arn)
        if arn not in self.executions:
            raise ServiceError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return self.executions[arn]

    def forget_ended(self, execution: "Execution") -> None:
        """Keep an Express execution until its end: no operation describes one. Source: API reference."""
        if execution.status != "RUNNING":
            self.executions.pop(execution.arn, None)

    def activity(self, arn: str) -> Activity:
        """Find an activity. Raises `ServiceError`: `InvalidArn`, `ActivityDoesNotExist`."""
        require_arn(arn)
        if arn not in self.activities:
            raise ServiceError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")
        return self.activities[arn]

    def version(self, arn: str) -> tuple[Machine, Version] | None:
        """Find a version and its state machine."""
        machine = self.machines.get(arn.rpartition(":")[0])
        version = machine.versions.get(arn) if machine else None
        return (machine, version) if machine and version else None

    def alias(self, arn: str) -> tuple[Machine, Alias] | None:
        """Find an alias and its state machine."""
        machine = self.machines.get(arn.rpartition(":")[0])
        alias = machine.aliases.get(arn) if machine else None
        return (machine, alias) if machine and alias else None


class Stores:
    """The stores of every account and region."""

    def __init__(self) -> None:
        self._stores: dict[Scope, Store] = {}
        self._lock = threading.Lock()

    def __getitem__(self, scope: Scope) -> Store:
        """Return the store of an account and region."""
        with self._lock:
            return self._stores.setdefault(scope, Store(scope))

    def executions(self) -> "list[Execution]":
        """Return every execution, of all accounts and regions."""
        with self._lock:
            return [execution for store in self._stores.values() for execution in list(store.executions.values())]


def require_arn(arn: str) -> None:
    """Raise `ServiceError("InvalidArn")` for what is no ARN of Step Functions."""
    if not arn.startswith("arn:"):
        raise ServiceError("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {arn}'")
    parts = arn.split(":", 6)
    if len(parts) <= 6 or parts[2] != "states":  # noqa: PLR2004 - arn:aws:states:region:account:kind:name
        raise ServiceError("InvalidArn", f"Invalid Arn: '{arn}'")


def page(items: Sequence[Any], parameters: Mapping[str, Any], arn: str) -> tuple[Sequence[Any], str | None]:
    """Return one page of a list and the token of the next, which stands for its last ARN (`arn` names that key).

    Raises `ServiceError("InvalidToken")`.
    """
    begin, size = 0, parameters.get("maxResults") or 100
    if token := parameters.get("nextToken"):
        tokens = [uuid.uuid5(uuid.NAMESPACE_URL, str(item[arn])).hex for item in items]
        if token not in tokens:
            raise ServiceError("InvalidToken", "Invalid Token: 'Invalid token'")  # pragma: allowlist secret
        begin = tokens.index(token) + 1
    end = begin + size
    more = uuid.uuid5(uuid.NAMESPACE_URL, str(items[end - 1][arn])).hex if end < len(items) else None
    return items[begin:end], more
