"""Many clients that send little, read nothing or stay away: /ping is answered, and memory has a bound."""

from __future__ import annotations

import contextlib
import resource
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.containers.http_client import Stream, exchange, message
from tests.containers.servers import serve_process, wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract.paths import Paths
    from tests.containers.servers import Server

pytestmark = pytest.mark.slow

MEGABYTES = 256
"""More than the server has without them."""


@pytest.fixture
def alone(finished: Paths) -> Iterator[Server]:
    """A server of one process, with the limits that it has everywhere."""
    server = wait_until_ready(serve_process(finished, "tabular", {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield server
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    server.terminate()
    assert server.wait(35) == 0


def memory(server: Server) -> int:
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children()]
    return sum(process.memory_info().rss for process in family) >> 20


def test_a_thousand_idle_connections(alone: Server, rows: list[str]) -> None:
    before = memory(alone)
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(alone.connect())
        assert alone.ready()
        assert exchange(alone, message(rows[0].encode()))[0] == 200
        assert memory(alone) - before < MEGABYTES


def test_a_hundred_requests_that_are_never_complete(alone: Server, rows: list[str]) -> None:
    before = memory(alone)
    raw = message(b"1," * 2_900_000)[:-1]  # 5.8 MB, all but the last byte of it
    with ExitStack() as stack:
        for _ in range(100):
            connection = stack.enter_context(alone.connect())
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # those that gave way already
                connection.sendall(raw)
        assert alone.ready()
        assert exchange(alone, message(rows[0].encode()))[0] == 200
        assert memory(alone) - before < MEGABYTES


def test_answers_that_nobody_reads(alone: Server, rows: list[str]) -> None:
    before = memory(alone)
    body = "\n".join(rows[:400] * 50).encode()  # 20,000 rows: megabytes of JSON
    raw = message(body, more="Accept: application/json\r\n")
    with ExitStack() as stack:
        for _ in range(60):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(20)
            connection.connect(("127.0.0.1", alone.port))
            connection.sendall(raw)
        time.sleep(1)
        with alone.connect() as patient:
            patient.settimeout(60)
            patient.sendall(message(rows[0].encode()))
            assert Stream(patient).answer()[0] == 200
        assert memory(alone) - before < MEGABYTES


def test_a_flood_of_headers(alone: Server) -> None:
    before = memory(alone)
    head = b"GET /ping HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 4000  # under the limit of bytes, and never ended
    with ExitStack() as stack:
        for _ in range(400):
            stack.enter_context(alone.connect()).sendall(head)
        assert alone.ready()
        assert memory(alone) - before < MEGABYTES
    assert Path(f"/proc/{alone.pid}").exists()
