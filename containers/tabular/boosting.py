"""Gradient boosting that may end after any round and go on later, bit for bit as if it had not.

XGBoost continues a saved model, but with other random numbers: subsampling goes on in generators that no file holds.
Here every round begins with fresh ones, seeded by the round, so that a round depends on nothing but the trees before
it, the data and the settings.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from evaluation.sampling import k_fold, stratified_folds
from tabular.objectives import GOALS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Figures = dict[str, float]
"""The metric by the name of the data."""


@dataclass(frozen=True)
class Settings:
    """How trees grow (XGBoost's own parameters, ``seed`` among them) and when cross-validation has seen enough."""

    parameters: Mapping[str, object]
    seed: int
    rounds: int
    patience: int
    folds: int

    @property
    def metric(self) -> str:
        """What rounds are judged by."""
        return str(self.parameters["eval_metric"])

    @property
    def smaller_is_better(self) -> bool:
        """Say whether the metric is an error."""
        return any(goal.smaller_is_better for goal in GOALS.values() if goal.metric == self.metric)

    @property
    def is_regression(self) -> bool:
        """Say whether the labels are numbers, of which folds need no share each."""
        return self.parameters["objective"] == GOALS["regression"].name


@dataclass(frozen=True)
class FoldRound:
    """The metric over the folds after a round: mean and standard deviation, on rows trained on and rows held out."""

    train: tuple[float, float]
    held_out: tuple[float, float]


class Trees:
    """One ensemble; the first of ``watched`` is what it is trained on."""

    def __init__(self, settings: Settings, watched: Mapping[str, xgb.DMatrix]) -> None:
        self._settings = settings
        self._watched = [(data, name) for name, data in watched.items()]
        self.booster = self._booster()

    @property
    def rounds(self) -> int:
        """How many rounds it has."""
        return int(self.booster.num_boosted_rounds())

    def grow(self) -> Figures:
        """Add a round."""
        number = self.rounds
        self.booster.load_config(self.booster.save_config())  # the generators go, the trees stay
        self.booster.set_param({"seed": self._settings.seed + number})
        self.booster.update(self._watched[0][0], iteration=number)
        _, *found = self.booster.eval_set(self._watched, number).split("\t")
        values = (each.rpartition(":") for each in found)
        return {name.removesuffix(f"-{self._settings.metric}"): float(value) for name, _, value in values}

    def save(self, file: Path) -> None:
        """Write the trees."""
        self.booster.save_model(file)

    def load(self, file: Path) -> None:
        """Take the trees that were saved in place of those that are here."""
        self.booster = self._booster(file)

    def _booster(self, file: Path | None = None) -> xgb.Booster:
        matrices = [data for data, _ in self._watched]
        return xgb.Booster(dict(self._settings.parameters), matrices, model_file=file)


class Boosting:
    """Cross-validation first, then the final trees, of as many rounds as did best on the rows that folds held out."""

    def __init__(self, settings: Settings, data: xgb.DMatrix, validation: xgb.DMatrix) -> None:
        self._settings = settings
        labels = data.get_label()
        self._held_out = (
            k_fold(labels.size, settings.folds, settings.seed)
            if settings.is_regression
            else stratified_folds(labels, settings.folds, settings.seed)
        )
        self._folds = [
            Trees(settings, {"train": data.slice(seen), "held_out": data.slice(rest)}) for seen, rest in self._held_out
        ]
        self._data = data
        self.history: list[FoldRound] = []
        self.final = Trees(settings, {"train": data, "validation": validation})

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return len(self._folds)

    @property
    def best(self) -> int:
        """Number of rounds with the best mean on held-out rows so far; the fewest, of equally good ones."""
        if not self.history:
            return 0
        means = [each.held_out[0] for each in self.history]
        return 1 + int(np.argmin(means) if self._settings.smaller_is_better else np.argmax(means))

    @property
    def is_validated(self) -> bool:
        """Whether cross-validation has ended: at the limit, or without a better round for as long as is waited."""
        rounds = len(self.history)
        return rounds >= self._settings.rounds or (rounds > 0 and rounds - self.best >= self._settings.patience)

    @property
    def is_done(self) -> bool:
        """Whether the final trees have all their rounds."""
        return self.is_validated and self.final.rounds >= self.best

    @property
    def step(self) -> int:
        """Rounds so far, of cross-validation and of the final trees."""
        return len(self.history) + self.final.rounds

    def advance(self) -> Figures | None:
        """Add one round: to all folds, and after them to the final trees, whose figures are returned."""
        if self.is_validated:
            return self.final.grow()
        found = [fold.grow() for fold in self._folds]
        train, held_out = ([each[name] for each in found] for name in ("train", "held_out"))
        self.history.append(FoldRound(_spread(train), _spread(held_out)))
        return None

    def out_of_fold_scores(self, rounds: int) -> npt.NDArray[np.float64]:
        """Return a score for every row of the data, by the trees of the fold that held it out."""
        scores = np.empty(self._data.num_row())
        for fold, (_, rest) in zip(self._folds, self._held_out, strict=True):
            scores[rest] = fold.booster.predict(self._data.slice(rest), iteration_range=(0, rounds))
        return scores

    def save(self, folder: Path) -> None:
        """Write all that a later job needs to go on from here."""
        for number, fold in enumerate(self._folds):
            fold.save(folder / f"fold-{number}.ubj")
        if self.final.rounds:
            self.final.save(folder / "final.ubj")
        (folder / "history.json").write_text(json.dumps([astuple(each) for each in self.history]), encoding="utf-8")

    def load(self, folder: Path) -> None:
        """Go on from what was saved; the settings and the data must be the same."""
        for number, fold in enumerate(self._folds):
            fold.load(folder / f"fold-{number}.ubj")
        if (folder / "final.ubj").exists():
            self.final.load(folder / "final.ubj")
        saved = json.loads((folder / "history.json").read_text(encoding="utf-8"))
        self.history = [FoldRound(tuple(train), tuple(held_out)) for train, held_out in saved]


def _spread(values: list[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values))
