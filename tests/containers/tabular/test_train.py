"""Training: the log that the metric definitions read, the files that it leaves, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xgboost as xgb
from sklearn.metrics import f1_score, roc_auc_score

from contract.checkpoints import Checkpoints
from contract.cpus import available_cpus
from contract.errors import InputError, Stopped
from evaluation.sampling import stratified_folds
from tabular.boosting import Boosting
from tabular.evaluate import quality
from tabular.model import Model
from tabular.tables import read_examples, threads_for
from tabular.train import Hyperparameters, choose_threshold, grow, train

if TYPE_CHECKING:
    from pathlib import Path

    from contract.paths import Paths

METRIC_DEFINITIONS = {name: rf"{name}:([0-9.eE+-]+|nan)" for name in ("train-auc", "validation-auc")}


def prepared(finished: Paths, base: Paths, rows: int | None = None, **hyperparameters: str) -> Paths:
    """Return a base directory with the channels of a training job."""
    for channel in ("train", "validation", "features"):
        shutil.copytree(finished.processing_output(channel), base.base / "input/data" / channel)
    if rows is not None:
        file = base.base / "input/data/train/train.csv"
        file.write_text("\n".join(file.read_text().splitlines()[:rows]) + "\n")
    base.hyperparameters.parent.mkdir(parents=True)
    base.hyperparameters.write_text(json.dumps(hyperparameters))
    return base


def test_the_log_has_both_metrics_of_every_round(
    finished: Paths, base: Paths, capfd: pytest.CaptureFixture[str]
) -> None:
    train(prepared(finished, base, num_round="4", nfold="3"))
    log = capfd.readouterr().out
    found = {name: re.findall(pattern, log) for name, pattern in METRIC_DEFINITIONS.items()}
    model = Model.load(base.model)
    assert len(found["train-auc"]) == len(found["validation-auc"]) == model.booster.num_boosted_rounds()
    held_out = read_examples(base.channel("validation"), model.encoding)
    last = roc_auc_score(held_out.labels, model.scores(held_out.features))
    assert float(found["validation-auc"][-1]) == pytest.approx(last, abs=1e-4)


def test_metrics_json_is_in_the_documented_form(finished: Paths) -> None:
    document = json.loads((finished.output_data / "metrics.json").read_text())
    assert document["hyperparameters"]["max_depth"] == 2
    metrics = document["binary_classification_metrics"]
    assert {"validation:auc", "train:auc"} <= metrics.keys()
    assert all(metric.keys() == {"value", "standard_deviation"} for metric in metrics.values())
    assert 0.7 < metrics["validation:auc"]["value"] <= 1


def test_a_model_passes_the_gate_and_its_evaluation_is_in_the_registrys_form(finished: Paths) -> None:
    report = json.loads((finished.processing_output("evaluation") / "evaluation.json").read_text())
    model = Model.load(finished.processing_input("model"))
    test = read_examples(finished.processing_input("test"), model.encoding)
    area = report["classification_metrics"]["roc_auc"]["value"]
    assert area == pytest.approx(roc_auc_score(test.labels, model.scores(test.features)))
    assert area >= 0.78
    binary = report["binary_classification_metrics"]
    assert sum(binary["confusion_matrix"][a][p] for a in "01" for p in "01") == 500
    curve = binary["receiver_operating_characteristic_curve"]
    assert curve["false_positive_rates"][-1] == curve["true_positive_rates"][-1] == 1
    assert np.trapezoid(curve["true_positive_rates"], curve["false_positive_rates"]) == pytest.approx(area)


def test_few_rows_have_no_standard_deviation() -> None:
    report = quality(np.array([0, 1, 0, 1]), np.array([0.1, 0.8, 0.3, 0.2]), 0.5)
    metrics = report["classification_metrics"]
    assert isinstance(metrics, dict)
    assert metrics["roc_auc"] == {"value": 0.75, "standard_deviation": "NaN"}


def test_the_same_job_gives_the_same_model(finished: Paths, base: Paths, tmp_path: Path) -> None:
    other = type(base)(tmp_path / "other")
    for paths in (base, other):
        train(prepared(finished, paths, num_round="6", nfold="2"))
    assert (base.model / "model.json").read_bytes() == (other.model / "model.json").read_bytes()


def test_of_several_hosts_only_the_first_trains(
    finished: Paths, base: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = prepared(finished, base)
    paths.resource_config.write_text(json.dumps({"current_host": "algo-2", "hosts": ["algo-1", "algo-2"]}))
    paths.input_data_config.write_text(json.dumps({"train": {"S3DistributionType": "FullyReplicated"}}))
    train(paths)
    assert not paths.model.exists()
    assert capsys.readouterr().out == "2 hosts: algo-1 trains, algo-2 has nothing to do\n"


def test_data_divided_over_hosts_is_refused(finished: Paths, base: Paths) -> None:
    paths = prepared(finished, base)
    paths.resource_config.write_text(json.dumps({"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}))
    paths.input_data_config.write_text(json.dumps({"train": {"S3DistributionType": "ShardedByS3Key"}}))
    with pytest.raises(InputError, match="channel train is divided over 2 hosts: it must be FullyReplicated"):
        train(paths)


def test_too_few_positives_for_the_folds_are_refused(finished: Paths, base: Paths) -> None:
    with pytest.raises(InputError, match=r"train set has \d+ rows with label 1 of 60: 40 folds"):
        train(prepared(finished, base, rows=60, nfold="40"))


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("train/train.csv", "", "train.csv is empty"),
        ("train/train.csv", "0,1,2\n", "train.csv has 3 columns: the label and 48 features are expected"),
        ("train/train.csv", "0,x\n", "train.csv is not a headerless CSV of numbers"),
        ("train/train.csv", ",".join(["0", "nan", *["1"] * 47]), "train.csv, row 1, column 2: the number is not"),
        ("train/train.csv", ",".join(["nan", *["1"] * 48]), "train.csv, row 1, column 1: the number is not finite"),
        ("train/train.csv", ",".join(["0", "1e39", *["1"] * 47]), "train.csv, row 1, column 2: the number is too"),
        ("validation/validation.csv", "", "validation.csv is empty"),
        ("validation/validation.csv", ",".join(["0"] * 49), "the validation set has only the label 0"),
        ("train/train.csv", ",".join(["2", *["1"] * 48]), "train.csv, row 1: the label (first column) must be 0 or 1"),
        ("train/train.csv", ",".join(["1"] * 49), "the train set has only the label 1"),
        ("features/features.json", "{}", "features.json of channel features is not an encoding"),
    ],
)  # fmt: skip
def test_channels_that_are_not_what_prepare_wrote_are_refused(
    finished: Paths, base: Paths, file: str, text: str, sentence: str
) -> None:
    paths = prepared(finished, base)
    (paths.base / "input/data" / file).write_text(text)
    with pytest.raises(InputError) as caught:
        train(paths)
    assert str(caught.value).startswith(sentence)


def test_a_channel_without_files_is_refused(finished: Paths, base: Paths) -> None:
    paths = prepared(finished, base)
    (paths.base / "input/data/train/train.csv").unlink()
    with pytest.raises(InputError, match=r"there is no CSV file in .*train: it has no files"):
        train(paths)
    (paths.base / "input/data/train").rmdir()
    with pytest.raises(InputError, match="the training job has no channel train"):
        train(paths)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "objective",
            "reg:gamma",
            "hyperparameter objective must be one of binary:logistic, multi:softprob, reg:squared",
        ),
        (
            "objective",
            "reg:squarederror",
            "hyperparameter objective is reg:squarederror, and the recipe's objective is",
        ),
        ("eval_metric", "auc", "hyperparameter eval_metric is unknown: there are checkpoint_seconds, "),
        ("eta", "fast", "hyperparameter eta must be a number, not 'fast'"),
        ("seed", "4294967296", "hyperparameter seed must be at most 2147483648, not '4294967296'"),
    ],
)
def test_wrong_hyperparameters_are_refused(finished: Paths, base: Paths, name: str, value: str, sentence: str) -> None:
    paths = prepared(finished, base)
    paths.hyperparameters.write_text(json.dumps({name: value}))
    with pytest.raises(InputError) as caught:
        train(paths)
    assert str(caught.value).startswith(sentence)


class StopAfter(threading.Event):
    """A stop that is requested after some rounds."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds

    def is_set(self) -> bool:
        self.rounds -= 1
        return self.rounds < 0


