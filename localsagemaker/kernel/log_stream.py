"""A container's output on its way to CloudWatch Logs, in batches."""

import threading
import time

from localsagemaker.kernel.host import Host, Scope

BATCH = 500
"""Lines after which a batch goes out at once."""

AGE_S = 0.5
"""Seconds after which the next line, or the next look, sends what is waiting."""


class LogStream:
    """One stream of one group. `write` may be called from several threads; `flush` sends what is left."""

    def __init__(self, host: Host, scope: Scope, group: str, stream: str) -> None:
        self._host = host
        self._scope = scope
        self._group = group
        self._stream = stream
        self._lines: list[str] = []
        self._since = time.monotonic()
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        """Append a line; a full or old batch is sent before this returns, so a fast writer is slowed down."""
        with self._lock:
            self._lines.append(line)
            if len(self._lines) >= BATCH or time.monotonic() - self._since > AGE_S:
                self._send()

    def flush(self) -> None:
        """Send what is waiting."""
        with self._lock:
            self._send()

    def _send(self) -> None:
        self._since = time.monotonic()
        lines, self._lines = self._lines, []
        if lines:
            self._host.write_log(self._scope, self._group, self._stream, lines)
