"""mdlc: publish data, run pipelines, approve models and ask them, on AWS or on the local cloud of this folder."""

import json
import os
import sys
from collections.abc import Sequence

import typer
from botocore.exceptions import BotoCoreError, ClientError

from experiments.tracking import TrackingError
from mdlc.aws import sentence
from mdlc.commands import cost, data, demo, features, local, model, pipeline, predict, report, runs, steps
from mdlc.errors import CommandError, InputError
from mdlc.local.cdk import CdkError
from mdlc.local.lifecycle import LocalCloudError, past_proxies

INTERRUPTED = 130

app = typer.Typer(
    name="mdlc",
    help=__doc__,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(local.app, name="local")
app.add_typer(data.app, name="data")
app.add_typer(pipeline.app, name="pipeline")
app.add_typer(model.app, name="model")
app.add_typer(steps.app, name="steps")
app.add_typer(features.app, name="features")
app.add_typer(runs.app, name="runs")
app.command("predict")(predict.predict)
app.command("report")(report.report)
app.command("demo")(demo.demo)
app.command("cost")(cost.cost)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code is 0, 1 when the work failed, 2 when it was asked for wrongly.

    A failure is one sentence on standard error, and with --json also `{"error": …}` on standard output.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.update(past_proxies())
    try:
        code = app(given, prog_name="mdlc", standalone_mode=False)
    except typer.Abort:
        return INTERRUPTED
    except (
        typer.TyperException,
        CommandError,
        LocalCloudError,
        CdkError,
        TrackingError,
        ClientError,
        BotoCoreError,
        OSError,
    ) as error:
        message, code = _explain(error)
        if message:
            _fail(message, as_json="--json" in given)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> tuple[str, int]:
    """Return a sentence and an exit code; the sentence is empty when help was printed instead."""
    match error:
        case typer.TyperException():
            return str(error.format_message() if hasattr(error, "format_message") else error), InputError.exit_code
        case CommandError():
            return str(error), error.exit_code
        case ClientError() | BotoCoreError():
            return sentence(error), CommandError.exit_code
        case OSError(strerror=str(reason)):
            return f"{error.filename}: {reason}" if error.filename else reason, CommandError.exit_code
        case _:
            return str(error), CommandError.exit_code


def _fail(message: str, *, as_json: bool) -> None:
    line = " ".join(message.split())
    print(f"mdlc: {line}", file=sys.stderr)  # noqa: T201 - plain text, whatever the terminal
    if as_json:
        print(json.dumps({"error": line}))  # noqa: T201
