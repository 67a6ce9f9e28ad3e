"""The image's entry point: ``python -m knn <command>``; SageMaker itself runs ``train`` and ``serve``."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from contract.errors import InputError
from contract.job import run_job
from contract.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract.serving.messages import Predictor

# The commands' modules are imported when they are asked for: a server must not load numpy before its workers fork.


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints reach SageMaker like every other failure of the job."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"wrong arguments: {message}")


def _parser() -> _Parser:
    parser = _Parser(prog="python -m knn", description="Nearest neighbours on SageMaker.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("train", help="training job: channels train and test to an index")
    commands.add_parser("serve", help="endpoint: /ping and /invocations")
    prepare = commands.add_parser("prepare", help="processing job: one table to a train and a test set")
    prepare.add_argument("--seed", type=int, default=0)
    prepare.add_argument("--test-fraction", type=float, default=0.25)
    commands.add_parser("evaluate", help="processing job: quality of a model on the test set")
    return parser


def _run(paths: Paths, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "train":
            from knn.train import train  # noqa: PLC0415 - see the top of the file

            train(paths)
        case "prepare":
            from knn.prepare import prepare  # noqa: PLC0415 - see the top of the file

            prepare(paths, arguments.seed, arguments.test_fraction)
        case _:
            from knn.evaluate import evaluate  # noqa: PLC0415 - see the top of the file

            evaluate(paths)


def _serve(paths: Paths) -> int:
    from contract.serving.server import run_server  # noqa: PLC0415 - see the top of the file
    from contract.serving.settings import Settings  # noqa: PLC0415 - see the top of the file

    def load() -> Predictor:
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process per CPU: threads would only fight
        from knn.predictor import KnnPredictor  # noqa: PLC0415 - after the fork

        return KnnPredictor.load(paths.model)

    try:
        settings = Settings.from_environment()
    except InputError as error:
        print(str(error), file=sys.stderr)  # noqa: T201 - the log
        return 1
    return run_server(load, settings)


def main(argv: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    paths = Paths.from_environment()
    if argv[:1] == ["serve"]:
        return _serve(paths)
    report = paths.training_failure if argv[:1] == ["train"] else paths.processing_message
    return run_job(lambda: _run(paths, _parser().parse_args(argv)), report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
