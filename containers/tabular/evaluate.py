"""``evaluate``: quality on the test set, in the format of Model Monitor and the model registry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contract.job import log
from evaluation.classification import Confusion
from evaluation.ranking import Labels, Roc, Scores, require_two_classes, roc
from evaluation.sampling import resampled_deviation
from tabular.model import Model
from tabular.tables import read_examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract.paths import Paths


def evaluate(paths: Paths) -> None:
    """Read processing inputs model and test, write output evaluation/evaluation.json."""
    model = Model.load(paths.processing_input("model"))
    test = read_examples(paths.processing_input("test"), model.encoding.features)
    require_two_classes(test.labels, "test")
    report = quality(test.labels, model.scores(test.features), model.decision.threshold)
    report["decision"] = {"threshold": model.decision.threshold, "rule": model.decision.rule}
    target = paths.processing_output("evaluation") / "evaluation.json"
    target.write_text(json.dumps(report, indent=1), encoding="utf-8")
    log(f"roc_auc {roc(test.labels, model.scores(test.features)).area:.4f} on {test.labels.size} rows")


def quality(labels: Labels, scores: Scores, threshold: float) -> dict[str, object]:
    """Return the report: ``classification_metrics`` for the gate, ``binary_classification_metrics`` for the registry.

    Every metric is ``{"value", "standard_deviation"}``, the deviation "NaN" where it cannot be stated.
    """

    def metric(compute: Callable[[Labels, Scores], float]) -> dict[str, float | str]:
        deviation = resampled_deviation(labels, scores, compute)
        return {"value": compute(labels, scores), "standard_deviation": "NaN" if deviation is None else deviation}

    def decided(name: str) -> dict[str, float | str]:
        return metric(lambda y, s: float(getattr(Confusion.of(y, s >= threshold), name)))

    def complement(name: str) -> dict[str, float | str]:
        return metric(lambda y, s: 1 - float(getattr(Confusion.of(y, s >= threshold), name)))

    counts = Confusion.of(labels, scores >= threshold)
    curve = roc(labels, scores)
    area = metric(lambda y, s: roc(y, s).area)
    common = {name: decided(name) for name in ("accuracy", "precision", "recall", "f1")}
    return {
        "classification_metrics": {"roc_auc": area, **common},
        "binary_classification_metrics": {
            "confusion_matrix": {
                "0": {"0": counts.true_negatives, "1": counts.false_positives},
                "1": {"0": counts.false_negatives, "1": counts.true_positives},
            },
            **common,
            "true_positive_rate": decided("recall"),
            "true_negative_rate": complement("false_positive_rate"),
            "false_positive_rate": decided("false_positive_rate"),
            "false_negative_rate": complement("recall"),
            "auc": area,
            "receiver_operating_characteristic_curve": _curve(curve),
        },
        "dataset": {"item_count": int(labels.size), "positive_count": int((labels == 1).sum())},
    }


def _curve(curve: Roc) -> dict[str, list[float]]:
    return {
        "false_positive_rates": curve.false_positive_rates.tolist(),
        "true_positive_rates": curve.true_positive_rates.tolist(),
    }
