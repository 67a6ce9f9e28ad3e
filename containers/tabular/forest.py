"""The trees of a model, evaluated in Python: for a few rows many times faster than a call into XGBoost.

One call of XGBoost's inplace_predict costs some 200 microseconds before the first tree is looked at; a step down a
tree costs about 50 nanoseconds here. ``Forest`` therefore answers small requests itself and hands large ones on.
"""

from __future__ import annotations

import json
import math
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from contract.errors import InputError
from tabular.objectives import GOALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xgboost as xgb

Split: TypeAlias = "tuple[int, float, Node, Node, Node]"  # feature, threshold, below it, not below it, missing
Node: TypeAlias = "Split | float"  # a float is a leaf

STEPS_LIMIT = 3000  # steps down the trees that take about as long as one call into XGBoost


class NotFiniteError(ValueError):
    """A row, counted from 1, has a number that no 32-bit float can hold."""

    def __init__(self, row: int) -> None:
        super().__init__(f"Row {row} has a number that is too large for a 32-bit float.")


@dataclass(frozen=True)
class Ensemble:
    """The trees that add up to one margin, and what they start from."""

    trees: tuple[Node, ...]
    base: float

    def margin(self, row: Sequence[float]) -> float:
        """Return the margin of a row without missing values."""
        margin = self.base
        for tree in self.trees:
            node = tree
            while not isinstance(node, float):
                node = node[2] if row[node[0]] < node[1] else node[3]
            margin += node
        return margin

    def margin_with_missing(self, row: Sequence[float]) -> float:
        """Return the margin of a row with NaN in it: each split sends those where training found it better."""
        margin = self.base
        for tree in self.trees:
            node = tree
            while not isinstance(node, float):
                value = row[node[0]]
                node = node[4] if math.isnan(value) else node[2] if value < node[1] else node[3]
            margin += node
        return margin


@dataclass(frozen=True)
class Forest:
    """A model of any of the objectives: one ensemble, or of a multiclass model one per class; NaN is missing."""

    booster: xgb.Booster
    ensembles: tuple[Ensemble, ...]
    is_logistic: bool
    rows_limit: int

    @classmethod
    def of(cls, booster: xgb.Booster) -> Forest:
        """Read the trees of a booster; InputError when it is not made of plain numeric splits."""
        booster.set_param({"nthread": 1})  # the server has a process per CPU
        learner = json.loads(booster.save_raw("json"))["learner"]
        objective = learner["objective"]["name"]
        known = [goal.name for goal in GOALS.values()]
        if objective not in known:
            raise InputError(f"the model's objective is {objective}, not one of {', '.join(known)}")
        is_logistic = objective == GOALS["binary"].name
        model = learner["gradient_booster"]["model"]
        trees = [_node(tree, 0) for tree in model["trees"]]
        outputs = max(1, int(learner["learner_model_param"]["num_class"]))
        bases = _bases(learner["learner_model_param"]["base_score"], outputs, is_logistic=is_logistic)
        ensembles = tuple(
            Ensemble(tuple(tree for tree, own in zip(trees, model["tree_info"], strict=True) if own == output), base)
            for output, base in enumerate(bases)
        )
        steps = sum(_depth(tree) for tree in trees)
        return cls(booster, ensembles, is_logistic, STEPS_LIMIT // max(steps, 1))

    def scores(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return the probability of label 1, or the number, for every row of a model with one output.

        NotFiniteError for a number outside 32-bit floats.
        """
        if len(rows) > self.rows_limit:
            scores: list[float] = self._many(rows).tolist()
            return scores
        (ensemble,) = self.ensembles
        margins = [
            ensemble.margin(row) if is_whole else ensemble.margin_with_missing(row) for row, is_whole in _narrow(rows)
        ]
        return [_logistic(margin) for margin in margins] if self.is_logistic else margins

    def probabilities(self, rows: Sequence[Sequence[float]]) -> list[list[float]]:
        """Return the probability of each class for every row of a multiclass model; NotFiniteError as above."""
        if len(rows) > self.rows_limit:
            table: list[list[float]] = self._many(rows).tolist()
            return table
        return [
            _softmax([each.margin(row) if is_whole else each.margin_with_missing(row) for each in self.ensembles])
            for row, is_whole in _narrow(rows)
        ]

    def _many(self, rows: Sequence[Sequence[float]]) -> Any:  # noqa: ANN401 - XGBoost has no types
        with np.errstate(over="ignore"):
            table = np.array(rows, dtype=np.float32)
        endless = np.isinf(table).any(axis=1)
        if endless.any():
            raise NotFiniteError(int(endless.argmax()) + 1)
        return self.booster.inplace_predict(table)


def _narrow(rows: Sequence[Sequence[float]]) -> list[tuple[list[float], bool]]:
    """Return rows as the 32-bit floats that XGBoost compares, and whether nothing is missing in each."""
    narrow = []
    for number, row in enumerate(rows, start=1):
        values = array("f", row).tolist()
        is_whole = math.isfinite(sum(values))
        if not is_whole and any(map(math.isinf, values)):
            raise NotFiniteError(number)
        narrow.append((values, is_whole))
    return narrow


def _logistic(margin: float) -> float:
    return 1 / (1 + math.exp(-margin)) if margin > -700 else 0.0  # noqa: PLR2004 - where exp would overflow


def _softmax(margins: Sequence[float]) -> list[float]:
    largest = max(margins)
    powers = [math.exp(margin - largest) for margin in margins]
    total = sum(powers)
    return [power / total for power in powers]


def _bases(text: str, outputs: int, *, is_logistic: bool) -> list[float]:
    """Return the margin that each output starts from; the model has a probability, or numbers in brackets."""
    numbers = [float(number) for number in text.strip("[]").split(",")]
    bases = numbers if len(numbers) == outputs else numbers * outputs
    return [math.log(base / (1 - base)) for base in bases] if is_logistic else bases


def _node(tree: dict[str, list[float]], index: int) -> Node:
    left = int(tree["left_children"][index])
    if left == -1:
        return float(np.float32(tree["split_conditions"][index]))
    if tree["split_type"][index] != 0:
        raise InputError("the model has categorical splits: its features must all be numbers")
    threshold = float(np.float32(tree["split_conditions"][index]))
    below, above = _node(tree, left), _node(tree, int(tree["right_children"][index]))
    return int(tree["split_indices"][index]), threshold, below, above, below if tree["default_left"][index] else above


def _depth(node: Node) -> int:
    return 1 + max(_depth(node[2]), _depth(node[3])) if isinstance(node, tuple) else 0
