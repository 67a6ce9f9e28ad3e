"""A load generator: keep-alive connections that each send the next request when the answer is there."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.serving.model import Payload


@dataclass
class Load:
    """What one run did: answers, and how long each took (seconds)."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    last: bytes = b""

    def percentile(self, share: float) -> float:
        """Return a latency in milliseconds."""
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] * 1000


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes], load: Load, end: float) -> None:
        self._requests, self._load, self._end = requests, load, end
        self._buffer = b""
        self._size = 0
        self.finished = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        request = next(self._requests)
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._size:
            head, mark, _ = self._buffer.partition(b"\r\n\r\n")
            if not mark:
                return
            length = head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0]
            self._size = len(head) + 4 + int(length)
        if len(self._buffer) < self._size:
            return
        now = time.perf_counter()
        self._load.latencies.append(now - self._sent)
        self._load.failures += not self._buffer.startswith(b"HTTP/1.1 200")
        self._load.last = self._buffer
        self._buffer, self._size = b"", 0
        if now < self._end:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.failures += exc is not None
        if not self.finished.done():
            self.finished.set_result(None)


def run(port: int, payload: Payload, connections: int, seconds: float) -> Load:
    """Load a server for some seconds."""
    return uvloop.run(_run(port, payload, connections, seconds))


async def _run(port: int, payload: Payload, connections: int, seconds: float) -> Load:
    head = f"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: {payload.content_type}\r\n"
    requests = cycle(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in payload.bodies)
    load = Load()
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda: _Client(requests, load, started + seconds), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(client.finished for client in clients))
    load.seconds = time.perf_counter() - started
    return load
