"""``explain``: what every feature contributes to every score, as exact Shapley values of the trees."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from contract.job import log
from tabular.model import Model
from tabular.tables import Floats, read_examples, threads_for

if TYPE_CHECKING:
    from contract.paths import Paths

TOLERANCE = 1e-4  # largest accepted difference between a margin and the sum of its contributions
_UNITS = {"binary": "log-odds", "multiclass": "log-odds of each class", "regression": "the label's unit"}


class AdditivityError(RuntimeError):
    """The contributions do not add up to the prediction: the explanation would be false."""


@dataclass(frozen=True)
class Contributions:
    """Contributions in the unit of the margin: outputs by rows by features, and the expected value of each output."""

    values: npt.NDArray[np.float64]
    expected: npt.NDArray[np.float64]
    largest_error: float


def explain(paths: Paths, output: str = "explanations") -> None:
    """Read processing inputs model and test, write to an output analysis.json and explanations_shap/out.csv.

    A multiclass model has contributions to each class: label0 is the first one's, and so on.
    """
    model = Model.load(paths.processing_input("model"))
    names = model.encoding.features
    test = read_examples(paths.processing_input("test"), model.encoding)
    found = contributions(model, test.features)
    folder = paths.processing_output(output)
    local = folder / "explanations_shap" / "out.csv"
    local.parent.mkdir(exist_ok=True)
    labels = [f"label{number}" for number in range(found.values.shape[0])]
    with local.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([f"{name}_{label}" for label in labels for name in names])
        writer.writerows(np.concatenate(found.values, axis=1).tolist())
    means = np.abs(found.values).mean(axis=1).tolist()
    document = {
        "version": "1.0",
        "explanations": {
            "kernel_shap": {
                label: {"global_shap_values": dict(zip(names, mean, strict=True)), "expected_value": expected}
                for label, mean, expected in zip(labels, means, found.expected.tolist(), strict=True)
            }
        },
        "method": {
            "name": "tree_shap",
            "description": f"Exact TreeSHAP, path-dependent, in {_UNITS[model.encoding.objective]}.",
            "note": "Kept under Clarify's key kernel_shap, so that readers of its reports find it.",
            "agg_method": "mean_abs",
            "rows": test.labels.size,
            "largest_additivity_error": found.largest_error,
        },
        "labels": dict(zip(labels, model.encoding.classes if labels[1:] else [model.encoding.label], strict=True)),
    }
    (folder / "analysis.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    log(f"{test.labels.size} rows explained; contributions add up to the margin within {found.largest_error:.2e}")


def contributions(model: Model, features: Floats) -> Contributions:
    """Return what every feature contributes to every row.

    Raises AdditivityError when a row's contributions and the expected value miss its margin by more than TOLERANCE,
    or of large margins by more than that share of them.
    """
    threads = threads_for(features.size)
    model.booster.set_param({"nthread": threads})
    matrix = xgb.DMatrix(features, feature_names=list(model.encoding.features), nthread=threads)
    rows, width = features.shape
    table = np.asarray(model.booster.predict(matrix, pred_contribs=True), dtype=np.float64)
    table = table.reshape(rows, -1, width + 1).transpose(1, 0, 2)
    # A matrix of its own: a second predict on the same one would be answered from XGBoost's prediction cache.
    margins = model.booster.inplace_predict(features, predict_type="margin").astype(np.float64).reshape(rows, -1).T
    errors = np.abs(table.sum(axis=2) - margins) / np.maximum(1, np.abs(margins))
    largest = float(errors.max())
    if largest > TOLERANCE:
        output, row = np.unravel_index(int(errors.argmax()), errors.shape)
        raise AdditivityError(
            f"row {row + 1}: the contributions miss the margin {margins[output, row]:.6f} by {largest:.2e}"
        )
    return Contributions(table[:, :, :-1], table[:, 0, -1], largest)
