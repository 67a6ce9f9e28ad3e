"""The model's artifact: in XGBoost's own format, and read without XGBoost."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import xgboost as xgb

from tabular.encoding import Encoding, number
from tabular.model import BINARY_TREES, TREES, Decision, Model

if TYPE_CHECKING:
    from pathlib import Path

    from contract.paths import Paths

SERVE = """
import sys
from pathlib import Path
from tabular.predictor import TabularPredictor
predictor = TabularPredictor.load(Path(sys.argv[1]))
row = ",".join(["0"] * len(predictor.encoding.features)).encode()
few = predictor.invoke(row, b"text/csv", b"*/*").body
assert "xgboost" not in sys.modules
many = predictor.invoke(b"\\n".join([row] * 1000), b"text/csv", b"*/*").body
assert "xgboost" in sys.modules
assert abs(float(few) - float(many.splitlines()[-1])) < 1e-6
"""


def test_a_server_needs_xgboost_for_many_rows_alone(finished: Paths) -> None:
    subprocess.run([sys.executable, "-c", SERVE, str(finished.model)], check=True, cwd="containers")


def test_an_artifact_of_an_earlier_release_says_the_same(finished: Paths, tmp_path: Path) -> None:
    old = shutil.copytree(finished.model, tmp_path / "old")
    model = Model.load(finished.model)
    model.booster.save_model(old / BINARY_TREES)
    (old / TREES).unlink()
    rows = np.random.default_rng(0).normal(size=(50, len(model.encoding.features))).astype(np.float32)
    np.testing.assert_array_equal(Model.load(old).scores(rows), model.scores(rows))


def test_a_base_score_is_a_number_that_every_release_of_xgboost_reads() -> None:
    """XGBoost 3.0 takes a score in brackets for 0.5."""
    table = np.arange(40, dtype=np.float32).reshape(-1, 1)
    booster = xgb.train({"objective": "binary:logistic"}, xgb.DMatrix(table, table[:, 0] > 30), num_boost_round=2)
    model = Model.of(booster, Encoding("y", (number("x"),), frozenset()), Decision(0.5, ""))
    score = float(json.loads(model.trees)["learner"]["learner_model_param"]["base_score"])
    assert 0.2 < score < 0.25  # 9 of 40 rows have the label 1
    np.testing.assert_array_equal(model.booster.inplace_predict(table), booster.inplace_predict(table))
