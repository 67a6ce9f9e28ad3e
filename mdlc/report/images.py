"""The report of the runs as one HTML page with no network, and its figures as summary.json."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from mdlc.client.aws import Cloud
from mdlc.client.vision_runs import Artifacts
from mdlc.report import origin, page
from mdlc.report.origin import Origin
from mdlc.report.plots import curves
from mdlc.report.quality import read_matrix

PARTS: Final = ("train", "val")
_FIGURES: Final = {"loss": "Loss", "accuracy": "Accuracy"}


@dataclass(frozen=True, kw_only=True)
class Images:
    """Everything that the page shows: the runs, and what made the best one."""

    summary: Mapping[str, Any]
    runs: Sequence[Artifacts]
    origin: Origin

    @property
    def best(self) -> Artifacts:
        """The best run."""
        return next(found for found in self.runs if found.run.arn == self.summary["result"]["best"]["execution"])

    @property
    def versions(self) -> dict[str, str]:
        """Version of the model that each run registered, by the run's ARN; runs that registered none are not there."""
        registered = {
            found.run.arn: str(found.run.result.get("Registration", {}).get("ModelPackageArn", ""))
            for found in self.runs
        }
        return {run: package.rpartition("/")[2] for run, package in registered.items() if package}


def write(cloud: Cloud, summary: Mapping[str, Any], runs: Sequence[Artifacts], folder: Path) -> Path:
    """Write report.html and summary.json to `folder`, which is made; return the page's path."""
    best = next(found.run for found in runs if found.run.arn == summary["result"]["best"]["execution"])
    made = origin.of_run(cloud, best, summary["environment"])
    return page.write(render(Images(summary=summary, runs=runs, origin=made)), summary, folder)


def render(images: Images) -> str:
    """Return the page; it refers to nothing outside itself."""
    return page.render(
        "images.html.jinja",
        summary=images.summary,
        chosen=images.summary["result"]["best"],
        runs=images.runs,
        best=images.best,
        origin=images.origin,
        versions=images.versions,
        matrix=read_matrix(images.best.evaluation),
        plots=[(title, _plot(images.best, name, title)) for name, title in _FIGURES.items()],
        parts_of_data=PARTS,
    )


def _plot(found: Artifacts, figure: str, title: str) -> Markup:
    series = (found.series(f"{part}_{figure}") for part in PARTS)
    return curves(f"{title} by epoch", [list(enumerate(values, start=1)) for values in series], axis="epoch")
