"""The entry point of every image: runs the job that a command names, or serves the model.

An image is its jobs and its predictor. Both are imported when they are asked for: a server must load no numeric library
before its workers are forked (see contract.serving.server), nor what only jobs need.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from contract.errors import InputError
from contract.job import run_job
from contract.paths import Paths
from contract.serving.server import run_server
from contract.serving.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from contract.serving.messages import Predictor


class Parser(argparse.ArgumentParser):
    """A parser whose complaints reach SageMaker like every other failure of the job."""

    def error(self, message: str) -> NoReturn:
        """Raise InputError."""
        raise InputError(f"wrong arguments: {message}")


def run_program(
    argv: Sequence[str],
    run: Callable[[Paths, Sequence[str]], None],
    load: Callable[[Path], Predictor],
    environment: Mapping[str, str],
) -> int:
    """Serve if the command is ``serve``, else run its job; returns the exit code.

    ``run`` is given the arguments; ``load`` reads the model directory in each serving process, which has these
    variables in its environment unless they are set already.
    """
    paths = Paths.from_environment()
    if argv[:1] == ["serve"]:
        return serve(lambda: load(paths.model), environment)
    report = paths.training_failure if argv[:1] == ["train"] else paths.processing_message
    return run_job(lambda: run(paths, argv), report)


def serve(load: Callable[[], Predictor], environment: Mapping[str, str]) -> int:
    """Serve until SIGTERM; returns the exit code."""
    try:
        settings = Settings.from_environment()
    except InputError as error:
        print(str(error), file=sys.stderr)  # noqa: T201 - the log
        return 1

    def load_with_environment() -> Predictor:
        for name, value in environment.items():
            os.environ.setdefault(name, value)
        return load()

    return run_server(load_with_environment, settings)
