"""What a bad input may cost whoever reads it."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

CPU: Final = 3.0
"""Seconds. The goal is one; the same work costs up to three times as much on a machine whose cores are shared."""
MEMORY: Final = 256 << 20
PATIENCE: Final = 60
"""Seconds after which a command hangs."""


@contextmanager
def bounded() -> Iterator[None]:
    """Fail for what takes more time or memory than an input may, and for what never ends."""

    def hang(*_: object) -> None:
        raise AssertionError(f"it does not end within {PATIENCE} s")

    Path("/proc/self/clear_refs").write_text("5")  # proc(5): it resets the peak of resident memory
    before = signal.signal(signal.SIGALRM, hang)
    memory, used = _peak(), resource.getrusage(resource.RUSAGE_SELF)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    now = resource.getrusage(resource.RUSAGE_SELF)
    assert now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime <= CPU
    assert _peak() - memory <= MEMORY, f"{(_peak() - memory) >> 20} MB"


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
