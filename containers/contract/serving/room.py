"""The memory and the connections that clients may hold open: what has waited longest gives way."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from contract.serving.settings import Settings

SPARE_FILES: Final = 64
"""Of those that a process may have open: what is no connection, with much to spare."""


class Client(Protocol):
    """What is asked of a connection."""

    deadline: float
    held: int

    @property
    def busy(self) -> bool:
        """Whether a request or an unread answer is under way."""

    def give_way(self) -> None:
        """End a request that is not complete, or an answer that is not read, and say so where that is possible."""

    def abort(self) -> None:
        """End the connection now."""


Each = TypeVar("Each", bound=Client)


class Room(Generic[Each]):
    """The connections of a process, and the bytes of requests and answers that wait for their clients."""

    def __init__(self, settings: Settings) -> None:
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = settings.connection_limit
        self._most = most if files == resource.RLIM_INFINITY else max(1, min(most, files - SPARE_FILES))
        self._limit = settings.pending_limit
        self._held = 0
        self.connections: set[Each] = set()

    def enter(self, client: Each) -> None:
        """Admit a connection; where there are too many, the one that has been idle longest ends, else the slowest."""
        if len(self.connections) >= self._most:
            min(self.connections, key=lambda other: (other.busy, other.deadline)).abort()
        self.connections.add(client)

    def leave(self, client: Each) -> None:
        """Forget a connection."""
        self.release(client)
        self.connections.discard(client)

    def hold(self, client: Each, size: int) -> None:
        """Count bytes that wait for a client; where there are too many, those that began first give way to it."""
        client.held += size
        self._held += size
        if self._held <= self._limit:
            return
        for other in sorted(self.connections, key=lambda each: each.deadline):
            if other.held and other is not client:
                other.give_way()
                if self._held <= self._limit:
                    return

    def release(self, client: Each) -> None:
        """Count a client's bytes no longer."""
        self._held -= client.held
        client.held = 0
