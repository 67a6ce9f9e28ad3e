"""Runs a training or processing job to its exit code: 0, or 1 with the reason where SageMaker reads it."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from contract.errors import InputError, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REASON_LIMIT = 1024  # SageMaker shows no more characters than these


def run_job(work: Callable[[], None], report: Path) -> int:
    """Run ``work`` and return the exit code; every failure is written to ``report`` and to stderr."""
    try:
        work()
    except (InputError, Stopped) as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, SageMaker must be told
        traceback.print_exc()
        reason = f"{type(error).__name__}: {error}"
    else:
        return 0
    print(reason, file=sys.stderr, flush=True)  # noqa: T201 - the job's log
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(reason[:REASON_LIMIT], encoding="utf-8")
    except OSError as error:
        print(f"the reason could not be written to {report}: {error}", file=sys.stderr)  # noqa: T201 - the job's log
    return 1


def log(message: str) -> None:
    """Write one line to the job's log (stdout), now."""
    print(message, flush=True)  # noqa: T201 - SageMaker collects stdout as the job's log


def stop_requests() -> threading.Event:
    """Return an event that is set when SageMaker asks the job to stop (SIGTERM, 120 seconds before SIGKILL)."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


def end_on_request(reason: str) -> None:
    """Have SIGTERM end the job at once, as Stopped with this reason: for work that has nothing to keep half-way.

    A container's first process ignores the signal unless it says otherwise, and would be killed after 120 seconds.
    """

    def end(*_: object) -> None:
        raise Stopped(reason)

    signal.signal(signal.SIGTERM, end)
