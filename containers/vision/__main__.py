"""The image's entry point: ``python -m vision <command>``; SageMaker itself runs ``train`` and ``serve``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from contract.program import Parser, run_program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from contract.paths import Paths
    from contract.serving.messages import Predictor
    from vision.augmentation import Augmentation

# The modules of the commands are imported when they are asked for: see contract.program.


def _parser() -> Parser:
    parser = Parser(prog="python -m vision", description="Classification of pictures on SageMaker.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="training job: channels train and val to a model", add_help=False)
    train.add_argument("settings", nargs=argparse.REMAINDER, help="--batch-size, --epochs, --lr and so on")
    commands.add_parser("serve", help="endpoint: /ping and /invocations")
    prepare = commands.add_parser("prepare", help="processing job: a folder per class to train, val and test set")
    prepare.add_argument("--seed", type=int, default=42)
    prepare.add_argument("--val-fraction", type=float, default=0.2)
    prepare.add_argument("--test-fraction", type=float, default=0.3)
    commands.add_parser("evaluate", help="processing job: quality of a model on the test set")
    return parser


def _run(paths: Paths, argv: Sequence[str], augmentation: Augmentation | None) -> None:
    if argv[:1] == ["train"]:  # its arguments are the hyperparameters, which are checked as such
        from vision.train import train  # noqa: PLC0415 - see contract.program

        train(paths, argv[1:], augmentation)
        return
    arguments = _parser().parse_args(argv)
    if arguments.command == "prepare":
        from vision.prepare import Split, prepare  # noqa: PLC0415 - see contract.program

        prepare(paths, Split(arguments.seed, arguments.val_fraction, arguments.test_fraction))
    else:
        from vision.evaluate import evaluate  # noqa: PLC0415 - see contract.program

        evaluate(paths)


def _load(folder: Path) -> Predictor:
    from vision.predictor import VisionPredictor  # noqa: PLC0415 - see contract.program

    return VisionPredictor.load(folder)


def main(argv: Sequence[str], augmentation: Augmentation | None = None) -> int:
    """Run one command and return the exit code; `augmentation` is what `train` changes pictures by."""
    # a process per CPU: threads would only fight
    one_thread = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}
    return run_program(argv, lambda paths, arguments: _run(paths, arguments, augmentation), _load, one_thread)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
