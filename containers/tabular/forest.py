"""The trees of a model, walked in Python: for a few rows that is many times cheaper than a call into XGBoost.

One call of XGBoost's inplace_predict costs some 200 microseconds before the first tree is looked at; a step down a
tree costs about 50 nanoseconds here. ``Forest`` therefore answers small requests itself and hands large ones on.
"""

from __future__ import annotations

import json
import math
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xgboost as xgb

Split: TypeAlias = "tuple[int, float, Node, Node]"  # feature, threshold, below it, not below it
Node: TypeAlias = "Split | float"  # a float is a leaf

STEPS_LIMIT = 3000  # steps down the trees that take about as long as one call into XGBoost


class NotFiniteError(ValueError):
    """A row, counted from 1, has a number that no 32-bit float can hold."""

    def __init__(self, row: int) -> None:
        super().__init__(f"Row {row} has a number that is too large for a 32-bit float.")


@dataclass(frozen=True)
class Forest:
    """A binary:logistic model; rows must be complete, there is no rule for missing values here."""

    booster: xgb.Booster
    trees: tuple[Node, ...]
    margin: float
    rows_limit: int

    @classmethod
    def of(cls, booster: xgb.Booster) -> Forest:
        """Read the trees of a booster; InputError when it is not made of plain numeric splits."""
        booster.set_param({"nthread": 1})  # the server has a process per CPU
        learner = json.loads(booster.save_raw("json"))["learner"]
        if learner["objective"]["name"] != "binary:logistic":
            raise InputError(f"the model's objective is {learner['objective']['name']}, not binary:logistic")
        models = learner["gradient_booster"]["model"]["trees"]
        trees = tuple(_node(tree, 0) for tree in models)
        base = float(learner["learner_model_param"]["base_score"].strip("[]"))
        steps = sum(_depth(tree) for tree in trees)
        return cls(booster, trees, math.log(base / (1 - base)), STEPS_LIMIT // max(steps, 1))

    def scores(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return the probability of label 1 for every row; NotFiniteError for a number outside 32-bit floats."""
        if len(rows) > self.rows_limit:
            return self._many(rows)
        narrow = [array("f", row).tolist() for row in rows]  # XGBoost compares 32-bit floats
        for number, row in enumerate(narrow, start=1):
            if not math.isfinite(sum(row)):
                raise NotFiniteError(number)
        return [self._score(row) for row in narrow]

    def _many(self, rows: Sequence[Sequence[float]]) -> list[float]:
        with np.errstate(over="ignore"):
            table = np.array(rows, dtype=np.float32)
        finite = np.isfinite(table).all(axis=1)
        if not finite.all():
            raise NotFiniteError(int(finite.argmin()) + 1)
        scores: list[float] = self.booster.inplace_predict(table).tolist()
        return scores

    def _score(self, row: list[float]) -> float:
        margin = self.margin
        for tree in self.trees:
            node = tree
            while not isinstance(node, float):
                node = node[2] if row[node[0]] < node[1] else node[3]
            margin += node
        return 1 / (1 + math.exp(-margin)) if margin > -700 else 0.0  # noqa: PLR2004 - where exp would overflow


def _node(tree: dict[str, list[float]], index: int) -> Node:
    left = int(tree["left_children"][index])
    if left == -1:
        return float(np.float32(tree["split_conditions"][index]))
    if tree["split_type"][index] != 0:
        raise InputError("the model has categorical splits: its features must all be numbers")
    threshold = float(np.float32(tree["split_conditions"][index]))
    right = int(tree["right_children"][index])
    return int(tree["split_indices"][index]), threshold, _node(tree, left), _node(tree, right)


def _depth(node: Node) -> int:
    return 1 + max(_depth(node[2]), _depth(node[3])) if isinstance(node, tuple) else 0
