"""Lambda of MiniStack: functions run as subprocesses of this process's Python."""

import logging

from ministack.core import lambda_runtime


def use_own_packages() -> None:
    """Say nothing of public layers: their packages are those of this virtual environment; the deploy report says it."""
    logging.getLogger("lambda").addFilter(lambda record: "is not held by MiniStack" not in record.getMessage())


def end_workers() -> None:
    """End the processes of all functions and remove their folders."""
    lambda_runtime.reset()
