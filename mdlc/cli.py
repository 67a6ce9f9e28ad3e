"""mdlc: publish data, run pipelines, approve models and ask them, on AWS or on the local cloud of this folder."""

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Final

import typer
from botocore.exceptions import BotoCoreError, ClientError

from experiments.tracking import TrackingError
from localcloud.console import LocalCloudError, past_proxies
from mdlc.client.aws import sentence
from mdlc.errors import CommandError, InputError, MdlcError
from mdlc.output import plain, short

INTERRUPTED: Final = 130
LONGEST: Final = 480
"""Characters of a sentence: what it is about may be as long as it likes."""
SAID: Final = 200

GROUPS: Final = (
    "local",
    "new",
    "data",
    "pipeline",
    "model",
    "steps",
    "features",
    "runs",
    "labels",
    "manifest",
    "reviews",
    "templates",
    "workteam",
)
COMPLETED: Final = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Variables with the line that a shell wants completed."""
COMMANDS: Final = ("predict", "report", "demo", "cost", "quotas", "doctor", "logs", "notices", "redrive")


def application(given: Sequence[str]) -> typer.Typer:
    """Return the command line with the command that is `given`, or with all of them where none is.

    What the others import would take longer than most commands do.
    """
    app = typer.Typer(
        name="mdlc",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(help=__doc__)(_options)  # with it, a single command keeps its name
    asked = next((argument for argument in given if not argument.startswith("-")), "")
    for name in [asked] if asked in (*GROUPS, *COMMANDS) else (*GROUPS, *COMMANDS):
        module = import_module(f"mdlc.commands.{name}")
        if name in GROUPS:
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def _version(*, asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - which no other command should wait for

        typer.echo(f"mdlc {version('mdlc')}")
        raise typer.Exit


def _options(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", callback=lambda asked: _version(asked=asked), is_eager=True, help="Print it.")
    ] = False,
) -> None:
    del show_version


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code is 0, 1 when the work failed, 2 when it was asked for wrongly.

    A failure is one sentence on standard error, and with --json also `{"error": …}` on standard output. That of a
    fault in mdlc itself names the file that has its traceback.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    typed = given or next((os.environ[name].split()[1:] for name in COMPLETED if name in os.environ), [])
    os.environ.update(past_proxies())
    try:
        code = application(typed)(given, prog_name="mdlc", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last one who could make a sentence of it
        message, code = _explain(error)
        if message:
            _fail(message, as_json="--json" in given)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> tuple[str, int]:
    """Return a sentence and an exit code; the sentence is empty when help was printed instead."""
    match error:
        case typer.TyperException():
            return str(error.format_message() if hasattr(error, "format_message") else error), InputError.exit_code
        case MdlcError():
            return str(error), error.exit_code
        case LocalCloudError() | TrackingError():
            return _capitalize(str(error)), CommandError.exit_code
        case ClientError() | BotoCoreError():
            return sentence(error), CommandError.exit_code
        case OSError(strerror=str(reason)):
            return f"{error.filename}: {reason}" if error.filename else reason, CommandError.exit_code
        case _:
            return _fault(error), CommandError.exit_code


def _capitalize(text: str) -> str:
    """Return what the local cloud or the experiments say as a sentence like all others."""
    begun = text[:1].upper() + text[1:]
    return begun if begun.endswith((".", "?", "!")) else f"{begun}."


def _fault(error: Exception) -> str:
    """Write the traceback of a fault in mdlc to a file, and return a sentence that names it."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="mdlc-", suffix=".log", delete=False) as file:
        traceback.print_exception(error, file=file)
    said = " ".join(str(error).split())[:SAID] or "no reason given"
    return f"This is a fault in mdlc, {type(error).__name__}: {said}. All of it is in {file.name}."


def _fail(message: str, *, as_json: bool) -> None:
    line = plain(short(" ".join(message.split())))
    line = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    print(f"mdlc: {line}", file=sys.stderr)  # noqa: T201 - plain text, whatever the terminal
    if as_json:
        print(json.dumps({"error": line}))  # noqa: T201
