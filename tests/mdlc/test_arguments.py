"""What holds of the arguments and options of every command, those of tomorrow too."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import typer
from typer.models import ArgumentInfo, OptionInfo

from mdlc.cli import application
from mdlc.errors import InputError

Command = Callable[..., None]
ELSEWHERE = {
    *("output", "out of labels consolidate", "rejected", "folder of data generate", "file of predict"),
    "manifest of reviews publish",
    *(f"out of manifest {command}" for command in ("make", "adjust", "merge", "split", "from-reviews")),
}
"""What a command writes to, and what may be - for standard input: a test of the command's own holds what it says."""


def commands(app: typer.Typer, before: str = "") -> Iterator[tuple[str, Command]]:
    for command in app.registered_commands:
        assert command.callback
        yield f"{before}{command.name or command.callback.__name__}", command.callback
    for group in app.registered_groups:
        assert group.typer_instance
        name = group.name if isinstance(group.name, str) else group.typer_instance.info.name
        yield from commands(group.typer_instance, f"{before}{name} ")


ALL = dict(commands(application([])))
OF_NO_CLOUD = sorted(name for name, command in ALL.items() if "environment" not in get_type_hints(command))


def parameters(of: type) -> Iterator[tuple[str, str, ArgumentInfo | OptionInfo]]:
    """Commands with those of their parameters that are of a type, or of a list of it, or may be."""
    for name, command in ALL.items():
        for parameter, annotated in get_type_hints(command, include_extras=True).items():
            kind, *more = get_args(annotated) or (annotated,)
            info = next((each for each in more if isinstance(each, ArgumentInfo | OptionInfo)), None)
            if info and (kind is of or of in get_args(kind)):
                yield name, parameter, info


def said(name: str, parameter: str, info: ArgumentInfo | OptionInfo) -> set[str]:
    """How a parameter may be called above; typer has what stands first in `typer.Option` as its default."""
    declared = [each.lstrip("-") for each in (info.default, *(info.param_decls or ())) if isinstance(each, str)]
    return {*(declared or [parameter]), f"{parameter} of {name}"}


def test_a_path_that_is_read_must_be_there() -> None:
    """Then it is wrong input, exit code 2, and what is wrong is said alike everywhere."""
    found = list(parameters(Path))
    assert len(found) > 10
    assert [
        (name, parameter)
        for name, parameter, info in found
        if not (info.exists or said(name, parameter, info) & ELSEWHERE)
    ] == []


def test_a_number_is_finite() -> None:
    found = list(parameters(float))
    assert len(found) > 5
    for name, parameter, info in found:
        assert info.callback, f"{name} takes any {parameter}"
        for number in (float("nan"), float("inf")):
            with pytest.raises(InputError, match=f"{number} is no amount"):
                info.callback(number)


def test_arguments_are_called_in_capitals_and_typer_adds_the_brackets() -> None:
    called = {
        f"{name} {parameter}": info.metavar or ""
        for kind in (str, Path, int)
        for name, parameter, info in parameters(kind)
        if isinstance(info, ArgumentInfo)
    }
    assert len(called) > 40
    assert {
        name: how for name, how in called.items() if not re.fullmatch(r"[A-Z]+(:[A-Z]+)?(\.\.\.)?(\|[A-Z]+)*", how)
    } == {}


def test_the_readme_says_which_options_every_command_takes() -> None:
    assert [name for name, command in ALL.items() if "as_json" not in get_type_hints(command)] == []
    assert {
        name.partition(" ")[0] if name.startswith(("labels", "local", "manifest", "new", "templates")) else name
        for name in OF_NO_CLOUD
    } == {
        "labels",
        "local",
        "manifest",
        "new",
        "templates",
        "cost",
        "data generate",
    }
    assert "manifest make" not in OF_NO_CLOUD
    readme = " ".join(Path("README.md").read_text(encoding="utf-8").split())
    assert (
        "Every command takes `--json`, all but `mdlc local`, `mdlc new`, `mdlc cost`, `mdlc labels check`,"
        " `consolidate` and `quality`, `mdlc manifest` (but `make`), `mdlc templates` and"
        " `mdlc data generate` take `--environment`"
    ) in readme
