"""The report of the runs as one HTML page with no network, and its figures as summary.json."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mdlc import report
from mdlc.client.vision_runs import Artifacts
from mdlc.report.render import Multiclass, read_multiclass
from mdlc.report.svg import curves, seconds

_HERE: Final = Path(__file__).parent
_STYLE: Final = Path(report.__file__).parent / "style.css"
PARTS: Final = ("train", "val")
_FIGURES: Final = {"loss": "Loss", "accuracy": "Accuracy"}


def write(summary: Mapping[str, Any], runs: Sequence[Artifacts], folder: Path) -> Path:
    """Write report.html and summary.json to `folder`, which is made; return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "report.html"
    page.write_text(render(summary, runs), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return page


def render(summary: Mapping[str, Any], runs: Sequence[Artifacts]) -> str:
    """Return the page; it refers to nothing outside itself."""
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    environment.filters["seconds"] = seconds
    best = next(found for found in runs if found.run.arn == summary["result"]["best"]["execution"])
    style = Markup(_STYLE.read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return environment.get_template("images.html.jinja").render(
        summary=summary,
        runs=runs,
        best=best,
        matrix=_matrix(best),
        plots=[(title, _plot(best, name, title)) for name, title in _FIGURES.items()],
        parts=PARTS,
        style=style,
    )


def _plot(found: Artifacts, figure: str, title: str) -> Markup:
    series = (found.series(f"{part}_{figure}") for part in PARTS)
    return curves(f"{title} by epoch", [list(enumerate(values, start=1)) for values in series])


def _matrix(found: Artifacts) -> Multiclass:
    return read_multiclass(found.evaluation)
