"""Requests that fail on purpose: which, how, how often or how long."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from localcloud.faults import kinds, operations
from localcloud.faults.kinds import Kind
from localcloud.faults.operations import SAGEMAKER, Target
from localsagemaker.errors import ServiceError

MOST_TIMES: Final = 999_999
_INVALID: Final = "ValidationException"


@dataclass(frozen=True)
class Fault:
    """Requests of `target` fail so: the next `times`, or all until `until`, on the clock of `time.monotonic`.

    With `by` only those of callers that have it in their ARN.
    """

    target: Target
    kind: Kind
    times: int | None
    until: float | None
    by: str = ""

    def meets(self, service: str, operation: str, caller: str) -> bool:
        """Return whether a request is one that fails."""
        return self.target.covers(service, operation) and self.by in caller


class RequestFaults:
    """The requests of a local cloud that fail, whoever makes them. `provided` says which services there are.

    Its methods may be called from any thread.
    """

    def __init__(
        self,
        provided: Callable[[], Collection[str]] = lambda: (SAGEMAKER,),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provided, self._clock = provided, clock
        self._lock = threading.Lock()
        self._faults: dict[tuple[Target, str], Fault] = {}

    def fail(
        self, text: str, kind: Kind, *, times: int | None = None, seconds: float | None = None, by: str = ""
    ) -> None:
        """Let requests fail in place of what was said of them before: so many, one without a number, or for a time.

        Raises `ServiceError` for what is no operation, and for a number that is none.
        """
        target = operations.target(text, self._provided())
        if times is None and seconds is None:
            times = 1
        if times is not None and not 0 < times <= MOST_TIMES:
            raise ServiceError(_INVALID, f"{times} is no number of requests: it is between 1 and {MOST_TIMES}.")
        if seconds is not None and not seconds > 0:
            raise ServiceError(_INVALID, f"{seconds:g} s is no time: it is more than 0.")
        until = None if seconds is None else self._clock() + seconds
        with self._lock:
            self._faults[target, by] = Fault(target, kind, times, until, by)

    def clear(self) -> None:
        """Let no request fail any more."""
        with self._lock:
            self._faults.clear()

    def listing(self) -> list[dict[str, Any]]:
        """Return what fails: {what, with, times or seconds left, by}."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            return [
                {
                    "what": str(fault.target),
                    "with": fault.kind.value,
                    "times": fault.times,
                    "seconds": None if fault.until is None else round(fault.until - now, 1),
                    "by": fault.by,
                }
                for fault in self._faults.values()
            ]

    @property
    def services(self) -> frozenset[str]:
        """Services whose requests may fail; none is the usual case, and costs nothing."""
        return frozenset(target.service for target, _ in tuple(self._faults))

    def take(self, service: str, operation: str, caller: str, *, silent: bool | None = None) -> Kind | None:
        """Count a request, and return how it fails; with `silent`, only by kinds that answer, or that do not."""
        with self._lock:
            self._forget(self._clock())
            for key, fault in self._faults.items():
                if fault.meets(service, operation, caller) and silent in {None, fault.kind.is_silent}:
                    if fault.times is not None:
                        self._faults[key] = Fault(fault.target, fault.kind, fault.times - 1, fault.until, fault.by)
                    return fault.kind
        return None

    def pass_or_refuse(self, operation: str, caller: str) -> None:
        """Count a request to SageMaker, from the wire or from this cloud's other services; `ServiceError` if it fails.

        An answer that does not come is a matter of the wire.
        """
        if SAGEMAKER not in self.services:
            return
        kind = self.take(SAGEMAKER, operation, caller, silent=False)
        if kind is not None:
            said = kinds.said(kind, SAGEMAKER, operation, operations.model_of(SAGEMAKER, operation), caller)
            raise ServiceError(said.code, said.message, said.status)

    def _forget(self, now: float) -> None:
        for key, fault in tuple(self._faults.items()):
            if fault.times == 0 or (fault.until is not None and fault.until <= now):
                del self._faults[key]


def read(order: Mapping[str, Any]) -> dict[str, Any]:
    """Read an order from outside: {what, with, times, seconds, by}; raise `ServiceError` for a kind that is none."""
    try:
        kind = Kind(order["with"])
    except ValueError as error:
        raise ServiceError(_INVALID, f"{order['with']!r} is no way to fail: {', '.join(Kind)}.") from error
    return {
        "text": order["what"],
        "kind": kind,
        "times": order.get("times"),
        "seconds": order.get("seconds"),
        "by": order.get("by") or "",
    }
