"""The report of a few runs as one HTML page with no network, and its figures as summary.json."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mdlc.client.aws import Cloud
from mdlc.client.steps import Run
from mdlc.report import origin, page, plots
from mdlc.report.origin import Origin
from mdlc.report.quality import Quality, read_cells, read_matrix, read_quality
from mdlc.report.render import draw_precision_recall
from mdlc.systems import System


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """Everything that the page shows: the runs, and of the best one what made it and how good it is."""

    system: System
    summary: Mapping[str, Any]
    runs: Sequence[Run]
    origin: Origin
    evaluation: Mapping[str, Any]

    @property
    def quality(self) -> Quality | None:
        """How good the best run is."""
        return read_quality(self.evaluation)


def read(cloud: Cloud, system: System, summary: Mapping[str, Any], runs: Sequence[Run]) -> Scripted:
    """Fetch what the page needs of the best run beyond the runs themselves."""
    best = next(run for run in runs if run.arn == summary["result"]["best"]["execution"])
    return Scripted(
        system=system,
        summary=summary,
        runs=runs,
        origin=origin.of_run(cloud, best, summary["environment"]),
        evaluation=cloud.read_json(summary["result"]["best"]["evaluation"]),
    )


def write(cloud: Cloud, system: System, summary: Mapping[str, Any], runs: Sequence[Run], folder: Path) -> Path:
    """Write report.html and summary.json to `folder`, which is made; return the page's path."""
    return page.write(render(read(cloud, system, summary, runs)), summary, folder)


def render(shown: Scripted) -> str:
    """Return the page; it refers to nothing outside itself."""
    quality, matrix = shown.quality, read_matrix(shown.evaluation)
    return page.render(
        "scripted.html.jinja",
        system=shown.system,
        summary=shown.summary,
        best=shown.summary["result"]["best"],
        runs=shown.runs,
        origin=shown.origin,
        quality=quality,
        matrix=matrix.named(shown.system.classes) if matrix else None,
        cells=read_cells(shown.evaluation),
        precision_recall=draw_precision_recall(quality) if quality else "",
        roc=plots.roc(quality.false_positive_rates, quality.true_positive_rates, quality.rates) if quality else "",
    )
