"""Runs side by side as one HTML page with no network: what changed, curves, confusion matrices, mistakes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from experiments.run import Point, Tag
from mdlc import systems
from mdlc.client.artifacts import SHOWN, Mistake, picture, read_mistakes
from mdlc.client.aws import Cloud
from mdlc.client.experiments import Change, Changes, Recorded, Runs
from mdlc.errors import CommandError
from mdlc.report import page, resources, svg
from mdlc.report.plots import curves
from mdlc.report.quality import Matrix, read_matrix

_SAME: Final = {"auc": "roc_auc", "true_positive_rate": "recall"}
"""Figures that Model Monitor's format has under a second name."""


@dataclass(frozen=True)
class Compared:
    """One run on the page."""

    recorded: Recorded
    matrix: Matrix | None
    mistakes: tuple[Mistake, ...]
    total_mistakes: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Everything that the page shows; `curves` holds the points of every run by metric."""

    system: str
    environment: str
    cloud: str
    runs: tuple[Compared, ...]
    changes: Changes
    curves: Mapping[str, tuple[tuple[Point, ...], ...]]


def read(cloud: Cloud, runs: Runs, found: Sequence[Recorded], changes: Changes) -> Comparison:
    """Fetch what the page needs beyond the runs themselves: histories from MLflow, evaluations from S3."""
    names = metric_names(found)
    histories = {
        name: tuple(
            tuple(runs.tracking.history(each.run.id, name)) if name in each.run.metrics else () for each in found
        )
        for name in names
    }
    classes = systems.find(runs.system).classes if runs.system in systems.SYSTEMS else {}
    longer = {name: lines for name, lines in histories.items() if any(len(line) > 1 for line in lines)}
    return Comparison(
        system=runs.system,
        environment=runs.environment,
        cloud=resources.describe(cloud),
        runs=tuple(_compare(cloud, each, classes) for each in found),
        changes=changes,
        curves=longer,
    )


def metric_names(runs: Sequence[Recorded]) -> list[str]:
    """Return the metrics that any of these runs has, in the order in which they first appear.

    One that repeats another under a second name, with the same value in every run, is left out.
    """
    names = dict.fromkeys(name for each in runs for name in each.run.metrics)
    return [name for name in names if not _repeats(runs, name)]


def _repeats(runs: Sequence[Recorded], name: str) -> bool:
    other = _SAME.get(name)
    return other is not None and all(each.run.metrics.get(name) == each.run.metrics.get(other) for each in runs)


def write(comparison: Comparison, file: Path) -> Path:
    """Write the page, whose folder is made; return its path."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(render(comparison), encoding="utf-8")
    return file


def render(comparison: Comparison) -> str:
    """Return the page; it refers to nothing outside itself."""
    found = [each.recorded for each in comparison.runs]
    return page.render(
        "comparison.html.jinja",
        comparison=comparison,
        Tag=Tag,
        colours=[svg.run_style(number) for number in range(len(found))],
        defaulted=any(any(change.defaults) for change in comparison.changes.parameters),
        figures=[(name, _figures(found, name)) for name in metric_names(found)],
        curves=[
            (name, curves(name, [[(point.step, point.value) for point in line] for line in lines]))
            for name, lines in comparison.curves.items()
        ],
    )


def texts_of(change: Change) -> list[str]:
    """Return a parameter's value in every run: `300 (default)` where it was not given, `default` where none tells."""
    return [
        (f"{value} (default)" if value is not None else "default") if default else str(value)
        for value, default in zip(change.values, change.defaults, strict=True)
    ]


def _figures(runs: Sequence[Recorded], name: str) -> list[dict[str, Any]]:
    """Return a metric of every run, and how far it is from the first run's."""
    first = runs[0].run.metrics.get(name)
    row: list[dict[str, Any]] = []
    for each in runs:
        value = each.run.metrics.get(name)
        apart = None if value is None or first is None or each is runs[0] else value - first
        row.append({"value": value, "apart": apart})
    return row


def _compare(cloud: Cloud, recorded: Recorded, classes: Mapping[str, str]) -> Compared:
    evaluation = recorded.tag(Tag.EVALUATION)
    if not evaluation:
        return Compared(recorded, None, (), 0)
    folder = evaluation.rpartition("/")[0]
    try:
        report: Mapping[str, Any] = cloud.read_json(evaluation)
    except CommandError:  # deleted since
        return Compared(recorded, None, (), 0)
    listed = read_mistakes(cloud, folder) or []
    shown = tuple(picture(cloud, folder, each) for each in listed[:SHOWN])
    matrix = read_matrix(report)
    return Compared(recorded, matrix.with_names(classes) if matrix else None, shown, len(listed))
