"""The report of a few runs as one HTML page with no network, and its figures as summary.json."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mdlc import report
from mdlc.client.steps import Run
from mdlc.report.svg import seconds

_HERE: Final = Path(__file__).parent
_STYLE: Final = Path(report.__file__).parent / "style.css"


def write(summary: Mapping[str, Any], runs: Sequence[Run], folder: Path) -> Path:
    """Write report.html and summary.json to `folder`, which is made; return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "report.html"
    page.write_text(render(summary, runs), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return page


def render(summary: Mapping[str, Any], runs: Sequence[Run]) -> str:
    """Return the page; it refers to nothing outside itself."""
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    environment.filters["seconds"] = seconds
    style = Markup(_STYLE.read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return environment.get_template("census.html.jinja").render(summary=summary, runs=runs, style=style)
