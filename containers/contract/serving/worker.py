"""One serving process: an event loop, a predictor, and the connections it has."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

import uvloop

from contract.serving.protocol import Connection
from contract.serving.room import Room

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from contract.serving.messages import Predictor
    from contract.serving.settings import Settings

SWEEP = 0.25  # seconds between looks at the clocks of the connections
BACKLOG = 1024
YOUNG = 100_000  # objects that are made before garbage is looked for among them


class ServingWorker:
    """Serves until SIGTERM, then finishes the requests that have begun."""

    def __init__(self, predictor: Predictor, settings: Settings, parent: int) -> None:
        self.predictor = predictor
        self.settings = settings
        self.room: Room[Connection] = Room(settings)
        self.draining = False
        self._parent = parent
        self._stop = asyncio.Event()

    def log_failure(self, error: Exception) -> None:
        """Write the error's type and place to stderr; its text may quote a request, so it stays out."""
        frames = "".join(traceback.format_tb(error.__traceback__))
        print(f"{type(error).__name__} while handling a request\n{frames}", file=sys.stderr, flush=True)  # noqa: T201 - the log

    async def serve(self, listener: socket.socket, ready: Callable[[], None]) -> None:
        """Accept connections until SIGTERM or SIGINT, then drain."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        server = await loop.create_server(lambda: Connection(self, loop), sock=listener, backlog=BACKLOG)
        ready()
        sweeper = loop.create_task(self._sweep())
        await self._stop.wait()
        await self._drain(server)
        sweeper.cancel()

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP)
            if os.getppid() != self._parent:
                self._stop.set()  # the parent was killed: nobody would end this process
            now = loop.time()
            for connection in tuple(self.room.connections):
                connection.expire(now)

    async def _drain(self, server: asyncio.Server) -> None:
        """Take no new connection, close the idle ones, wait for the others; abort what is left at the time-out."""
        self.draining = True
        server.close()
        loop = asyncio.get_running_loop()
        end = loop.time() + self.settings.drain_timeout
        while self.room.connections and loop.time() < end:
            for connection in tuple(self.room.connections):
                if not connection.busy:
                    connection.close()
            await asyncio.sleep(0.02)
        for connection in tuple(self.room.connections):
            connection.abort()


def run_worker(
    load: Callable[[], Predictor], settings: Settings, listener: socket.socket, parent: int, ready: Callable[[], None]
) -> None:
    """Load the predictor, then serve it on a bound socket; returns after the drain, or when the parent is gone."""
    worker = ServingWorker(load(), settings, parent)
    gc.freeze()  # the model is no garbage, and lists of a large body are none either: both are looked through less
    gc.set_threshold(YOUNG)
    uvloop.run(worker.serve(listener, ready))
