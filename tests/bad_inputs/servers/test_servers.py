"""Bad inputs to every image's server: a typed 4xx in a sentence, little time and memory, /ping all the while."""

from __future__ import annotations

import base64
import json
import select
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
import pytest

from tests.bad_inputs.bounds import CPU
from tests.bad_inputs.inputs import BadInput, content, label, read
from tests.bad_inputs.servers.pictures import picture
from tests.containers.http_client import message
from tests.containers.servers import serve_process, wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract.paths import Paths
    from tests.containers.servers import Server

pytestmark = pytest.mark.slow

MEMORY: Final = 256 << 20
"""Bytes that the server may need more than it had before."""
PING: Final = 2.0
"""Seconds that SageMaker waits for /ping: developer guide, "Use your own inference code with hosting services".

Held against the server's own time: one that has a core for itself, as on an endpoint, answers after so long.
"""
PATIENCE: Final = 3.0
"""Seconds that these servers give a request to arrive."""


@dataclass
class Watched:
    """A server, what it is asked rightly, and what a bad input costs it."""

    server: Server
    fill: Callable[[str], str]
    good: bytes
    type: str
    waited: list[float] = field(default_factory=list)

    def processes(self) -> list[psutil.Process]:
        parent = psutil.Process(self.server.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def forget_peaks(self) -> None:
        for process in self.processes():
            Path(f"/proc/{process.pid}/clear_refs").write_text("5")  # proc(5): it resets the peak of resident memory

    def peak(self) -> int:
        return sum(_status(process.pid, "VmHWM") for process in self.processes())

    def keep_pinging(self, stop: threading.Event) -> None:
        while not stop.wait(0.1):
            begun = self.cpu()
            alive = self.server.ready(patience=60)
            self.waited.append(self.cpu() - begun if alive else float("inf"))


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def request(given: BadInput, watched: Watched) -> bytes:
    """Return the bytes that are sent."""

    def fill(token: str) -> str:
        own = {"type": watched.type, "length": str(len(watched.good))}
        return own[token] if token in own else watched.fill(token)

    def head(parts: object) -> bytes:
        return content(parts, fill).replace("⏎".encode(), b"\r\n")  # type: ignore[arg-type]

    if (raw := given.get("raw")) is not None:
        return head(raw)
    body = (
        watched.good if given.get("body") is None else content(given.get("body"), fill, given.get("encoding", "utf-8"))
    )
    type_ = head(given.get("type", watched.type))
    lines = [b"POST /invocations HTTP/1.1", b"Host: x"]
    lines += [b"Content-Type: " + type_] if type_ else []
    lines += [head(given.get("headers"))] if given.get("headers") else []
    lines += [] if given.get("raw_length") else [b"Content-Length: %d" % len(body)]
    return b"\r\n".join([*lines, b"", b""]) + body


def exchange(server: Server, raw: bytes) -> tuple[int, bytes, bytes]:
    """Send and read at once, as a client whose request is refused on the way; return status, head and body."""
    received = b""
    with server.connect() as connection:
        connection.setblocking(False)  # noqa: FBT003 - the socket's own signature
        left = memoryview(raw)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            readable, writable, _ = select.select([connection], [connection] if left else [], [], 1)
            try:
                if writable:
                    left = left[connection.send(left[: 1 << 20]) :]
                if readable:
                    data = connection.recv(1 << 20)
                    received += data
                    if not data or _whole(received):
                        break
            except (BrokenPipeError, ConnectionResetError):
                break
    while received.startswith(b"HTTP/1.1 100"):
        received = received.partition(b"\r\n\r\n")[2]
    if not received:
        return 0, b"", b""
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), head, body


def _whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    if not found or head.startswith(b"HTTP/1.1 100"):
        return False
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return len(body) >= length


def check(given: BadInput, watched: Watched) -> None:
    raw = request(given, watched)
    watched.forget_peaks()
    cpu, memory = watched.cpu(), watched.peak()
    watched.waited.clear()
    stop = threading.Event()
    pinging = threading.Thread(target=watched.keep_pinging, args=(stop,))
    pinging.start()
    try:
        status, head, body = exchange(watched.server, raw)
    finally:
        stop.set()
        pinging.join()
    assert status in given.expected, (status, body[:300])
    if status >= 400:
        assert b"content-type: application/json" in head.lower()
        error = json.loads(body)["error"]
        assert error.keys() == {"code", "message"}
        assert error["code"].isalnum()
        given.require_sentence(error["message"])
    assert watched.cpu() - cpu <= CPU
    assert watched.peak() - memory <= MEMORY, f"{(watched.peak() - memory) >> 20} MB"
    assert max(watched.waited, default=0) <= PING, watched.waited
    assert exchange(watched.server, message(watched.good, content_type=watched.type))[0] == 200


def watch(paths: Paths, name: str, fill: Callable[[str], str], good: bytes, type_: str) -> Iterator[Watched]:
    """Start a server of one process: what would hold up a prediction holds up /ping."""
    settings = {"SAGEMAKER_MODEL_SERVER_WORKERS": "1", "SERVER_REQUEST_TIMEOUT": str(PATIENCE)}
    server = wait_until_ready(serve_process(paths, name, settings))
    yield Watched(server, fill, good, type_)
    server.terminate()
    assert server.wait(35) == 0


def _table(token: str, row: str, record: dict[str, object]) -> str:
    """Fill the tokens of the tables of bodies."""
    first, rest = row.split(",", 1)
    kind, _, changed = token.partition(" first=")
    match kind.split():
        case ["row"]:
            return f"{changed if '=' in token else first},{rest}"
        case ["cells"]:
            return f"[{changed if '=' in token else first},{rest}]"
        case ["gaps"]:
            return "," * row.count(",")
        case ["names"]:
            return ",".join(f"f{place}" for place in range(row.count(",") + 1))
        case ["record"]:
            return json.dumps(record)
        case ["open", "record", *without]:
            return json.dumps({name: value for name, value in record.items() if name not in without})[:-1]
    raise AssertionError(f"nobody knows «{token}»")


@pytest.fixture(scope="session")
def tabular(finished: Paths, rows: list[str], record: dict[str, object]) -> Iterator[Watched]:
    fill = partial(_table, row=rows[0], record=record)
    yield from watch(finished, "tabular", fill, rows[0].encode(), "text/csv")


@pytest.fixture(scope="session")
def knn(iris: Paths) -> Iterator[Watched]:
    row = "5.1,3.5,1.4,0.2"
    yield from watch(iris, "knn", partial(_table, row=row, record={}), row.encode(), "text/csv")


@pytest.fixture(scope="session")
def vision(trained: Paths) -> Iterator[Watched]:
    png = picture("png")
    yield from watch(trained, "vision", lambda _: base64.b64encode(png).decode(), png, "image/png")


@pytest.mark.parametrize("server", ["tabular", "knn", "vision"])
@pytest.mark.parametrize("given", read("servers/http"), ids=label)
def test_http(given: BadInput, server: str, request: pytest.FixtureRequest) -> None:
    check(given, request.getfixturevalue(server))


@pytest.mark.parametrize("given", read("servers/tabular"), ids=label)
def test_tabular(given: BadInput, tabular: Watched) -> None:
    check(given, tabular)


@pytest.mark.parametrize("given", read("servers/knn"), ids=label)
def test_knn(given: BadInput, knn: Watched) -> None:
    check(given, knn)


@pytest.mark.parametrize("given", read("servers/vision"), ids=label)
def test_vision(given: BadInput, vision: Watched) -> None:
    check(given, vision)
