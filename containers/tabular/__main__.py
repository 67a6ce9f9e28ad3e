"""The image's entry point: ``python -m tabular <command>``; SageMaker itself runs ``train`` and ``serve``."""

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
    parser = Parser(prog="python -m tabular", description="Classification of tables, and regression, on SageMaker.")
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
    explain = commands.add_parser("explain", help="processing job: Shapley values of a model on the test set")
    explain.add_argument("--output", default="explanations", help="processing output to write (default explanations)")
    return parser


def _run(paths: Paths, argv: Sequence[str]) -> None:
    arguments = _parser().parse_args(argv)
    match arguments.command:
        case "train":
            from tabular.train import train  # noqa: PLC0415 - see contract.program

            train(paths)
        case "prepare":
            from tabular.prepare import Split, prepare  # noqa: PLC0415 - see contract.program

            split = Split(arguments.seed, arguments.test_fraction, arguments.validation_fraction)
            prepare(paths, arguments.recipe, split)
        case "evaluate":
            from tabular.evaluate import evaluate  # noqa: PLC0415 - see contract.program

            evaluate(paths)
        case "bias":
            from tabular.bias import Facet, Outcome, bias  # noqa: PLC0415 - see contract.program

            facet = Facet(arguments.facet, arguments.facet_value) if arguments.facet else None
            bias(paths, facet, Outcome(arguments.label or "", arguments.label_value))
        case _:
            from tabular.explain import explain  # noqa: PLC0415 - see contract.program

            explain(paths, arguments.output)


def _load(folder: Path) -> Predictor:
    from tabular.predictor import TabularPredictor  # noqa: PLC0415 - see contract.program

    return TabularPredictor.load(folder)


def main(argv: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    return run_program(argv, _run, _load, {"OMP_NUM_THREADS": "1"})  # a process per CPU: threads would only fight


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
