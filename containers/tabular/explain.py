"""``explain``: what every feature contributes to every score, as exact Shapley values of the trees."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from contract.job import log
from tabular.model import Model
from tabular.tables import Floats, read_examples, threads_for

if TYPE_CHECKING:
    from contract.paths import Paths

TOLERANCE = 1e-4  # largest accepted difference, in log-odds, between a margin and the sum of its contributions


class AdditivityError(RuntimeError):
    """The contributions do not add up to the prediction: the explanation would be false."""


def explain(paths: Paths) -> None:
    """Read processing inputs model and test, write output explanations: analysis.json and explanations_shap/out.csv."""
    model = Model.load(paths.processing_input("model"))
    test = read_examples(paths.processing_input("test"), model.encoding.features)
    values, expected, largest = contributions(model, test.features)
    output = paths.processing_output("explanations")
    local = output / "explanations_shap" / "out.csv"
    local.parent.mkdir(exist_ok=True)
    with local.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([f"{name}_label0" for name in model.encoding.features])
        writer.writerows(values.tolist())
    mean_abs = np.abs(values).mean(axis=0)
    document = {
        "version": "1.0",
        "explanations": {
            "kernel_shap": {
                "label0": {
                    "global_shap_values": dict(zip(model.encoding.features, mean_abs.tolist(), strict=True)),
                    "expected_value": expected,
                }
            }
        },
        "method": {
            "name": "tree_shap",
            "description": "Exact TreeSHAP, path-dependent, in log-odds; kept under Clarify's key kernel_shap so that"
            " readers of its reports find it. It uses no baseline row.",
            "agg_method": "mean_abs",
            "rows": int(values.shape[0]),
            "largest_additivity_error": largest,
        },
    }
    (output / "analysis.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    log(f"{values.shape[0]} rows explained; contributions add up to the margin within {largest:.2e}")


def contributions(model: Model, features: Floats) -> tuple[npt.NDArray[np.float64], float, float]:
    """Return contributions (rows by features, log-odds), the expected value, and the largest additivity error.

    Raises AdditivityError when a row's contributions and the expected value miss its margin by more than TOLERANCE.
    """
    threads = threads_for(features.size)
    model.booster.set_param({"nthread": threads})
    matrix = xgb.DMatrix(features, feature_names=list(model.encoding.features), nthread=threads)
    table = np.asarray(model.booster.predict(matrix, pred_contribs=True), dtype=np.float64)
    # A matrix of its own: a second predict on the same one would be answered from XGBoost's prediction cache.
    margins = model.booster.inplace_predict(features, predict_type="margin").astype(np.float64)
    errors = np.abs(table.sum(axis=1) - margins)
    largest = float(errors.max())
    if largest > TOLERANCE:
        row = int(errors.argmax())
        raise AdditivityError(f"row {row + 1}: the contributions miss the margin {margins[row]:.6f} by {largest:.2e}")
    return table[:, :-1], float(table[0, -1]), largest
