"""Resources that fail on purpose when a stack makes, changes or deletes them."""

import re
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from localcloud.faults.operations import near
from localsagemaker.errors import ServiceError

_INVALID: Final = "ValidationException"
_DIGEST: Final = "([0-9A-F]{8})?"
"""What the CDK puts behind the names that its logical ids are made of."""
_STACK: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")


class Moment(StrEnum):
    """When a resource fails. What is created or changed is so first, and fails then."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class ResourceFault:
    """A resource that fails so many times: of a type, or of a stack; without a logical id, behind the stack's last."""

    what: str
    stack: str
    logical_id: str
    type: str
    at: Moment
    times: int

    def meets(self, stack: str, logical_id: str, kind: str, at: Moment) -> bool:
        """Return whether a resource is meant."""
        if at is not self.at or self.stack not in {"", stack}:
            return False
        if self.type:
            return self.type == kind
        return bool(self.logical_id) and bool(re.fullmatch(re.escape(self.logical_id) + _DIGEST, logical_id))


class ResourceFaults:
    """The resources of a local cloud that fail. `types` are those that there are. Used from any thread."""

    def __init__(self, types: Callable[[], Collection[str]]) -> None:
        self._types = types
        self._lock = threading.Lock()
        self._faults: dict[tuple[str, Moment], ResourceFault] = {}

    def fail(self, what: str, at: Moment, times: int = 1) -> None:
        """Let a resource fail: `STACK/LOGICALID`, `STACK/TYPE`, `TYPE`, or the end of `STACK`.

        A logical id may lack the digest that the CDK puts behind it. Raises `ServiceError` for what is none of these,
        and for the end of a stack that is deleted.
        """
        stack, _, resource = what.rpartition("/") if "/" in what else ("", "", what)
        kind = resource if "::" in resource else ""
        if not kind and not stack:
            stack, resource = what, ""
        if kind and not kind.startswith("Custom::") and kind not in self._types():
            raise ServiceError(_INVALID, f"The local cloud has no type {kind!r}{near(kind, self._types())}.")
        if (stack and not _STACK.fullmatch(stack)) or not (kind or re.fullmatch("[a-zA-Z0-9]*", resource)):
            raise ServiceError(
                _INVALID, f"{what!r} names no resource: give STACK/LOGICALID, STACK/TYPE, TYPE, or STACK for its end."
            )
        if not kind and not resource and at is Moment.DELETE:
            raise ServiceError(_INVALID, f"Name a resource of {what}: a stack that is deleted has no end to fail at.")
        if times < 1:
            raise ServiceError(_INVALID, f"{times} is no number of times: it is at least 1.")
        with self._lock:
            self._faults[what, at] = ResourceFault(what, stack, "" if kind else resource, kind, at, times)

    def clear(self) -> None:
        """Let none fail any more."""
        with self._lock:
            self._faults.clear()

    def listing(self) -> list[dict[str, Any]]:
        """Return what fails: {what, with, times, seconds, by}, as requests that fail are listed."""
        with self._lock:
            return [
                {"what": each.what, "with": each.at.value, "times": each.times, "seconds": None, "by": ""}
                for each in self._faults.values()
            ]

    def take(self, stack: str, logical_id: str, kind: str, at: Moment) -> bool:
        """Count a resource that is made, changed or deleted, and return whether it fails."""
        return self._take(lambda fault: fault.meets(stack, logical_id, kind, at))

    def take_end(self, stack: str, at: Moment) -> bool:
        """Count the end of a stack, when all of its resources are there, and return whether it fails."""
        return self._take(lambda fault: (fault.stack, fault.logical_id, fault.type, fault.at) == (stack, "", "", at))

    def _take(self, is_meant: Callable[[ResourceFault], bool]) -> bool:
        with self._lock:
            for key, fault in self._faults.items():
                if is_meant(fault):
                    if fault.times > 1:
                        self._faults[key] = replace(fault, times=fault.times - 1)
                    else:
                        del self._faults[key]
                    return True
        return False


def read(order: Mapping[str, Any]) -> dict[str, Any]:
    """Read an order from outside: {what, at, times}; raise `ServiceError` for a moment that is none."""
    try:
        at = Moment(order["at"])
    except ValueError as error:
        raise ServiceError(_INVALID, f"{order['at']!r} is no moment: {', '.join(Moment)}.") from error
    return {"what": order["what"], "at": at, "times": order.get("times") or 1}
