"""The server: one process per CPU on one port, watched by a parent that never touches a request.

The parent forks before anything heavy is imported, so that no thread of a numeric library lives through a fork; every
worker loads the model for itself and listens only then, so /ping answers as soon as a prediction can.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract.errors import InputError
from contract.job import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract.serving.messages import Predictor
    from contract.serving.settings import Settings

RESTART_LIMIT = 5  # unexpected ends of workers within RESTART_WINDOW seconds, after which the server gives up
RESTART_WINDOW = 60.0


def run_server(load: Callable[[], Predictor], settings: Settings) -> int:
    """Serve until SIGTERM; returns the exit code: 0 after a drain, 1 when workers cannot be kept running."""
    try:
        reserved = bind(settings)
    except OSError as error:
        print(f"cannot bind {settings.host}:{settings.port}: {error.strerror}", file=sys.stderr)  # noqa: T201 - the log
        return 1
    with reserved:
        address = reserved.getsockname()
        log(f"serving on {address[0]}:{address[1]} with {settings.workers} worker processes")
        return _Supervisor(load, settings, reserved).run()


def bind(settings: Settings) -> socket.socket:
    """Return a socket bound to the address; others of this user may share it (SO_REUSEPORT)."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    result = socket.socket(family, socket.SOCK_STREAM)
    try:
        result.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if settings.port:  # a port in use by somebody else must be an error and not be shared
            result.bind((settings.host, settings.port))
            result.close()
            result = socket.socket(family, socket.SOCK_STREAM)
            result.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        result.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        result.bind((settings.host, settings.port))
    except OSError:
        result.close()
        raise
    return result


@dataclass
class _Supervisor:
    load: Callable[[], Predictor]
    settings: Settings
    reserved: socket.socket
    workers: set[int] = field(default_factory=set)
    started: set[int] = field(default_factory=set)
    ends: list[float] = field(default_factory=list)
    stopping: bool = False

    def run(self) -> int:
        self._parent = os.getpid()
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        self._ready_read, self._ready_write = os.pipe()
        os.set_blocking(self._ready_read, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for _ in range(self.settings.workers):
            self._fork()
        code = 0
        while self.workers:
            if select.select([wake_read], [], [], 1.0)[0]:
                os.read(wake_read, 4096)
            code = max(code, self._reap())
        return code

    def _stop(self, *_: object) -> None:
        self.stopping = True
        for pid in self.workers:
            os.kill(pid, signal.SIGTERM)

    def _fork(self) -> None:
        signals = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # until both processes know which one they are
        pid = os.fork()
        if pid:
            self.workers.add(pid)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            return
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in signals:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            code = self._work()
        except BaseException:  # noqa: BLE001 - a forked child must never return into the parent's code
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _work(self) -> int:
        from contract.serving.worker import run_worker  # noqa: PLC0415 - after the fork: see the module's text

        listener = bind_shared(self.reserved)
        try:
            run_worker(self.load, self.settings, listener, self._parent, self._report_ready)
        except InputError as error:
            print(str(error), file=sys.stderr, flush=True)  # noqa: T201 - the log
            return 1
        return 0

    def _report_ready(self) -> None:
        os.write(self._ready_write, os.getpid().to_bytes(8, "big"))

    def _reap(self) -> int:
        """Collect ended workers; return 1 when the server must give up."""
        self._collect_ready()
        code = 0
        for pid in tuple(self.workers):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            self.workers.discard(pid)
            if self.stopping:
                continue
            if pid not in self.started:
                log(f"worker {pid} could not start: the server ends")
            elif self._may_restart():
                log(f"worker {pid} ended with {os.waitstatus_to_exitcode(status)}: another one is started")
                self._fork()
                continue
            else:
                log(f"{RESTART_LIMIT} workers ended within {RESTART_WINDOW:g} seconds: the server ends")
            code = 1
            self._stop()
        return code

    def _collect_ready(self) -> None:
        while True:
            try:
                data = os.read(self._ready_read, 8)
            except BlockingIOError:
                return
            self.started.add(int.from_bytes(data, "big"))

    def _may_restart(self) -> bool:
        now = time.monotonic()
        self.ends = [*(end for end in self.ends if end > now - RESTART_WINDOW), now]
        return len(self.ends) < RESTART_LIMIT


def bind_shared(reserved: socket.socket) -> socket.socket:
    """Return another socket on the address of ``reserved``: the kernel divides the connections among them."""
    result = socket.socket(reserved.family, socket.SOCK_STREAM)
    result.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    result.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    result.bind(reserved.getsockname())
    return result
