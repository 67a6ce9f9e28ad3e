"""The report on a pipeline execution as one HTML page with no network, and its figures as summary.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from mdlc.report import flow, page, plots, text
from mdlc.report.bias import read_bias
from mdlc.report.data import Report, Resource
from mdlc.report.quality import MULTICLASS, Quality, read_cells, read_matrix, read_quality

ATTRIBUTIONS_SHOWN: Final = 12


@dataclass(frozen=True)
class Tile:
    """One figure at the top."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Answer:
    """What a prediction says, in words: the decision, and how it came about."""

    decision: str
    reason: str


@dataclass(frozen=True)
class Group:
    """Resources of one type that met the same fate."""

    stack: str
    type: str
    names: tuple[str, ...]
    reason: str


def write(report: Report, folder: Path) -> Path:
    """Write report.html and summary.json to `folder`, which is made; return the page's path."""
    return page.write(render(report), report.summary(), folder)


def render(report: Report) -> str:
    """Return the page; it refers to nothing outside itself."""
    steps = {step.name: step for step in report.execution.steps}
    evaluation = report.evaluation or {}
    quality = read_quality(evaluation)
    matrix = read_matrix(evaluation) if quality or MULTICLASS in evaluation else None
    shap = attributions(report.explanations) if report.explanations else []
    return page.render(
        "report.html.jinja",
        report=report,
        made_at=text.moment(report.made_at),
        tiles=_tiles(report, quality),
        run_graph=flow.run_graph(report.graph, steps),
        timeline=flow.timeline(report.execution.steps),
        quality=quality,
        roc=plots.roc(quality.false_positive_rates, quality.true_positive_rates, quality.rates) if quality else "",
        precision_recall=draw_precision_recall(quality) if quality else "",
        matrix=matrix.named(report.system.classes) if matrix else None,
        cells=read_cells(evaluation),
        metrics=list(report.metrics.items()),
        attributions=_attribution_note(report.explanations, shap),
        attribution_bars=plots.bars(shap[:ATTRIBUTIONS_SHOWN], "Largest feature attributions"),
        bias=read_bias(report.bias) if report.bias else None,
        answer=read_answer(report, quality),
        request_json=json.dumps(report.prediction.request, indent=2) if report.prediction else "",
        response_json=json.dumps(report.prediction.response, indent=2) if report.prediction else "",
        engines=_engines(report.engines),
        counts=report.resource_counts,
        grouped={status: _group(report.resources, status) for status in ("refused", "recorded", "created")},
    )


def draw_precision_recall(quality: Quality) -> str:
    """Draw precision over recall, with the point where the model decides."""
    chosen = None if quality.precision is None else (quality.rates[1], quality.precision)
    return plots.precision_recall(quality.curve.recalls, quality.curve.precisions, quality.share, chosen)


def attributions(explanations: Mapping[str, Any]) -> list[tuple[str, float]]:
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


def read_answer(report: Report, quality: Quality | None) -> Answer | None:
    """Return what the first prediction says, in the names of the classes; None where nothing was asked."""
    if report.prediction is None:
        return None
    first: Mapping[str, Any] = report.prediction.response["predictions"][0]
    if "score" not in first:
        return Answer(_class(report, first["predicted_label"]), "")
    score = float(first["score"])
    if quality is None:
        decided = _class(report, first["predicted_label"]) if "predicted_label" in first else f"score {score:.4f}"
        return Answer(decided, f"Score {score:.4f}." if "predicted_label" in first else "")
    reached = score >= quality.threshold
    reason = f"Score {score:.4f} {'reaches' if reached else 'is below'} the threshold {quality.threshold:.4g}"
    reason += f": {quality.rule}." if quality.rule else "."
    if quality.share < 0.5 and quality.threshold < 0.5:  # noqa: PLR2004 - one half, where many expect it
        reason += f" It lies below 0.5 since only {quality.share:.1%} of the test rows are positive."
    return Answer(_class(report, first.get("predicted_label", int(reached))), reason)


def _class(report: Report, label: object) -> str:
    """Return a label with its name: `virginica (2)`."""
    shown = text.label(label)
    name = report.system.classes.get(shown)
    return f"{name} ({shown})" if name else shown


def _tiles(report: Report, quality: Quality | None) -> list[Tile]:
    tiles: list[Tile] = []
    gate = report.parameters.get(report.system.gate_parameter)
    if quality:
        tiles.append(Tile("area under the ROC", f"{quality.area:.3f}", f"gate {gate}" if gate else "of the test set"))
        tiles.append(Tile("average precision", f"{quality.curve.average:.3f}", f"{quality.share:.1%} are positive"))
        tiles += [Tile(name, f"{report.metrics[name]:.3f}", "at the threshold") for name in ("precision", "recall")]
    else:
        decides = report.system.metric
        shown = dict.fromkeys(name for name in (decides, "accuracy", "rmse") if name in report.metrics)
        tiles += [
            Tile(
                text.metric(name), text.figure(report.metrics[name]), f"gate {gate}" if gate and name == decides else ""
            )
            for name in shown
        ]
    if report.over_http:
        tiles.append(
            Tile("over HTTP", f"{report.over_http['accuracy']:.4f}", f"of {report.over_http['rows']} test rows")
        )
    if report.model:
        rollout = report.model.rollout.state
        tiles.append(Tile("model version", str(report.model.version), f"{report.model.approval}, {rollout}"))
    if answer := read_answer(report, quality):
        tiles.append(Tile("prediction", answer.decision, "of one record over HTTP"))
    if report.prediction and report.run_seconds is not None:
        tiles.append(Tile("data to prediction", text.seconds(report.run_seconds), "publish, train, roll out, predict"))
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
