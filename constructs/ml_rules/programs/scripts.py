"""Rules of what scripts do: builds, starts of notebooks, functions inside of a template, machines' first boot."""

import base64
import re
from binascii import Error
from collections.abc import Iterator
from functools import cache
from typing import Final

from ml_rules.decided import FOLDER, leaves, read_rows
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates

Found = Iterator[tuple[Resource, str]]

_SCRIPTS: Final = re.compile(
    r"(^|\.)(BuildSpec|ZipFile|UserData|Content|StudioLifecycleConfigContent|Command|ContainerEntrypoint|ContainerArguments"
    r"|NotebookInstanceLifecycleConfigContent|DefinitionString)$"
)
"""Properties that hold what runs."""
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/=\s]{40,}")


@cache
def _commands() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["commands"]), row["why"]) for row in read_rows(FOLDER / "commands.csv"))


@rule
def command_judged(templates: Templates) -> Found:
    """A script does nothing that gives a secret, a right or a check away, `decisions/commands.csv`."""
    for resource in templates.resources:
        for path, value in leaves(resource.properties):
            if not isinstance(value, str) or not _SCRIPTS.search(path):
                continue
            for pattern, why in _commands():
                if match := pattern.search(_plain(value)):
                    yield resource, f"{path} does `{' '.join(match[0].split())[:80]}`: {why}."


def _plain(text: str) -> str:
    """Return a script, also one that is encoded by Base64."""
    if _ENCODED.fullmatch(text):
        try:
            return base64.b64decode(text).decode("utf-8", "replace")
        except (Error, ValueError):
            return text
    return text


RULES: Final = (command_judged,)
