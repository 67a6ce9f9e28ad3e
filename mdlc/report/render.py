"""The report as one HTML page with no network, and its figures as summary.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mdlc.report import svg
from mdlc.report.data import Report, Resource

ATTRIBUTIONS_SHOWN: Final = 12
_HERE: Final = Path(__file__).parent
_PARTS: Final = (
    ("pre_training_bias_metrics", "In the labels, before training"),
    ("post_training_bias_metrics", "In the predictions"),
)


@dataclass(frozen=True)
class Tile:
    """One figure at the top."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Cell:
    """One count of the confusion matrix, and its share of the actual class."""

    count: int
    share: float
    right: bool


@dataclass(frozen=True)
class Quality:
    """What the evaluation says of the model on the test set."""

    area: float
    deviation: float | None
    rows: int
    positives: int
    threshold: float
    rule: str
    matrix: tuple[tuple[Cell, ...], ...]
    chosen: tuple[float, float]
    """False and true positive rate at the threshold."""


@dataclass(frozen=True)
class Multiclass:
    """What the evaluation says of a classifier of several classes."""

    classes: tuple[str, ...]
    rows: int
    matrix: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Group:
    """Resources of one type that met the same fate."""

    stack: str
    type: str
    names: tuple[str, ...]
    reason: str


def write(report: Report, folder: Path) -> Path:
    """Write report.html and summary.json to `folder`, which is made; return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "report.html"
    page.write_text(render(report), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(report.summary(), indent=2) + "\n", encoding="utf-8")
    return page


def render(report: Report) -> str:
    """Return the page; it refers to nothing outside itself."""
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    environment.filters["seconds"] = svg.seconds
    environment.filters["status_class"] = svg.status_class
    steps = {step.name: step for step in report.execution.steps}
    evaluation = report.evaluation or {}
    quality = read_quality(evaluation) if "binary_classification_metrics" in evaluation else None
    curve = _curve(evaluation) if quality else ([], [])
    several = "multiclass_classification_metrics" in evaluation
    shap = _attributions(report.explanations) if report.explanations else []
    return environment.get_template(
        "report.html.jinja"
    ).render(
        report=report,
        style=Markup((_HERE / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        tiles=_tiles(report, quality),
        run_graph=svg.run_graph(report.graph, steps),
        timeline=svg.timeline(report.execution.steps),
        quality=quality,
        roc=svg.roc(*curve, quality.chosen) if quality else "",
        multiclass=read_multiclass(evaluation) if several else None,
        metrics=list(report.metrics.items()),
        attributions=_attribution_note(report.explanations, shap),
        attribution_bars=svg.bars(shap[:ATTRIBUTIONS_SHOWN], "Largest feature attributions"),
        bias=read_bias(report.bias) if report.bias else None,
        request_json=json.dumps(report.prediction.request, indent=2) if report.prediction else "",
        response_json=json.dumps(report.prediction.response, indent=2) if report.prediction else "",
        engines=_engines(report.engines),
        counts=report.resource_counts,
        grouped={status: _group(report.resources, status) for status in ("refused", "recorded")},
        created=_group(report.resources, "created"),
    )


def read_quality(evaluation: Mapping[str, Any]) -> Quality:
    """Read a model-quality report of a binary classifier."""
    binary = evaluation["binary_classification_metrics"]
    counts = [[int(binary["confusion_matrix"][actual][predicted]) for predicted in "01"] for actual in "01"]
    matrix = tuple(
        tuple(Cell(count, count / (sum(row) or 1), right=actual == predicted) for predicted, count in enumerate(row))
        for actual, row in enumerate(counts)
    )
    area = evaluation["classification_metrics"]["roc_auc"]
    deviation = area.get("standard_deviation")
    decision = evaluation.get("decision", {})
    return Quality(
        area=float(area["value"]),
        deviation=float(deviation) if isinstance(deviation, int | float) else None,
        rows=sum(map(sum, counts)),
        positives=sum(counts[1]),
        threshold=float(decision.get("threshold", 0.5)),
        rule=str(decision.get("rule", "")),
        matrix=matrix,
        chosen=(matrix[0][1].share, matrix[1][1].share),
    )


def read_multiclass(evaluation: Mapping[str, Any]) -> Multiclass:
    """Read a model-quality report of a classifier of several classes."""
    counts = evaluation["multiclass_classification_metrics"]["confusion_matrix"]
    matrix = tuple(
        tuple(Cell(int(count), count / (sum(row.values()) or 1), right=actual == name) for name, count in row.items())
        for actual, row in counts.items()
    )
    return Multiclass(tuple(counts), sum(cell.count for row in matrix for cell in row), matrix)


def _curve(evaluation: Mapping[str, Any]) -> tuple[Sequence[float], Sequence[float]]:
    curve = evaluation["binary_classification_metrics"]["receiver_operating_characteristic_curve"]
    return curve["false_positive_rates"], curve["true_positive_rates"]


def _attributions(explanations: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return features by falling mean absolute contribution."""
    label = next(iter(explanations["explanations"]["kernel_shap"].values()))
    values: Mapping[str, float] = label["global_shap_values"]
    return sorted(values.items(), key=lambda item: (-abs(item[1]), item[0]))


