"""The answers of a model's trees: in Python for few rows, by XGBoost for many.

One call of XGBoost's inplace_predict costs some 200 microseconds before the first tree is looked at, and to import it
costs a third of a second and 30 MB: it is imported when the first large request comes, or never.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from contract.errors import InputError
from tabular.native.core import LIBRARY, Core, lay_out
from tabular.objectives import GOALS
from tabular.trees import DEEPEST, Margin, Node, compile_margin, depth, read_tree, size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import xgboost as xgb

STEPS_LIMIT: Final = 12_000
"""Steps down the trees that take about as long as one call into XGBoost."""
SPLITS_LIMIT: Final = 50_000
"""Splits of which Python makes code in about a second; a larger model is left to XGBoost."""


class NotFiniteError(ValueError):
    """A row and a column, counted from 1, have a number that no 32-bit float can hold."""

    def __init__(self, row: int, column: int) -> None:
        super().__init__(f"Row {row}, column {column} has a number that is too large for a 32-bit float.")


@dataclass(frozen=True)
class Forest:
    """A model of any of the objectives: one margin, or of a multiclass model one per class; NaN is missing."""

    margins: tuple[Margin, ...]
    core: Core | None
    is_logistic: bool
    rows_limit: int
    booster: Callable[[], xgb.Booster]

    @classmethod
    def of(cls, document: Mapping[str, Any], booster: Callable[[], xgb.Booster]) -> Forest:
        """Read the trees of a model in XGBoost's JSON; InputError when it is not made of plain numeric splits.

        `booster` gives the same model to XGBoost, for many rows.
        """
        try:
            return cls._of(document, booster)
        except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"the model's trees cannot be read: {error!r}") from error

    @classmethod
    def _of(cls, document: Mapping[str, Any], booster: Callable[[], xgb.Booster]) -> Forest:
        learner = document["learner"]
        objective, parameters = learner["objective"]["name"], learner["learner_model_param"]
        known = [goal.name for goal in GOALS.values()]
        if objective not in known:
            raise InputError(f"the model's objective is {objective}, not one of {', '.join(known)}")
        if learner["gradient_booster"]["name"] != "gbtree":
            raise InputError(f"the model is a {learner['gradient_booster']['name']}, not a gbtree")
        is_logistic = objective == GOALS["binary"].name
        model = learner["gradient_booster"]["model"]
        trees = [read_tree(tree) for tree in model["trees"]]
        outputs = max(1, int(parameters["num_class"]))
        bases = _bases(parameters["base_score"], outputs, is_logistic=is_logistic)
        features = int(parameters["num_feature"])
        core = _core(trees, bases, features, is_logistic=is_logistic)
        depths = [depth(tree) for tree in trees]
        if max(depths, default=0) > DEEPEST or sum(map(size, trees)) > SPLITS_LIMIT:
            return cls((), core, is_logistic, 0, booster)
        margins = tuple(
            compile_margin(
                [tree for tree, own in zip(trees, model["tree_info"], strict=True) if own == output],
                base,
                features,
            )
            for output, base in enumerate(bases)
        )
        return cls(margins, core, is_logistic, STEPS_LIMIT // max(sum(depths), 1), booster)

    def scores(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return the probability of label 1, or the number, for every row of a model with one output.

        NotFiniteError for a number outside 32-bit floats.
        """
        if len(rows) > self.rows_limit:
            scores: list[float] = self._many(rows).tolist()
            return scores
        (margin,) = self.margins
        margins = [margin(row) for row in _narrow(rows)]
        return [_logistic(each) for each in margins] if self.is_logistic else margins

    def probabilities(self, rows: Sequence[Sequence[float]]) -> list[list[float]]:
        """Return the probability of each class for every row of a multiclass model; NotFiniteError as above."""
        if len(rows) > self.rows_limit:
            table: list[list[float]] = self._many(rows).tolist()
            return table
        return [_softmax([margin(row) for margin in self.margins]) for row in _narrow(rows)]

    def _many(self, rows: Sequence[Sequence[float]]) -> Any:  # noqa: ANN401 - XGBoost has no types
        with np.errstate(over="ignore"):
            table = np.array(rows, dtype=np.float32)
        endless = np.isinf(table)
        if endless.any():
            row, column = np.argwhere(endless)[0].tolist()
            raise NotFiniteError(row + 1, column + 1)
        return self.booster().inplace_predict(table)


def _core(trees: Sequence[Node], bases: Sequence[float], features: int, *, is_logistic: bool) -> Core | None:
    """Return the core, where there is one and it has room for the model: of one output, as most are."""
    laid_out = lay_out(trees) if len(bases) == 1 and LIBRARY.is_file() else None
    return Core(LIBRARY, laid_out, bases[0], features, is_logistic=is_logistic) if laid_out is not None else None


def _narrow(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return rows as the 32-bit floats that XGBoost compares."""
    narrow = []
    for number, row in enumerate(rows, start=1):
        values = array("f", row).tolist()
        if not math.isfinite(sum(values)) and any(map(math.isinf, values)):
            raise NotFiniteError(number, next(place for place, value in enumerate(values, 1) if math.isinf(value)))
        narrow.append(values)
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
