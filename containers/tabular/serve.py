"""``serve``: the model behind /invocations."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from contract.errors import InputError
from contract.serving.server import run_server
from contract.serving.settings import Settings

if TYPE_CHECKING:
    from contract.paths import Paths
    from contract.serving.messages import Predictor

# Nothing here may import numpy or xgboost before the workers are forked: see contract.serving.server.


def serve(paths: Paths) -> int:
    """Serve the model directory until SIGTERM; returns the exit code."""
    try:
        settings = Settings.from_environment()
    except InputError as error:
        print(str(error), file=sys.stderr)  # noqa: T201 - the log
        return 1
    return run_server(lambda: load_predictor(paths), settings)


def load_predictor(paths: Paths) -> Predictor:
    """Load the model into this process."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process per CPU: threads would only fight
    from tabular.predictor import TabularPredictor  # noqa: PLC0415 - see the top of the file

    return TabularPredictor.load(paths.model)
