"""The image's commands as SageMaker runs them: processes with exit codes, and the reason of a failure in its file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tabular.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from contract.paths import Paths

pytestmark = pytest.mark.slow


def run(paths: Paths, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tabular", *arguments],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(paths.base)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_prepare_writes_its_outputs(base: Paths, dataset: Path, finished: Paths) -> None:
    shutil.copytree(dataset, base.base / "processing/input/data")
    result = run(base, "prepare", "--recipe", "fraud", "--seed", "42")
    assert (result.returncode, result.stderr) == (0, "")
    for name in ("train/train.csv", "baseline/baseline.csv", "features/features.json"):
        here, there = (paths.base / "processing/output" / name for paths in (base, finished))
        assert here.read_bytes() == there.read_bytes()


def test_train_evaluate_explain_and_bias_follow(base: Paths, finished: Paths) -> None:
    shutil.copytree(finished.base / "input", base.base / "input")
    shutil.copytree(finished.base / "processing/input", base.base / "processing/input")
    base.hyperparameters.parent.mkdir()
    base.hyperparameters.write_text(json.dumps({"num_round": "5", "max_depth": "5", "eta": "0.5"}))
    assert run(base, "train").returncode == 0
    assert 1 <= Model.load(base.model).booster.num_boosted_rounds() <= 5
    for command in ("evaluate", "explain", "bias --facet customer_gender_female --facet-value 1 --label fraud"):
        result = run(base, *command.split())
        assert (result.returncode, result.stderr) == (0, "")
    for name in ("evaluation/evaluation.json", "explanations/analysis.json", "bias/analysis.json"):
        here, there = (paths.base / "processing/output" / name for paths in (base, finished))
        assert here.read_bytes() == there.read_bytes()
    assert run(base, "explain", "--output", "evaluation").returncode == 0
    explanations, evaluation = (base.processing_output(name) for name in ("explanations", "evaluation"))
    assert (evaluation / "analysis.json").read_bytes() == (explanations / "analysis.json").read_bytes()


def test_a_processing_failure_is_written_where_sagemaker_reads_it(base: Paths, dataset: Path) -> None:
    shutil.copytree(dataset, base.base / "processing/input/data")
    (base.base / "processing/input/data/customers.csv").write_text("")
    result = run(base, "prepare", "--recipe", "fraud")
    assert (result.returncode, result.stderr) == (1, "customers.csv is empty\n")
    assert base.processing_message.read_text() == "customers.csv is empty"


def test_a_training_failure_is_written_where_sagemaker_reads_it(base: Paths, finished: Paths) -> None:
    shutil.copytree(finished.base / "input/data", base.base / "input/data")
    base.hyperparameters.parent.mkdir()
    base.hyperparameters.write_text(json.dumps({"max_depth": "deep"}))
    assert run(base, "train").returncode == 1
    assert base.training_failure.read_text() == "hyperparameter max_depth must be a whole number, not 'deep'"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "wrong arguments: the following arguments are required: command"),
        (("predict",), "wrong arguments: argument command: invalid choice: 'predict'"),
        (("prepare",), "the processing job has no input data"),
        (("prepare", "--recipe", "churn"), "there is no recipe churn"),
        (("prepare", "--recipe", "fraud", "--test-fraction", "2"), "test-fraction must be between 0 and 1, not 2"),
        (("evaluate",), "the processing job has no input model"),
    ],
)
def test_wrong_arguments_and_missing_inputs_are_failures_with_a_reason(
    base: Paths, arguments: tuple[str, ...], sentence: str
) -> None:
    assert run(base, *arguments).returncode == 1
    assert base.processing_message.read_text().startswith(sentence)


def test_sigterm_ends_training_and_keeps_the_rounds_so_far(base: Paths, finished: Paths) -> None:
    shutil.copytree(finished.base / "input/data", base.base / "input/data")
    base.hyperparameters.parent.mkdir()
    # Steps this small improve for ever: cross-validation takes its 40 rounds, and so does the final training.
    slow = {"num_round": "40", "eta": "0.0001", "max_depth": "16", "nfold": "2", "early_stopping_rounds": "40"}
    base.hyperparameters.write_text(json.dumps(slow))
    process = subprocess.Popen(
        [sys.executable, "-m", "tabular", "train"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base.base), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    for line in process.stdout:
        if line.startswith("[0]"):
            process.send_signal(signal.SIGTERM)
            break
    started = time.monotonic()
    log, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert time.monotonic() - started < 30
    assert "stopped on request after" in log or "decision threshold" in log
    assert Model.load(base.model).booster.num_boosted_rounds() >= 1
