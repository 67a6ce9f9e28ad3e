"""An execution: how it is begun, described and stopped, and what it tells of itself."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from localcloud.states.records import Revision
from localsagemaker.kernel.host import Scope
from localsagemaker.kernel.resources import now

if TYPE_CHECKING:
    from localcloud.states.interpreter import Interpreter, RunEnd

INCLUDED: Final = {"included": True}
EVENT_BYTES: Final = 248 * 1024
"""Above this, an event leaves input and output out. Source: developer guide, "Automating event delivery"."""


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
    _worker: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, interpreter: "Interpreter", activities: Mapping[str, Any]) -> None:
        """Let the interpreter run it."""
        from localcloud.states.interpreter import Run  # noqa: PLC0415 - which the interpreter is of already

        run = Run(
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
        )
        self.tell(self)
        self._worker = interpreter.run(run, activities, self._end)

    def stop(self, error: str | None, cause: str | None) -> datetime:
        """End it as ABORTED, whatever its tasks still do; one that has ended stays as it is."""
        with self._lock:
            running = self.status == "RUNNING"
            if running:
                self.status, self.error, self.cause, self.stopped = "ABORTED", error, cause, now()
        if running:
            self.tell(self)
            if (env := self.env) is not None:
                env.set_stop(stop_date=self.stopped, cause=cause, error=error)
        return self.stopped or now()

    def _end(self, outcome: "RunEnd") -> None:
        with self._lock:
            running = self.status == "RUNNING"
            if running:
                self.status, self.stopped = outcome.status, now()
                self.output, self.error, self.cause = outcome.output, outcome.error, outcome.cause
        if running:
            self.tell(self)
        self.ended.set()

    @property
    def env(self) -> Any:  # noqa: ANN401 - moto's
        """The interpreter's state of it; None while it begins."""
        return self._worker and self._worker.env

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
            redriveCount=0,
        )

    def described(self) -> dict[str, Any]:
        """Describe it as `DescribeExecution` does."""
        redrivable = self.status in {"FAILED", "ABORTED", "TIMED_OUT"}
        reason = None if redrivable else f"Execution is {self.status} and cannot be redriven"
        return self.listed() | _given(
            input=self.input,
            inputDetails=INCLUDED,
            output=self.output,
            outputDetails=INCLUDED if self.output is not None else None,
            error=self.error,
            cause=self.cause,
            traceHeader=self.trace,
            redriveStatus="REDRIVABLE" if redrivable else "NOT_REDRIVABLE",
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
            "redriveCount": 0,
            "redriveDate": None,
            "redriveStatus": described["redriveStatus"],
            "redriveStatusReason": described.get("redriveStatusReason"),
            "error": self.error,
            "cause": self.cause,
        }


def _given(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - of an answer
    return {name: value for name, value in members.items() if value is not None}


def _milliseconds(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp() * 1000)
