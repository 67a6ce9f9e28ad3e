"""One serving container: started, asked for its health, invoked over HTTP, started again when it dies."""

import http.client
import shutil
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from localsagemaker.images import Image, Running

PING_TIMEOUT_S = 2.0
INVOCATION_TIMEOUT_S = 60.0
GRACE_S = 30.0
STARTS = 3
"""How often a container that ends before it was ever healthy is started."""

FAILED_PINGS = 3
"""Unanswered health checks in a row after which a container is replaced."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer of a container."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoReply(Exception):  # noqa: N818 - what happened, and no programming error
    """A container did not answer; the message says why."""


@dataclass
class ModelServer:
    """A container with its /opt/ml; `start` may be called again after it ended."""

    image: Image
    base_dir: Path
    environment: Mapping[str, str]
    isolated: bool
    log: Callable[[str], None]
    _running: Running | None = field(default=None, init=False)
    _port: int = field(default=0, init=False)
    _idle: deque[http.client.HTTPConnection] = field(default_factory=deque, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _stopped: bool = field(default=False, init=False)

    def start(self) -> None:
        """Start the container on a free port of 127.0.0.1, unless it was stopped for good."""
        with self._lock:
            if self._stopped:
                return
            self._drop_connections()
            self._port = _free_port()
            self._running = self.image.run(
                base_dir=self.base_dir,
                log=self.log,
                arguments=["serve"],
                environment=self.environment,
                port=self._port,
                isolated=self.isolated,
            )

    @property
    def exit_code(self) -> int | None:
        """Exit code of a container that ended; None while it runs."""
        return self._running.poll() if self._running else None

    @property
    def last_errors(self) -> list[str]:
        """The last lines of its standard error."""
        return self._running.last_errors if self._running else []

    def healthy(self) -> bool:
        """Return whether GET /ping answers 200 within two seconds."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PING_TIMEOUT_S)
        try:
            connection.request("GET", "/ping")
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return answer.status == http.client.OK

    def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float = INVOCATION_TIMEOUT_S) -> Reply:
        """POST /invocations; NoReply when there is none within `timeout` seconds."""
        while True:
            connection, used = self._connection()
            try:
                connection.timeout = timeout
                if connection.sock:
                    connection.sock.settimeout(timeout)
                connection.request("POST", "/invocations", body, dict(headers))
                answer = connection.getresponse()
                reply = Reply(answer.status, dict(answer.getheaders()), answer.read())
            except TimeoutError as error:
                connection.close()
                raise NoReply(
                    "Your invocation timed out while waiting for a response from container primary. Review the latency "
                    "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
                ) from error
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if used:
                    continue  # closed by the server while it was idle: ask again on another one
                raise NoReply(f"The container closed the connection: {error or type(error).__name__}") from error
            if answer.will_close:
                connection.close()
            else:
                self._idle.append(connection)
            return reply

    def replace(self) -> None:
        """Kill what runs and start anew."""
        if self._running:
            self._running.kill()
        self.start()

    def stop(self, grace: float = GRACE_S) -> None:
        """End the container for good, with SIGTERM and `grace` seconds, and remove its folder."""
        with self._lock:
            self._stopped = True
            self._drop_connections()
        if self._running:
            self._running.stop(grace)
        shutil.rmtree(self.base_dir, ignore_errors=True)

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        with suppress(IndexError):
            return self._idle.pop(), True
        return http.client.HTTPConnection("127.0.0.1", self._port), False

    def _drop_connections(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


def wait_healthy(server: ModelServer, limit_s: float, cancelled: threading.Event) -> str | None:
    """Wait until a started container answers /ping; what went wrong, or None when it is healthy."""
    deadline = time.monotonic() + limit_s
    starts = 1
    while time.monotonic() < deadline and not cancelled.is_set():
        if server.exit_code is not None:
            if starts == STARTS:
                errors = " / ".join(server.last_errors[-3:])
                return f"The container ended {STARTS} times, at last with exit code {server.exit_code}: {errors}"
            starts += 1
            server.start()
        if server.healthy():
            return None
        cancelled.wait(0.1)
    return f"No answer to /ping within {limit_s:g} s."


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
