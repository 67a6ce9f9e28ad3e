"""Statuses that settle after a while, on threads of their own.

AWS publishes no durations: the seconds that callers give are of the order that one sees, and the time scale divides
them.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Scope
from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.resources import Record, Resources


class Settling:
    """What becomes of resources later."""

    def __init__(self, resources: Resources, time_scale: float) -> None:
        self._resources, self._scale = resources, time_scale
        self._lock = threading.Lock()
        self._timers: set[threading.Timer] = set()
        self._closed = False

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Act after so many seconds of AWS's time; never once this is closed."""
        timer = threading.Timer(seconds / self._scale, act)
        timer.daemon = True
        with self._lock:
            self._timers = {each for each in self._timers if each.is_alive()}
            if not self._closed:
                self._timers.add(timer)
                timer.start()

    def change(self, kind: Kind, scope: Scope, name: str, seconds: float, changes: Mapping[str, Any]) -> None:
        """Replace members of a record after so many seconds."""

        def act() -> None:
            with suppress(ServiceError):  # it went in the meantime
                self._resources.update(kind, scope, name, changes)

        self.later(seconds, act)

    def remove(
        self, kind: Kind, scope: Scope, name: str, seconds: float, before: Callable[[], object] = lambda: None
    ) -> None:
        """Do `before` and forget a resource after so many seconds."""

        def act() -> None:
            before()
            with suppress(ServiceError):
                self._resources.remove(kind, scope, name)

        self.later(seconds, act)

    def close(self) -> None:
        """Let nothing more happen."""
        with self._lock:
            self._closed = True
            for timer in self._timers:
                timer.cancel()


def require_settled(kind: Kind, record: Record) -> None:
    """Raise `ResourceInUse` for a record that is on its way to another status."""
    if record["Status"] in {"Pending", "Updating", "Deleting"}:
        raise ServiceError("ResourceInUse", f"{kind.name} {record[kind.arn_member]} is {record['Status']}.")


def require_free(kind: Kind, record: Record, users: Mapping[str, bool]) -> None:
    """Raise `ResourceInUse` naming the first kind of those that still use a resource, in AWS's own words."""
    for name, present in users.items():
        if present:
            raise ServiceError(
                "ResourceInUse",
                f"Unable to delete {kind.name} [{record[kind.arn_member]}] because {name}(s) are associated with it.",
            )