def _attribution_note(explanations: Mapping[str, Any] | None, shap: Sequence[object]) -> dict[str, object] | None:
    if not explanations or not shap:
        return None
    method = explanations.get("method", {})
    return {
        "shown": min(ATTRIBUTIONS_SHOWN, len(shap)),
        "total": len(shap),
        "method": str(method.get("description", "")) if isinstance(method, dict) else "",
    }


def read_bias(analysis: Mapping[str, Any]) -> dict[str, Any]:
    """Read a bias analysis in Clarify's format, of one facet."""
    parts: list[dict[str, Any]] = []
    facet, value, label, label_value = "", "", "", ""
    for key, title in _PARTS:
        if section := analysis.get(key):
            facet, groups = next(iter(section["facets"].items()))
            value, label, label_value = (
                groups[0]["value_or_threshold"],
                section["label"],
                section["label_value_or_threshold"],
            )
            metrics = [{**metric, "value": _number(metric.get("value"))} for metric in groups[0]["metrics"]]
            parts.append({"title": title, "metrics": metrics})
    decision = analysis.get("decision", {})
    return {
        "facet": facet,
        "value": value,
        "label": label,
        "label_value": label_value,
        "parts": parts,
        "threshold": decision.get("probability_threshold"),
        "rule": decision.get("rule", ""),
        "vacuous": bool(decision.get("vacuous", False)),
    }


def _number(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else "undefined"


def _tiles(report: Report, quality: Quality | None) -> list[Tile]:
    tiles: list[Tile] = []
    if quality:
        gate = report.parameters.get(report.system.gate_parameter)
        tiles.append(Tile("test AUC", f"{quality.area:.3f}", f"gate {gate}" if gate else "of the test set"))
        tiles += [Tile(name, f"{report.metrics[name]:.3f}", "at the threshold") for name in ("precision", "recall")]
    elif "accuracy" in report.metrics:
        gate = report.parameters.get(report.system.gate_parameter)
        tiles.append(Tile("accuracy", f"{report.metrics['accuracy']:.4f}", f"gate {gate}" if gate else ""))
    if report.over_http:
        tiles.append(
            Tile("over HTTP", f"{report.over_http['accuracy']:.4f}", f"of {report.over_http['rows']} test rows")
        )
    if report.model:
        rollout = report.model.rollout.state
        tiles.append(Tile("model version", str(report.model.version), f"{report.model.approval}, {rollout}"))
    if report.prediction:
        first = report.prediction.response["predictions"][0]
        shown = f"{first['score']:.4f}" if "score" in first else f"{first['predicted_label']:g}"
        what = "score" if "score" in first else "label"
        tiles.append(Tile("prediction", shown, f"{what} of one record over HTTP"))
    counts = report.resource_counts
    if report.resources:
        note = f"{counts['recorded']} recorded, {counts['refused']} refused"
        tiles.append(Tile("resources created", str(counts["created"]), note))
    if report.prediction and report.run_seconds is not None:
        tiles.append(Tile("data to prediction", svg.seconds(report.run_seconds), "publish, train, roll out, predict"))
    return tiles


def _engines(engines: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    return [
        (engine, [step for step, _ in pairs])
        for engine, pairs in groupby(sorted(engines.items(), key=lambda pair: (pair[1], pair[0])), lambda pair: pair[1])
    ]


def _group(resources: Sequence[Resource], status: str) -> list[Group]:
    """Return the resources of one fate; those created by stack, the others by type, since the reason is the type's."""

    def key(resource: Resource) -> tuple[str, str, str]:
        return (resource.stack if status == "created" else "", resource.type, resource.reason)

    chosen = sorted((resource for resource in resources if resource.status == status), key=key)
    return [
        Group(stack, kind, tuple(resource.logical_id for resource in group), reason)
        for (stack, kind, reason), group in groupby(chosen, key)
    ]
