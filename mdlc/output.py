"""Output of commands: one result on standard output, as text or JSON, and everything else on standard error."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import RenderableType

LONGEST_WORD = 280
SHOWN = 80
JsonObject = Mapping[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Output:
    """Where one command writes to."""

    as_json: bool

    @property
    def _stdout(self) -> Console:
        return Console(soft_wrap=True, highlight=False, markup=False, emoji=False)

    @property
    def _stderr(self) -> Console:
        return Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)

    def result(self, value: JsonObject, text: "RenderableType") -> None:
        """Print the command's result: `value` with --json, else `text`."""
        if self.as_json:
            print(json.dumps(value, indent=2, allow_nan=False))  # noqa: T201 - never wrapped or styled
        else:
            self._stdout.print(plain(text) if isinstance(text, str) else text)

    def note(self, text: str) -> None:
        """Say something that is not the result; on standard error, so that a pipe reads the result alone."""
        self._stderr.print(plain(short(text)))

    @contextmanager
    def progress(self, what: str) -> Iterator[Say]:
        """Show that work goes on, and since when; the yielded function changes what is shown."""
        console = self._stderr
        if not console.is_terminal:
            console.print(plain(f"{what} …"))
            yield lambda _: None
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(what)
            yield lambda text: progress.update(task, description=text)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Return a plain table of text."""
    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(plain(cell) for cell in row))
    return drawn


def spell(value: object, *, indent: int | None = None) -> str:
    """Return JSON for people: letters of any language stand as they are."""
    return json.dumps(value, indent=indent, ensure_ascii=False)


def short(text: str) -> str:
    """Return a sentence whose words can be read: of one that is longer than any name or path, the beginning."""
    return re.sub(rf"\S{{{LONGEST_WORD},}}", lambda found: f"{found[0][:SHOWN]}…", text)


def plain(text: str) -> str:
    """Return a text without what a terminal would obey: control characters but ends of lines and tabs are shown as �.

    Much of what is shown was written by others, such as the description of a model.
    """
    return "".join(each if each in "\n\t" or unicodedata.category(each) != "Cc" else "�" for each in text)
