"""mdlc: publish data, run pipelines, approve models and ask them, on AWS or on the local cloud of this folder."""

import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import typer
from botocore.exceptions import BotoCoreError, ClientError

from experiments.tracking import TrackingError
from localcloud.cdk import CdkError
from localcloud.lifecycle import LocalCloudError, past_proxies
from mdlc.client.aws import sentence
from mdlc.errors import CommandError, InputError

INTERRUPTED = 130

GROUPS: Final = ("local", "new", "data", "pipeline", "model", "steps", "features", "runs")
COMMANDS: Final = ("predict", "report", "demo", "cost")


def application(given: Sequence[str]) -> typer.Typer:
    """Return the command line with the command that is `given`, or with all of them where none is.

    What the others import would take longer than most commands do.
    """
    app = typer.Typer(name="mdlc", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback(help=__doc__)(lambda: None)  # with it, a single command keeps its name
    asked = next((argument for argument in given if not argument.startswith("-")), "")
    for name in [asked] if asked in (*GROUPS, *COMMANDS) else (*GROUPS, *COMMANDS):
        module = import_module(f"mdlc.commands.{name}")
        if name in GROUPS:
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code is 0, 1 when the work failed, 2 when it was asked for wrongly.

    A failure is one sentence on standard error, and with --json also `{"error": …}` on standard output.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.update(past_proxies())
    try:
        code = application(given)(given, prog_name="mdlc", standalone_mode=False)
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
