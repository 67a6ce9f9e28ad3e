"""A container that runs: its output, its end, and the ways to end it."""

import json
import logging
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

logger = logging.getLogger(__name__)

LONGEST_LINE = 256 * 1024 - 26
"""Bytes of one log event that CloudWatch Logs took for years; longer lines are cut into several."""

ERROR_LINES = 20
"""How many of the last lines of standard error are kept to explain a failure."""


class Running:
    """One started container. All methods may be called from any thread."""

    def __init__(  # noqa: PLR0913 - keyword-only
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Callable[[str], None],
        notes: Sequence[str] = (),
        folder: Path | None = None,
        cleanup: Sequence[str] = (),
        temporary: Path | None = None,
        untouched: Path | None = None,
    ) -> None:
        """Start `command` in `folder`; `log` gets every line of its output, from threads of this object.

        It gets `notes` first. `cleanup` is a command to run after the end, `temporary` a folder to remove then. A
        command that changes something in `untouched` fails.
        """
        orders = json.dumps({"cleanup": list(cleanup), "untouched": str(untouched) if untouched else None})
        guard = [sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py")), orders]
        self._temporary = temporary
        self._errors: deque[str] = deque(maxlen=ERROR_LINES)
        self._lock = threading.Lock()
        self._log = log
        for note in notes:
            self._write(note)
        self._process = subprocess.Popen(  # noqa: S603 - running images is what this is for
            [*guard, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )
        self._readers = [
            threading.Thread(target=self._read, args=(stream, keep), daemon=True)
            for stream, keep in ((self._process.stdout, False), (self._process.stderr, True))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """Process id of the guard, which lives exactly as long as the container."""
        return self._process.pid

    @property
    def last_errors(self) -> list[str]:
        """The last lines of standard error."""
        return list(self._errors)

    def poll(self) -> int | None:
        """Exit code, or None while it runs."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Exit code (128 + n after signal n, 127 when it could not be started), or None after `timeout` seconds."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        for reader in self._readers:
            reader.join(5)
        with self._lock:
            if self._process.stdin and not self._process.stdin.closed:
                with suppress(BrokenPipeError):
                    self._process.stdin.close()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)
        return code

    def terminate(self) -> None:
        """Ask it to stop (SIGTERM)."""
        self._order(b"T")

    def kill(self) -> int:
        """End it and all that it started, now; answers with the exit code."""
        self._order(b"K")
        code = self.wait()
        assert code is not None  # noqa: S101 - there was no timeout
        return code

    def stop(self, grace: float) -> int:
        """SIGTERM, `grace` seconds to finish, then SIGKILL; answers with the exit code."""
        self.terminate()
        code = self.wait(grace)
        return self.kill() if code is None else code

    def _order(self, order: bytes) -> None:
        with self._lock, suppress(BrokenPipeError, ValueError):
            if self._process.stdin:
                self._process.stdin.write(order)
                self._process.stdin.flush()

    def _write(self, line: str) -> None:
        try:
            self._log(line)
        except Exception:  # whatever the log does, the pipe must be emptied or the container stands still
            logger.exception("a line of a container's log was lost")

    def _read(self, stream: IO[bytes], keep: bool) -> None:  # noqa: FBT001 - private
        with stream:
            for raw in iter(lambda: stream.readline(LONGEST_LINE), b""):
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                if keep:
                    self._errors.append(line)
                self._write(line)
