"""Trees walked in Python say what XGBoost says."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost as xgb

from contract.errors import InputError
from tabular.forest import Forest, NotFiniteError

RANDOM = np.random.default_rng(3)
FEATURES = RANDOM.normal(size=(2000, 12)).astype(np.float32).round(2)  # rounded: rows lie on thresholds
LABELS = (FEATURES[:, 0] + FEATURES[:, 1] * FEATURES[:, 2] + RANDOM.normal(size=2000) > 0.3).astype(int)


def booster(rounds: int, depth: int, **parameters: object) -> xgb.Booster:
    settings = {"objective": "binary:logistic", "max_depth": depth, **parameters}
    return xgb.train(settings, xgb.DMatrix(FEATURES, LABELS), num_boost_round=rounds)


@pytest.mark.parametrize(
    "model", [booster(1, 1), booster(40, 6), booster(30, 2, eta=0.1, base_score=0.03), booster(5, 3, gamma=1e9)]
)
def test_a_score_equals_xgboosts(model: xgb.Booster) -> None:
    forest = Forest.of(model)
    own = [forest.scores([row])[0] for row in FEATURES[:500].tolist()]
    np.testing.assert_allclose(own, model.inplace_predict(FEATURES[:500]), atol=1e-6)


def test_many_rows_go_to_xgboost_with_the_same_result() -> None:
    model = booster(40, 6)
    forest = Forest.of(model)
    assert 1 < forest.rows_limit < 500
    few, many = forest.scores(FEATURES[: forest.rows_limit].tolist()), forest.scores(FEATURES[:500].tolist())
    np.testing.assert_allclose(few, many[: forest.rows_limit], atol=1e-6)


def test_numbers_are_compared_as_32_bit_floats() -> None:
    model = booster(20, 4)
    forest = Forest.of(model)
    nearly = FEATURES[:300].astype(np.float64) * (1 + 1e-9)  # the same 32-bit floats, not the same 64-bit ones
    own = [forest.scores([row])[0] for row in nearly.tolist()]
    np.testing.assert_allclose(own, model.inplace_predict(nearly.astype(np.float32)), atol=1e-6)


@pytest.mark.parametrize("rows", [2, 600])
@pytest.mark.parametrize("value", [1e39, -1e300, float("inf"), float("nan")])
def test_a_number_that_no_32_bit_float_holds_is_refused(rows: int, value: float) -> None:
    forest = Forest.of(booster(20, 4))
    table = FEATURES[:rows].tolist()
    table[1][3] = value
    with pytest.raises(NotFiniteError, match="Row 2 "):
        forest.scores(table)


def test_an_extreme_margin_is_a_probability() -> None:
    extreme = Forest(booster(1, 1), (-1000.0,), 0.0, 10)
    assert extreme.scores([[0.0]]) == [0.0]
    assert Forest(booster(1, 1), (1000.0,), 0.0, 10).scores([[0.0]]) == [1.0]


def test_another_objective_is_refused() -> None:
    with pytest.raises(InputError, match="objective is reg:squarederror, not binary:logistic"):
        Forest.of(booster(1, 1, objective="reg:squarederror"))
