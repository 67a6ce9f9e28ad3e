"""Shapley values: additive, equal to the shap library's, and refused when they are not true."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xgboost as xgb

from tabular import explain as module
from tabular.encoding import Encoding, number
from tabular.explain import AdditivityError, contributions
from tabular.model import Decision, Model
from tabular.tables import Examples, read_examples

if TYPE_CHECKING:
    from contract.paths import Paths


@pytest.fixture(scope="module")
def model(finished: Paths) -> Model:
    return Model.load(finished.model)


@pytest.fixture(scope="module")
def test_set(finished: Paths, model: Model) -> Examples:
    return read_examples(finished.processing_input("test"), model.encoding)


def test_contributions_add_up_to_the_margin(model: Model, test_set: Examples) -> None:
    found = contributions(model, test_set.features)
    (values,), (expected,) = found.values, found.expected
    scores = model.scores(test_set.features)
    margins = np.log(scores / (1 - scores))
    assert values.shape == (500, 48)
    np.testing.assert_allclose(values.sum(axis=1) + expected, margins, atol=1e-4)
    assert found.largest_error <= 1e-4


def test_they_equal_the_shap_librarys(model: Model, test_set: Examples) -> None:
    import shap  # noqa: PLC0415 - slow to import, and asked here alone

    explainer = shap.TreeExplainer(model.booster, feature_perturbation="tree_path_dependent")
    found = contributions(model, test_set.features[:50])
    (values,), (expected,) = found.values, found.expected
    np.testing.assert_allclose(values, explainer.shap_values(test_set.features[:50]), atol=1e-4)
    assert expected == pytest.approx(float(np.ravel(explainer.expected_value)[0]), abs=1e-4)


def test_a_stump_is_explained_by_hand() -> None:
    features = np.array([[0.0], [0.0], [0.0], [1.0]], dtype=np.float32)
    labels = np.array([0, 0, 1, 1])
    booster = xgb.train(
        {
            "objective": "binary:logistic",
            "base_score": 0.5,
            "eta": 1,
            "max_depth": 1,
            "reg_lambda": 0,
            "min_child_weight": 0,
        },
        xgb.DMatrix(features, labels, feature_names=["x"]),
        num_boost_round=1,
    )
    # Gradients p - y at p = 0.5, hessians 1/4. Left: (0.5 + 0.5 - 0.5) / 0.75 = 2/3, so -2/3; right: 0.5 / 0.25 = 2.
    # The mean over the training rows is (3 * -2/3 + 2) / 4 = 0: each leaf's value is its feature's contribution.
    model = Model.of(booster, Encoding("y", (number("x"),), frozenset()), Decision(0.5, ""))
    found = contributions(model, np.array([[0.0], [1.0]], dtype=np.float32))
    (values,), (expected,) = found.values, found.expected
    assert expected == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(values[:, 0], [-2 / 3, 2], atol=1e-6)


def test_the_report_has_clarifys_form_and_the_methods_name(finished: Paths, model: Model) -> None:
    folder = finished.processing_output("explanations")
    document = json.loads((folder / "analysis.json").read_text())
    label = document["explanations"]["kernel_shap"]["label0"]
    with (folder / "explanations_shap/out.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == [f"{name}_label0" for name in model.encoding.features]
    local = np.array(rows, dtype=float)
    assert label["global_shap_values"] == pytest.approx(
        dict(zip(model.encoding.features, np.abs(local).mean(axis=0).tolist(), strict=True))
    )
    assert document["method"]["name"] == "tree_shap"
    assert document["method"]["rows"] == 500


def test_contributions_that_miss_the_margin_are_refused(
    model: Model, test_set: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOLERANCE", -1.0)
    with pytest.raises(AdditivityError, match=r"row \d+: the contributions miss the margin -?\d"):
        contributions(model, test_set.features)
