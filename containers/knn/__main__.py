"""The image's entry point: ``python -m knn <command>``; SageMaker itself runs ``train`` and ``serve``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from contract.program import Parser, run_program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from contract.paths import Paths
    from contract.serving.messages import Predictor

# The modules of the commands are imported when they are asked for: see contract.program.


def _parser() -> Parser:
    parser = Parser(prog="python -m knn", description="Nearest neighbours on SageMaker.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("train", help="training job: channels train and test to an index")
    commands.add_parser("serve", help="endpoint: /ping and /invocations")
    prepare = commands.add_parser("prepare", help="processing job: one table to a train and a test set")
    prepare.add_argument("--seed", type=int, default=0)
    prepare.add_argument("--test-fraction", type=float, default=0.25)
    commands.add_parser("evaluate", help="processing job: quality of a model on the test set")
    return parser


def _run(paths: Paths, argv: Sequence[str]) -> None:
    arguments = _parser().parse_args(argv)
    match arguments.command:
        case "train":
            from knn.train import train  # noqa: PLC0415 - see contract.program

            train(paths)
        case "prepare":
            from knn.prepare import prepare  # noqa: PLC0415 - see contract.program

            prepare(paths, arguments.seed, arguments.test_fraction)
        case _:
            from knn.evaluate import evaluate  # noqa: PLC0415 - see contract.program

            evaluate(paths)


def _load(folder: Path) -> Predictor:
    from knn.predictor import KnnPredictor  # noqa: PLC0415 - see contract.program

    return KnnPredictor.load(folder)


def main(argv: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    return run_program(argv, _run, _load, {"OMP_NUM_THREADS": "1"})  # a process per CPU: threads would only fight


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
