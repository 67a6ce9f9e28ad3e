"""The core, compiled once: by this machine's compiler, else by the one that the image takes."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import venv
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

from tabular.forest import Forest
from tabular.native.build import build
from tabular.native.core import Core, lay_out
from tabular.trees import read_tree
from tests.containers.tabular.native.bodies import WIDTH

REQUIREMENTS = Path("containers/tabular/native/requirements.txt")
BUILD = Path("containers/tabular/native/build.py")


def python_with_a_compiler(folder: Path) -> str:
    """Return an interpreter beside which Zig's compiler is installed."""
    venv.create(folder, with_pip=False)
    python = str(folder / "bin/python")
    install = ["uv", "pip", "install", "-q", "--python", python, "--require-hashes", "-r", str(REQUIREMENTS)]
    subprocess.run(install, check=True)
    return python


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("core")
    target = folder / "libcore.so"
    if shutil.which("cc"):
        build(target)
    else:
        subprocess.run([python_with_a_compiler(folder / "venv"), str(BUILD), str(target)], check=True)
    return target


@pytest.fixture(scope="session")
def zigs_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The core as the image has it."""
    folder = tmp_path_factory.mktemp("zig")
    subprocess.run([python_with_a_compiler(folder / "venv"), str(BUILD), str(folder / "libcore.so")], check=True)
    return folder / "libcore.so"


@pytest.fixture(scope="session")
def model() -> xgb.Booster:
    random = np.random.default_rng(1)
    table = random.normal(size=(800, WIDTH)).round(2).astype(np.float32)
    labels = table[:, 0] * table[:, 1] > table[:, 2]
    return xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(table, labels), num_boost_round=20)


@pytest.fixture(scope="session")
def forest(model: xgb.Booster) -> Forest:
    return Forest.of(json.loads(model.save_raw("json")), lambda: model)


@pytest.fixture(scope="session")
def core(model: xgb.Booster, library: Path) -> Core:
    learner = json.loads(model.save_raw("json"))["learner"]
    trees = lay_out([read_tree(tree) for tree in learner["gradient_booster"]["model"]["trees"]])
    assert trees is not None
    base = float(learner["learner_model_param"]["base_score"].strip("[]"))
    return Core(library, trees, math.log(base / (1 - base)), WIDTH, is_logistic=True)
