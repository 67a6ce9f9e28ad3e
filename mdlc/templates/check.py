"""Render worker templates in the portal's own frame, in Chromium, and judge what each does there."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mdlc.errors import CommandError
from mdlc.templates.server import TemplateServer, serving
from mdlc.templates.template import Template

LONGEST: Final = 20.0
"""Seconds without a result after which the browser is taken for dead."""
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class TemplateResult:
    """What became of a template: whether it is clean, or else the sentence that says why; notes are no fault."""

    name: str
    clean: bool
    why: str
    notes: Sequence[str]


def check(templates: Sequence[Template], said: Callable[[str], None] = lambda _: None) -> list[TemplateResult]:
    """Render templates, and return what became of each, in their order."""
    results: dict[str, TemplateResult] = {}
    news = threading.Event()

    def hear(path: str, result: Any) -> None:  # noqa: ANN401 - JSON
        if path == "/results":
            results[result["name"]] = judge(result)
            said(f"{len(results)} of {len(templates)} templates")
        news.set()

    with serving(TemplateServer("try/check.html", templates, hear)) as server, browser(server.address):
        while len(results) < len(templates):
            news.clear()
            if not news.wait(LONGEST):
                raise CommandError(
                    f"Chromium said nothing for {LONGEST:.0f} seconds, after {len(results)} of {len(templates)}:"
                    " run the command again."
                )
    return [results[each.name] for each in templates]


def judge(heard: Mapping[str, Any]) -> TemplateResult:
    """Judge a template by what its frame has said."""
    blocked = {each["what"]: each["directive"] for each in heard["blocked"]}
    scripts = [what for what, directive in blocked.items() if directive.startswith("script")]
    notes = [f"{what} is not loaded: a template has no network." for what in blocked]
    why = ""
    if heard["refused"]:
        why = heard["refused"][0]
    elif heard["error"]:
        why = heard["error"][0]
        if scripts:
            why = f"{why.rstrip('.')}: it needs {' and '.join(scripts)}, and a template has no network."
    elif not heard["ready"]:
        why = "Its elements never came: does it name crowd-html-elements.js?"
    notes += [f"{uri} is not among the data." for uri in heard["lacking"]]
    return TemplateResult(heard["name"], not why, why, notes)


@contextmanager
def browser(address: str) -> Iterator[None]:
    """Open an address in a Chromium without a window, and end it with the block."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        raise CommandError(
            "Templates are rendered in Chromium, which is not installed here: install the package chromium."
        )
    with tempfile.TemporaryDirectory(prefix="mdlc-chromium-", ignore_cleanup_errors=True) as folder:
        command = [
            *(
                found,
                "--headless",
                "--disable-gpu",
                "--no-first-run",
                f"--user-data-dir={folder}",
                "--window-size=1400,900",
            ),
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # its own sandbox cannot start as root
            address,
        ]
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603
            try:
                yield
            finally:
                process.terminate()
                process.wait(10)
