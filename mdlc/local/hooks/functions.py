"""Lambda of MiniStack: functions run as subprocesses of this process's Python."""

from ministack.core import lambda_runtime


def end_workers() -> None:
    """End the processes of all functions and remove their folders."""
    lambda_runtime.reset()
