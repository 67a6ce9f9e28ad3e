"""Builds that wait for each other."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold `file` as a lock between processes and threads; when nobody holds it any more, it is gone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with file.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_still(file, handle):
                try:
                    yield
                finally:
                    file.unlink(missing_ok=True)
                return


def _is_still(file: Path, handle: IO[str]) -> bool:
    """Return whether `handle` is of `file`, which the one that held it before may have deleted."""
    with suppress(FileNotFoundError):
        return os.path.samestat(file.stat(), os.fstat(handle.fileno()))
    return False
