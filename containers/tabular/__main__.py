"""The image's entry point: ``python -m tabular <command>``; SageMaker itself runs ``train`` and ``serve``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

from contract.errors import InputError
from contract.job import run_job
from contract.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# The commands' modules are imported when they are asked for: a server must not load what only jobs need.


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints reach SageMaker like every other failure of the job."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"wrong arguments: {message}")


def _parser() -> _Parser:
    parser = _Parser(prog="python -m tabular", description="Classification of tables, and regression, on SageMaker.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("train", help="training job: channels train, validation and features to a model")
    commands.add_parser("serve", help="endpoint: /ping and /invocations")
    prepare = commands.add_parser("prepare", help="processing job: raw tables to train, validation and test sets")
    prepare.add_argument("--recipe", help="name of a built-in recipe, for example fraud (default: data/recipe.toml)")
    prepare.add_argument("--seed", type=int, default=42)
    prepare.add_argument("--test-fraction", type=float, default=0.1)
    prepare.add_argument("--validation-fraction", type=float, default=0.1)
    commands.add_parser("evaluate", help="processing job: quality of a model on the test set")
    bias = commands.add_parser("bias", help="processing job: bias of labels and predictions against a group")
    bias.add_argument("--facet", help="feature that marks the group (default: the recipe's [bias])")
    bias.add_argument("--facet-value", type=float, default=1.0, help="value of the facet in the group (default 1)")
    bias.add_argument("--label", help="name of the label, for example fraud (default: the model's)")
    bias.add_argument("--label-value", type=int, choices=(0, 1), default=0, help="the favourable outcome (default 0)")
    commands.add_parser("explain", help="processing job: Shapley values of a model on the test set")
    return parser


def _work(paths: Paths, arguments: argparse.Namespace) -> Callable[[], None]:
    """Return the job of a command; the two services of the image (train, serve) are in main."""
    match arguments.command:
        case "prepare":
            from tabular.prepare import Split, prepare  # noqa: PLC0415 - see the top of the file

            split = Split(arguments.seed, arguments.test_fraction, arguments.validation_fraction)
            return lambda: prepare(paths, arguments.recipe, split)
        case "evaluate":
            from tabular.evaluate import evaluate  # noqa: PLC0415 - see the top of the file

            return lambda: evaluate(paths)
        case "bias":
            from tabular.bias import Facet, Outcome, bias  # noqa: PLC0415 - see the top of the file

            facet = Facet(arguments.facet, arguments.facet_value) if arguments.facet else None
            outcome = Outcome(arguments.label or "", arguments.label_value)
            return lambda: bias(paths, facet, outcome)
        case "explain":
            from tabular.explain import explain  # noqa: PLC0415 - see the top of the file

            return lambda: explain(paths)
        case "train":
            from tabular.train import train  # noqa: PLC0415 - see the top of the file

            return lambda: train(paths)
        case other:
            raise InputError(f"unknown command {other}")


def main(argv: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    paths = Paths.from_environment()
    if argv[:1] == ["serve"]:
        from tabular.serve import serve  # noqa: PLC0415 - see the top of the file

        return serve(paths)

    def work() -> None:
        _work(paths, _parser().parse_args(argv))()

    return run_job(work, paths.training_failure if argv[:1] == ["train"] else paths.processing_message)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