def interrupted(monkeypatch: pytest.MonkeyPatch, paths: Paths, rounds: int) -> None:
    """Train, and request a stop after some rounds."""
    with monkeypatch.context() as patch:
        patch.setattr("tabular.train.stop_requests", lambda: StopAfter(rounds))
        train(paths)


SMALL = {"num_round": "12", "nfold": "2", "early_stopping_rounds": "4", "checkpoint_seconds": "0", "eta": "0.5"}


def results(paths: Paths) -> dict[str, bytes]:
    """Every file that the job left, and its metrics."""
    files = [*paths.model.iterdir(), *paths.output_data.iterdir()]
    return {file.name: file.read_bytes() for file in files}


def test_a_job_that_is_interrupted_ends_with_the_same_files(
    finished: Paths, base: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = prepared(finished, type(base)(tmp_path / "whole"), rows=600, **SMALL)
    train(whole)
    paths = prepared(finished, base, rows=600, **SMALL)
    paths.checkpoints.mkdir()
    interrupted(monkeypatch, paths, 4)
    assert not paths.model.exists()
    assert "stopped on request after 4 rounds of cross-validation: there is no model yet" in capsys.readouterr().out
    for rounds in (1, 3, 2, 4):
        interrupted(monkeypatch, paths, rounds)
    assert "the model is kept" in capsys.readouterr().out
    train(paths)
    assert "resuming from checkpoint step-00000014-" in capsys.readouterr().out
    assert results(paths) == results(whole)


@pytest.mark.parametrize("changes", [{"eta": "0.4"}, {"checkpoint_seconds": "5"}])
def test_a_checkpoint_of_other_hyperparameters_is_not_resumed(
    finished: Paths,
    base: Paths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    changes: dict[str, str],
) -> None:
    paths = prepared(finished, base, rows=600, **SMALL)
    paths.checkpoints.mkdir()
    interrupted(monkeypatch, paths, 5)
    paths.hyperparameters.write_text(json.dumps(SMALL | changes))
    train(paths)
    log = capsys.readouterr().out
    assert ("is not resumed: it was made with other hyperparameters\n" in log) == ("eta" in changes)
    assert ("resuming from checkpoint" in log) == ("eta" not in changes)  # how often it is saved changes no result


def test_a_checkpoint_of_other_data_is_not_resumed(
    finished: Paths, base: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = prepared(finished, base, rows=600, **SMALL)
    paths.checkpoints.mkdir()
    interrupted(monkeypatch, paths, 5)
    prepared(finished, type(base)(base.base / "more"), rows=601)
    shutil.copytree(base.base / "more/input/data", base.base / "input/data", dirs_exist_ok=True)
    train(paths)
    log = capsys.readouterr().out
    assert "is not resumed: it was made with other channel train\n" in log
    assert "resuming from checkpoint" not in log


def test_a_stop_during_cross_validation_leaves_nothing_to_keep(
    finished: Paths, base: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Stopped, match="there is no model yet"):
        interrupted(monkeypatch, prepared(finished, base, rows=600, **SMALL), 3)


def test_a_stop_during_training_keeps_the_rounds_so_far(
    finished: Paths, base: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = prepared(finished, base, rows=600, **SMALL | {"early_stopping_rounds": "1", "num_round": "2"})
    interrupted(monkeypatch, paths, 3)
    assert Model.load(base.model).booster.num_boosted_rounds() == 1


@pytest.mark.parametrize("name", ["model.json", "features.json", "decision.json"])
def test_an_incomplete_model_is_refused_by_name(finished: Paths, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(finished.model, folder)
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"has no {name}: it has "):
        Model.load(folder)


@pytest.mark.parametrize("name", ["model.json", "features.json", "decision.json"])
def test_a_broken_model_is_refused(finished: Paths, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(finished.model, folder)
    (folder / name).write_text("broken")
    with pytest.raises(InputError, match="cannot be read"):
        Model.load(folder)


def test_an_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_text("no archive")
    with pytest.raises(InputError, match=r"model\.tar\.gz is not a gzip-compressed tar archive"):
        Model.load(tmp_path)


def test_small_tables_get_one_thread_and_large_ones_no_more_than_there_are_cpus() -> None:
    assert threads_for(4050 * 48) == 1
    assert threads_for(10**12) == available_cpus()


def test_the_threshold_is_the_best_over_scores_of_models_that_have_not_seen_the_row(finished: Paths) -> None:
    encoding = Model.load(finished.model).encoding
    examples = read_examples(finished.processing_output("train"), encoding)
    data = xgb.DMatrix(examples.features, examples.labels, nthread=1)
    settings = Hyperparameters(nfold=3, num_round=10, subsample=1, colsample_bytree=1)  # nothing is drawn at random
    boosting = Boosting(settings.boosting(data, encoding), data, data)
    grow(boosting, Checkpoints(None, {}), threading.Event())
    scores = np.zeros(examples.labels.size)
    for seen, held_out in stratified_folds(data.get_label(), 3, settings.seed):
        seen_only = xgb.DMatrix(examples.features[seen], examples.labels[seen], nthread=1)
        parameters = dict(settings.boosting(data, encoding).parameters)
        model = xgb.train(parameters, seen_only, num_boost_round=boosting.final.rounds)
        scores[held_out] = model.predict(xgb.DMatrix(examples.features[held_out], nthread=1))
    chosen = choose_threshold(boosting, examples.labels)
    best = max(f1_score(examples.labels, scores >= score) for score in np.unique(scores))
    assert f1_score(examples.labels, scores >= chosen.threshold) == pytest.approx(best)
    assert "out-of-fold scores of the train set (4050 rows, 3 folds)" in chosen.rule
