"""Boosting: as XGBoost's own cross-validation, and the same bits however often it was interrupted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from evaluation.sampling import stratified_folds
from tabular.boosting import Boosting, Settings

if TYPE_CHECKING:
    from pathlib import Path

RANDOM = np.random.default_rng(5)
FEATURES = RANDOM.normal(size=(240, 8)).astype(np.float32)
LABELS = (FEATURES[:, 0] + FEATURES[:, 1] * FEATURES[:, 2] + RANDOM.normal(size=240) > 0.5).astype(int)
PARAMETERS: dict[str, object] = {
    "objective": "binary:logistic",
    "eval_metric": "auc",
    "eta": 0.4,
    "max_depth": 3,
    "nthread": 1,
}
SETTINGS = Settings(parameters=PARAMETERS, seed=7, rounds=9, patience=3, folds=3)
DRAWING: dict[str, dict[str, object]] = {
    "everything": {},
    "rows": {"subsample": 0.6},
    "columns of a tree": {"colsample_bytree": 0.5},
    "columns of a level": {"colsample_bylevel": 0.5},
    "rows and columns": {"subsample": 0.75, "colsample_bytree": 0.75},
    "exactly": {"subsample": 0.75, "colsample_bytree": 0.75, "tree_method": "exact"},
}


def matrix() -> xgb.DMatrix:
    return xgb.DMatrix(FEATURES, LABELS, nthread=1)


def boosting(**parameters: object) -> Boosting:
    return Boosting(replace(SETTINGS, parameters={**PARAMETERS, **parameters}), matrix(), matrix().slice(np.arange(80)))


def outcome(done: Boosting) -> tuple[object, ...]:
    """All that a job makes of it: the trees' own bytes, every AUC, the scores that the threshold is chosen by."""
    return (
        bytes(done.final.booster.save_raw("ubj")),
        done.history,
        done.best,
        done.out_of_fold_scores(done.final.rounds).tolist(),
    )


def run(folder: Path, interruptions: set[int], **parameters: object) -> tuple[object, ...]:
    """Train to the end, with another process's memory (a new object, what was saved) after each of these steps."""
    current = boosting(**parameters)
    while not current.is_done:
        current.advance()
        if current.step in interruptions:
            place = folder / str(current.step)
            place.mkdir(parents=True)
            current.save(place)
            current = boosting(**parameters)
            current.load(place)
    return outcome(current)


@pytest.mark.slow  # seconds of training
@pytest.mark.parametrize("drawing", DRAWING)
def test_an_interruption_after_any_round_changes_nothing(drawing: str, tmp_path: Path) -> None:
    whole = boosting(**DRAWING[drawing])
    while not whole.is_done:
        whole.advance()
    assert whole.step > len(whole.history) > 2
    for step in range(1, whole.step + 1):
        assert run(tmp_path / str(step), {step}, **DRAWING[drawing]) == outcome(whole), f"interrupted after {step}"


@pytest.mark.slow  # seconds of training
@examples(max_examples=10, deadline=None, derandomize=True)
@given(
    interruptions=st.sets(st.integers(1, 18)),
    subsample=st.floats(0.3, 1),
    columns=st.floats(0.2, 1),
    depth=st.integers(1, 6),
)
def test_any_interruptions_of_any_settings_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, interruptions: set[int], subsample: float, columns: float, depth: int
) -> None:
    parameters = {"subsample": subsample, "colsample_bytree": columns, "max_depth": depth}
    folder = tmp_path_factory.mktemp("saved")
    assert run(folder / "1", interruptions, **parameters) == run(folder / "2", set(), **parameters)


def test_it_is_xgboosts_own_cross_validation_where_nothing_is_drawn() -> None:
    done = boosting()
    while not done.is_done:
        done.advance()
    data = matrix()
    history: Any = xgb.cv(
        PARAMETERS,
        data,
        num_boost_round=SETTINGS.rounds,
        folds=stratified_folds(data.get_label(), SETTINGS.folds, SETTINGS.seed),
        metrics="auc",
        early_stopping_rounds=SETTINGS.patience,
        as_pandas=False,
    )
    assert done.best == len(history["test-auc-mean"])
    best = done.history[: done.best]
    np.testing.assert_allclose([each.held_out[0] for each in best], history["test-auc-mean"])
    np.testing.assert_allclose([each.held_out[1] for each in best], history["test-auc-std"])
    np.testing.assert_allclose([each.train[0] for each in best], history["train-auc-mean"])
    plain = xgb.train(PARAMETERS, data, num_boost_round=done.best)
    np.testing.assert_array_equal(done.final.booster.predict(data), plain.predict(data))


def test_the_rows_and_columns_drawn_differ_from_round_to_round() -> None:
    done = boosting(subsample=0.5, colsample_bytree=0.3, eta=1e-6)  # the gradients stay, so only the draw can differ
    while not done.is_validated:
        done.advance()
    trees = done._folds[0].booster.get_dump()  # noqa: SLF001 - what was drawn shows in the trees alone
    assert len(set(trees)) == len(trees)
