"""Access logs of S3 that arrive late: while the stack of the bucket that they go to is deleted."""

import threading
from collections.abc import Callable, Collection
from typing import Any

from localsagemaker.errors import ServiceError


class LateLogs:
    """Buckets that access logs arrive in late. `receivers` are those that other buckets log to."""

    def __init__(self, receivers: Callable[[], Collection[str]]) -> None:
        self._receivers = receivers
        self._lock = threading.Lock()
        self._buckets: set[str] = set()

    def arrive(self, bucket: str) -> None:
        """Let logs arrive in a bucket while its stack goes; `ServiceError` for one that no bucket logs to."""
        known = sorted(self._receivers())
        if bucket not in known:
            those = f"; those that receive some: {', '.join(known)}" if known else ""
            raise ServiceError("ValidationException", f"No bucket writes its access logs to {bucket!r}{those}.")
        with self._lock:
            self._buckets.add(bucket)

    def clear(self) -> None:
        """Let none arrive any more."""
        with self._lock:
            self._buckets.clear()

    def buckets(self) -> frozenset[str]:
        """Return the buckets that logs arrive in."""
        with self._lock:
            return frozenset(self._buckets)

    def listing(self) -> list[dict[str, Any]]:
        """Return them as requests that fail are listed."""
        return [
            {"what": name, "with": "late logs", "times": None, "seconds": None, "by": ""}
            for name in sorted(self.buckets())
        ]
