"""An execution: how it is begun, described and stopped, and what it tells of itself."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from localcloud.states.records import Revision
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Scope
from localsagemaker.kernel.resources import now

if TYPE_CHECKING:
    from localcloud.states.interpreter import Interpreter, Redrive, Run, RunEnd

INCLUDED: Final = {"included": True}
REDRIVABLE: Final = frozenset({"FAILED", "ABORTED", "TIMED_OUT"})
REDRIVABLE_FOR: Final = timedelta(days=14)
REDRIVABLE_EVENTS: Final = 24_999
"""How long after its end, and until how many events, an execution can go on."""
EVENT_BYTES: Final = 248 * 1024
"""Above this, an event leaves input and output out. Source: developer guide, "Automating event delivery"."""


@dataclass(frozen=True)
class Remains:
    """What is kept of the interpreter's state of an execution that has ended: what can be asked, or gone on with."""

    event_manager: Any
    map_run_record_pool_manager: Any
    callback_pool_manager: Any
    variable_store: Any

    @classmethod
    def of(cls, env: Any) -> "Remains":  # noqa: ANN401 - moto's
        """Keep this of a state."""
        return cls(*(getattr(env, name) for name in cls.__dataclass_fields__))


@dataclass
class Execution:
    """One run of a state machine, of the revision that it began with."""

    scope: Scope
    arn: str
    name: str
    machine: str
    machine_name: str
    kind: str
    revision: Revision
    input: str
    tell: Callable[["Execution"], None]
    """Called at each change of status."""
    version: str | None = None
    alias: str | None = None
    trace: str | None = None
    log: Any = None
    started: datetime = field(default_factory=now)
    stopped: datetime | None = None
    status: str = "RUNNING"
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    redrives: list[tuple[str | None, datetime]] = field(default_factory=list)
    """The token and time of each time that it went on after its end."""
    _worker: Any = None
    _ended: Remains | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, interpreter: "Interpreter", activities: Mapping[str, Any]) -> None:
        """Let the interpreter run it."""
        self.tell(self)
        self._start(interpreter.worker(self._run(), activities, self._end))

    def redrive(self, interpreter: "Interpreter", activities: Mapping[str, Any], token: str | None) -> datetime:
        """Go on where it failed, timed out or was stopped; a request that comes twice finds it done.

        Raises `ServiceError("ExecutionNotRedrivable")`. Source: developer guide, "Restarting state machine executions
        with redrive in Step Functions".
        """
        from localcloud.states.interpreter import Redrive  # noqa: PLC0415 - which the interpreter is of already

        for known, time in self.redrives:
            if token is not None and known == token:
                return time
        with self._lock:
            if reason := self._unredrivable():
                raise ServiceError("ExecutionNotRedrivable", reason)
            before, (state, value) = self.env, self._place()
            self.redrives.append((token, now()))
            self.status, self.stopped, self.output, self.error, self.cause = "RUNNING", None, None, None, None
            self.log = self.log and replace(self.log, redrives=len(self.redrives))
            self.ended.clear()
        self.tell(self)
        redrive = Redrive(state, value, len(self.redrives), self.redrives[-1][1], before)
        self._start(interpreter.worker(self._run(redrive), activities, self._end))
        return redrive.time

    def _start(self, worker: Any) -> None:  # noqa: ANN401 - moto's
        self._worker = worker
        worker.start()

    def _unredrivable(self) -> str:
        """Return why it cannot go on; an empty text where it can."""
        if self.status not in REDRIVABLE:
            return f"Execution is {self.status} and cannot be redriven"
        if len(self.history) >= REDRIVABLE_EVENTS:
            return "Execution history is too large to be redriven"
        if self.stopped and now() - self.stopped > REDRIVABLE_FOR:
            return "Execution exceeded its redrivable period"
        return ""

    def _place(self) -> tuple[str, Any]:
        """Return the outermost state that it was in, and that state's input; the first where it was in none."""
        definition = json.loads(self.revision.definition)
        for event in reversed(self.history):
            entered = event.get("stateEnteredEventDetails") or {}
            if entered.get("name") in definition["States"]:
                return entered["name"], json.loads(entered["input"])
        return definition["StartAt"], json.loads(self.input)

    def _run(self, redrive: "Redrive | None" = None) -> "Run":
        from localcloud.states.interpreter import Run  # noqa: PLC0415 - which the interpreter is of already

        return Run(
            account=self.scope.account,
            region=self.scope.region,
            machine_arn=self.machine,
            machine_name=self.machine_name,
            kind=self.kind,
            definition=self.revision.definition,
            role=self.revision.role,
            arn=self.arn,
            name=self.name,
            input=json.loads(self.input),
            started=self.started,
            log=self.log,
            redrive=redrive,
        )

    def stop(self, error: str | None, cause: str | None) -> datetime:
        """End it as ABORTED, whatever its tasks still do; one that has ended stays as it is."""
        with self._lock:
            running = self.status == "RUNNING"
            if running:
                self.status, self.error, self.cause, self.stopped = "ABORTED", error, cause, now()
        if running:
            self.tell(self)
            if (worker := self._worker) and (env := worker.env):
                env.set_stop(stop_date=self.stopped, cause=cause, error=error)
        return self.stopped or now()

    def _end(self, outcome: "RunEnd") -> None:
        with self._lock:
            running = self.status == "RUNNING"
            if running:
                self.status, self.stopped = outcome.status, now()
                self.output, self.error, self.cause = outcome.output, outcome.error, outcome.cause
            self._ended, self._worker = Remains.of(self.env), None
        if running:
            self.tell(self)
        self.ended.set()

    @property
    def env(self) -> Any:  # noqa: ANN401 - moto's
        """The interpreter's state of it, or what is kept of that; None while it begins."""
        worker = self._worker
        return (worker and worker.env) or self._ended

    @property
    def history(self) -> list[dict[str, Any]]:
        """Its events."""
        return list(self.env.event_manager.get_event_history()) if self.env is not None else []

    def callback(self, token: str) -> Any:  # noqa: ANN401 - moto's
        """Find the place where a task waits for the answer to its token."""
        return self.env.callback_pool_manager.get(token) if self.env is not None else None

    def map_runs(self) -> list[Any]:
        """Return the runs of its distributed Map states."""
        return list(self.env.map_run_record_pool_manager.get_all()) if self.env is not None else []

    def listed(self) -> dict[str, Any]:
        """Describe it as `ListExecutions` does."""
        return _given(
            executionArn=self.arn,
            stateMachineArn=self.machine,
            name=self.name,
            status=self.status,
            startDate=self.started,
            stopDate=self.stopped,
            stateMachineVersionArn=self.version,
            stateMachineAliasArn=self.alias,
            redriveCount=len(self.redrives),
            redriveDate=self.redrives[-1][1] if self.redrives else None,
        )

    def described(self) -> dict[str, Any]:
        """Describe it as `DescribeExecution` does."""
        reason = self._unredrivable() or None
        return self.listed() | _given(
            input=self.input,
            inputDetails=INCLUDED,
            output=self.output,
            outputDetails=INCLUDED if self.output is not None else None,
            error=self.error,
            cause=self.cause,
            traceHeader=self.trace,
            redriveStatus="NOT_REDRIVABLE" if reason else "REDRIVABLE",
            redriveStatusReason=reason,
        )

    def event(self) -> dict[str, Any]:
        """Describe it as the event of a change of its status does; what it has not is null there."""
        described = self.described()
        small = {
            key: text if text is None or len(text.encode()) <= EVENT_BYTES else None
            for key, text in (("input", self.input), ("output", self.output))
        }
        return {
            "executionArn": self.arn,
            "stateMachineArn": self.machine,
            "name": self.name,
            "status": self.status,
            "startDate": _milliseconds(self.started),
            "stopDate": _milliseconds(self.stopped),
            **small,
            "inputDetails": {"included": small["input"] is not None},
            "outputDetails": None if self.output is None else {"included": small["output"] is not None},
            "stateMachineVersionArn": self.version,
            "stateMachineAliasArn": self.alias,
            "redriveCount": len(self.redrives),
            "redriveDate": _milliseconds(self.redrives[-1][1]) if self.redrives else None,
            "redriveStatus": described["redriveStatus"],
            "redriveStatusReason": described.get("redriveStatusReason"),
            "error": self.error,
            "cause": self.cause,
        }


def _given(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - of an answer
    return {name: value for name, value in members.items() if value is not None}


def _milliseconds(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp() * 1000)
