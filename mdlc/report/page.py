"""A page of mdlc: its template over the look that all pages of the project share, one file that needs no network."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mdlc.report import flow, svg, text

LOOK: Final = Path(__file__).parents[2] / "web" / "pages"
"""Plain files that every page is made with: the style sheet, the base template, and the parts that several show."""
_HERE: Final = Path(__file__).parent


def render(template: str, /, **shown: object) -> str:
    """Return the page of a template of this folder, which extends `base.html.jinja`."""
    environment = Environment(loader=FileSystemLoader([_HERE, LOOK]), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {
        "seconds": text.seconds,
        "moment": text.moment,
        "figure": text.figure,
        "amount": text.amount,
        "json": text.pretty,
        "label": text.label,
        "metric": text.metric,
        "sentence": text.sentence,
        "status": text.status,
        "hyperparameters": text.hyperparameters,
        "status_class": flow.status_class,
        "run_style": svg.run_style,
    }
    return environment.get_template(template).render({"made_at": text.moment(datetime.now(UTC)), **shown})


def write(html: str, summary: Mapping[str, Any], folder: Path) -> Path:
    """Write report.html, and its figures as summary.json, to `folder`, which is made; return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "report.html"
    page.write_text(html, encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return page
