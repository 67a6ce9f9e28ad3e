"""Trees walked in Python say what XGBoost says."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import InputError
from tabular.forest import Forest, NotFiniteError
from tabular.trees import DEEPEST, Node, compile_margin

if TYPE_CHECKING:
    from collections.abc import Callable

RANDOM = np.random.default_rng(3)
FEATURES = RANDOM.normal(size=(2000, 12)).astype(np.float32).round(2)  # rounded: rows lie on thresholds
LABELS = (FEATURES[:, 0] + FEATURES[:, 1] * FEATURES[:, 2] + RANDOM.normal(size=2000) > 0.3).astype(int)


@functools.cache
def booster(rounds: int, depth: int, **parameters: object) -> xgb.Booster:
    return xgb.train(
        {"objective": "binary:logistic", "max_depth": depth, "nthread": 1, **parameters},
        xgb.DMatrix(FEATURES, LABELS),
        num_boost_round=rounds,
    )


def forest_of(model: xgb.Booster) -> Forest:
    return Forest.of(json.loads(model.save_raw("json")), lambda: model)


@pytest.mark.parametrize(
    "model", [booster(1, 1), booster(40, 6), booster(30, 2, eta=0.1, base_score=0.03), booster(5, 3, gamma=1e9)]
)
def test_a_score_equals_xgboosts(model: xgb.Booster) -> None:
    forest = forest_of(model)
    own = [forest.scores([row])[0] for row in FEATURES[:500].tolist()]
    np.testing.assert_allclose(own, model.inplace_predict(FEATURES[:500]), atol=1e-6)


def test_many_rows_go_to_xgboost_with_the_same_result() -> None:
    model = booster(40, 6)
    forest = forest_of(model)
    assert 1 < forest.rows_limit < 500
    few, many = forest.scores(FEATURES[: forest.rows_limit].tolist()), forest.scores(FEATURES[:500].tolist())
    np.testing.assert_allclose(few, many[: forest.rows_limit], atol=1e-6)


def test_numbers_are_compared_as_32_bit_floats() -> None:
    model = booster(20, 4)
    forest = forest_of(model)
    nearly = FEATURES[:300].astype(np.float64) * (1 + 1e-9)  # the same 32-bit floats, not the same 64-bit ones
    own = [forest.scores([row])[0] for row in nearly.tolist()]
    np.testing.assert_allclose(own, model.inplace_predict(nearly.astype(np.float32)), atol=1e-6)


@pytest.mark.parametrize("rows", [2, 600])
@pytest.mark.parametrize("value", [1e39, -1e300, float("inf"), float("-inf")])
def test_a_number_that_no_32_bit_float_holds_is_refused(rows: int, value: float) -> None:
    forest = forest_of(booster(20, 4))
    table = FEATURES[:rows].tolist()
    table[1][3] = value
    with pytest.raises(NotFiniteError, match="Row 2, column 4 "):
        forest.scores(table)


def test_an_extreme_margin_is_a_probability() -> None:
    for margin, probability in ((-1000.0, 0.0), (1000.0, 1.0)):
        extreme = Forest((lambda _, margin=margin: margin,), None, is_logistic=True, rows_limit=10, booster=booster)  # type: ignore[misc]
        assert extreme.scores([[0.0]]) == [probability]


def test_another_objective_is_refused() -> None:
    with pytest.raises(InputError, match="objective is reg:absoluteerror, not one of binary:logistic, multi:soft"):
        forest_of(booster(1, 1, objective="reg:absoluteerror"))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    objective=st.sampled_from(["binary:logistic", "multi:softprob", "reg:squarederror"]),
    rounds=st.integers(1, 12),
    depth=st.integers(1, 5),
    holes=st.floats(0, 0.6),
    seed=st.integers(0, 2**16),
)
def test_answers_equal_xgboosts_for_every_objective_and_with_missing_values(
    objective: str, rounds: int, depth: int, holes: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    features = random.normal(size=(300, 5)).astype(np.float32).round(1)
    labels = {
        "binary:logistic": np.arange(300) % 2,
        "multi:softprob": np.arange(300) % 4,
        "reg:squarederror": features[:, 0] * 100 + features[:, 1],
    }[objective]
    features[random.random(features.shape) < holes] = np.nan
    parameters = {"objective": objective, "max_depth": depth, "nthread": 1}
    if objective == "multi:softprob":
        parameters["num_class"] = 4
    model = xgb.train(parameters, xgb.DMatrix(features, labels), num_boost_round=rounds)
    forest = forest_of(model)
    answer = forest.probabilities if objective == "multi:softprob" else forest.scores
    few = [answer([row])[0] for row in features.tolist()]
    np.testing.assert_allclose(few, model.inplace_predict(features), atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(few, answer(features.tolist()), atol=1e-6, rtol=1e-5)


def test_a_missing_value_goes_where_training_sent_it_and_infinity_is_a_number() -> None:
    endless = float("inf")
    tree: Node = (1, 0.5, (0, endless, 1.0, 2.0, False), -endless, True)
    margin = compile_margin([tree, 10.0], 0.25, 2)
    assert margin([3.0, 0.4]) == margin([3.0, float("nan")]) == 11.25
    assert margin([float("nan"), 0.4]) == 12.25
    assert margin([3.0, 0.5]) == -endless


@pytest.mark.parametrize(("depth", "limit"), [(DEEPEST, 12_000 // DEEPEST), (DEEPEST + 1, 0)])
def test_trees_that_are_too_deep_for_code_are_left_to_xgboost(depth: int, limit: int) -> None:
    """A chain: each split has a leaf below it, and the next split above."""
    document = json.loads(booster(1, 1).save_raw("json"))
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    splits, count = range(depth), 2 * depth + 1
    chain = {
        "left_children": [each for split in splits for each in (2 * split + 1, -1)] + [-1],
        "right_children": [each for split in splits for each in (2 * split + 2, -1)] + [-1],
        "split_conditions": [each for split in splits for each in (split, split / 10)] + [9.0],
        "split_indices": [0] * count,
        "split_type": [0] * count,
        "default_left": [1] * count,
    }
    document["learner"]["objective"]["name"] = "reg:squarederror"
    document["learner"]["learner_model_param"]["base_score"] = "0"
    tree |= chain
    forest = Forest.of(document, lambda: booster(1, 1))
    assert forest.rows_limit == limit
    if limit:
        rows = [[value] + [0.0] * 11 for value in (float("nan"), -1.5, 0.5, 30.5, depth)]
        np.testing.assert_allclose(forest.scores(rows), [0, 0, 0.1, 3.1, 9], atol=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        lambda learner: learner.pop("objective"),
        lambda learner: learner["gradient_booster"]["model"]["trees"][0].update(left_children=[0] * 99),
        lambda learner: learner["gradient_booster"]["model"]["trees"][0].update(split_conditions=[]),
        lambda learner: learner["gradient_booster"].update(name="dart"),
        lambda learner: learner["gradient_booster"]["model"].update(tree_info=[]),
    ],
)
def test_trees_that_are_none_are_refused(change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(booster(1, 1).save_raw("json"))
    change(document["learner"])
    with pytest.raises(InputError, match=r"trees cannot be read|a dart, not a gbtree"):
        Forest.of(document, lambda: booster(1, 1))
