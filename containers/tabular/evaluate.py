"""``evaluate``: quality on the test set, in the format of Model Monitor and the model registry."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from contract.job import log
from evaluation import reports
from evaluation.classification import Confusion
from evaluation.ranking import Labels, PrecisionRecall, Roc, Scores, precision_recall, roc
from evaluation.sampling import resampled_deviation
from tabular.missing import count_missing
from tabular.model import Model
from tabular.objectives import GOALS, require_labels
from tabular.objectives import quality as figure
from tabular.tables import read_examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract.paths import Paths
    from tabular.tables import Examples


def evaluate(paths: Paths) -> None:
    """Read processing inputs model and test, write output evaluation/evaluation.json."""
    model = Model.load(paths.processing_input("model"))
    encoding = model.encoding
    test = read_examples(paths.processing_input("test"), encoding)
    if encoding.objective == "binary":
        require_labels(test.labels, encoding.classes, "test")
    scores = model.scores(test.features)
    report = _report(model, test, scores)
    report["decision"] = asdict(model.decision)
    report["label"] = {"name": encoding.label, "objective": encoding.objective, "classes": encoding.classes}
    report["missing_values"] = count_missing(encoding, test.features)
    target = paths.processing_output("evaluation") / "evaluation.json"
    target.write_text(json.dumps(report, indent=1), encoding="utf-8")
    name = "roc_auc" if encoding.objective == "binary" else GOALS[encoding.objective].metric
    log(f"{name} {figure(encoding.objective, test.labels, scores):.4f} on {test.labels.size} rows")


def _report(model: Model, test: Examples, scores: Scores) -> dict[str, object]:
    match model.encoding.objective:
        case "binary":
            return quality(test.labels, scores, model.decision.threshold)
        case "multiclass":
            report = reports.classification(test.labels, scores.argmax(axis=1), model.encoding.classes)
        case "regression":
            report = reports.regression(test.labels, scores) | {"pairs": reports.pairs(test.labels, scores)}
    return {**report, "dataset": {"item_count": int(test.labels.size)}}


def quality(labels: Labels, scores: Scores, threshold: float) -> dict[str, object]:
    """Return the report: ``classification_metrics`` for the gate, ``binary_classification_metrics`` for the registry.

    Every metric is ``{"value", "standard_deviation"}``, the deviation "NaN" where it cannot be stated.
    """

    def metric(compute: Callable[[Labels, Scores], float]) -> dict[str, float | str]:
        deviation = resampled_deviation(labels, scores, compute)
        return {"value": compute(labels, scores), "standard_deviation": "NaN" if deviation is None else deviation}

    def decision_metric(name: str) -> dict[str, float | str]:
        return metric(lambda y, s: float(getattr(Confusion.of(y, s >= threshold), name)))

    def complement(name: str) -> dict[str, float | str]:
        return metric(lambda y, s: 1 - float(getattr(Confusion.of(y, s >= threshold), name)))

    counts = Confusion.of(labels, scores >= threshold)
    ranking = precision_recall(labels, scores)
    area = metric(lambda y, s: roc(y, s).area)
    common = {name: decision_metric(name) for name in ("accuracy", "precision", "recall", "f1")}
    return {
        "classification_metrics": {"roc_auc": area, **common},
        "binary_classification_metrics": {
            "confusion_matrix": {
                "0": {"0": counts.true_negatives, "1": counts.false_positives},
                "1": {"0": counts.false_negatives, "1": counts.true_positives},
            },
            **common,
            "true_positive_rate": decision_metric("recall"),
            "true_negative_rate": complement("false_positive_rate"),
            "false_positive_rate": decision_metric("false_positive_rate"),
            "false_negative_rate": complement("recall"),
            "auc": area,
            "receiver_operating_characteristic_curve": _curve(roc(labels, scores)),
            "precision_recall_curve": _precision_recall_curve(ranking),
            "average_precision": metric(lambda y, s: precision_recall(y, s).average_precision),
        },
        "dataset": {"item_count": int(labels.size), "positive_count": int((labels == 1).sum())},
    }


def _curve(curve: Roc) -> dict[str, list[float]]:
    return {
        "false_positive_rates": curve.false_positive_rates.tolist(),
        "true_positive_rates": curve.true_positive_rates.tolist(),
    }


def _precision_recall_curve(curve: PrecisionRecall) -> dict[str, list[float]]:
    return {"precisions": curve.precisions.tolist(), "recalls": curve.recalls.tolist()}
