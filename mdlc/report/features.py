"""The demo's report as one HTML page with no network, and its figures as summary.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mdlc import report
from mdlc.report import svg

_STYLE: Final = Path(report.__file__).parent / "style.css"


def write(summary: Mapping[str, Any], folder: Path) -> Path:
    """Write report.html and summary.json to `folder`; return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["seconds"] = svg.seconds
    style = Markup(_STYLE.read_text(encoding="utf-8"))  # noqa: S704 - our own file
    page = folder / "report.html"
    page.write_text(
        environment.get_template("features.html.jinja").render(summary=summary, style=style), encoding="utf-8"
    )
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return page
