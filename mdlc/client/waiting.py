"""Waits for work that AWS does."""

import time
from collections.abc import Callable
from typing import TypeVar

from mdlc.errors import CommandError

T = TypeVar("T")


def until(  # noqa: PLR0913 - keyword-only
    read: Callable[[], T],
    ended: Callable[[T], bool],
    *,
    late: Callable[[T], str],
    timeout: float,
    interval: float,
    watch: Callable[[T], None] = lambda _: None,
) -> T:
    """Return the first thing read that has `ended`; `watch` sees every one.

    It is read every `interval` seconds. Raise `CommandError` with "`late` after N seconds" when none has ended within
    `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while not ended(found := read()):
        watch(found)
        if time.monotonic() > deadline:
            raise CommandError(f"{late(found)} after {timeout:g} seconds.")
        time.sleep(interval)
    watch(found)
    return found
