"""The image's entry point: ``python -m vision <command>``; SageMaker itself runs ``train`` and ``serve``."""

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
    from vision.augmentation import Augmentation

# The commands' modules are imported when they are asked for: a server must not load JAX before its workers fork.


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints reach SageMaker like every other failure of the job."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"wrong arguments: {message}")


def _parser() -> _Parser:
    parser = _Parser(prog="python -m vision", description="Classification of pictures on SageMaker.")
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
        from vision.train import train  # noqa: PLC0415 - see the top of the file

        train(paths, argv[1:], augmentation)
        return
    arguments = _parser().parse_args(argv)
    if arguments.command == "prepare":
        from vision.prepare import Split, prepare  # noqa: PLC0415 - see the top of the file

        prepare(paths, Split(arguments.seed, arguments.val_fraction, arguments.test_fraction))
    else:
        from vision.evaluate import evaluate  # noqa: PLC0415 - see the top of the file

        evaluate(paths)


def _serve(paths: Paths) -> int:
    from contract.serving.server import run_server  # noqa: PLC0415 - see the top of the file
    from contract.serving.settings import Settings  # noqa: PLC0415 - see the top of the file

    def load() -> Predictor:
        # a process per CPU: threads would only fight
        os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
        from vision.predictor import VisionPredictor  # noqa: PLC0415 - after the fork

        return VisionPredictor.load(paths.model)

    try:
        settings = Settings.from_environment()
    except InputError as error:
        print(str(error), file=sys.stderr)  # noqa: T201 - the log
        return 1
    return run_server(load, settings)


def main(argv: Sequence[str], augmentation: Augmentation | None = None) -> int:
    """Run one command and return the exit code; `augmentation` is what `train` changes pictures by."""
    paths = Paths.from_environment()
    if argv[:1] == ["serve"]:
        return _serve(paths)
    report = paths.training_failure if argv[:1] == ["train"] else paths.processing_message
    return run_job(lambda: _run(paths, argv, augmentation), report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
