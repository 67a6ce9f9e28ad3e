"""``train``: gradient-boosted trees, as many rounds as cross-validation finds good, and the decision threshold."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import xgboost as xgb

from contract.checkpoints import Checkpoints, identity_of
from contract.errors import InputError, Stopped
from contract.hosts import is_first_host
from contract.hyperparameters import Bounds, read_hyperparameters
from contract.job import log, stop_requests
from evaluation.ranking import best_f1_threshold, require_two_classes, roc
from tabular.boosting import Boosting, FoldRound, Settings
from tabular.encoding import Encoding
from tabular.model import ENCODING, Decision, Model
from tabular.tables import Examples, read_examples, threads_for

if TYPE_CHECKING:
    import threading

    import numpy as np
    import numpy.typing as npt

    from contract.paths import Paths


@dataclass(frozen=True)
class Hyperparameters:
    """What a training job may set; the names are XGBoost's own.

    ``num_round`` is the limit: cross-validation over ``nfold`` folds stops when the AUC has not improved for
    ``early_stopping_rounds`` rounds, and the final model has the best number of rounds. The defaults (shallow trees,
    small steps) are for few positive examples, where deep trees fit noise. A job with a checkpoint folder saves its
    state after a round, but not more often than every ``checkpoint_seconds``.
    """

    num_round: Annotated[int, Bounds(at_least=1)] = 300
    max_depth: Annotated[int, Bounds(at_least=1, at_most=16)] = 2
    eta: Annotated[float, Bounds(above=0, at_most=1)] = 0.1
    subsample: Annotated[float, Bounds(above=0, at_most=1)] = 0.75
    colsample_bytree: Annotated[float, Bounds(above=0, at_most=1)] = 0.75
    min_child_weight: Annotated[float, Bounds(at_least=0)] = 1.0
    reg_lambda: Annotated[float, Bounds(at_least=0)] = 1.0
    scale_pos_weight: Annotated[float, Bounds(above=0)] = 1.0
    objective: Annotated[str, Bounds(choices=("binary:logistic",))] = "binary:logistic"
    nfold: Annotated[int, Bounds(at_least=2)] = 5
    early_stopping_rounds: Annotated[int, Bounds(at_least=1)] = 30
    seed: Annotated[int, Bounds(at_least=0, at_most=2**31)] = 42  # the rounds count on from it
    checkpoint_seconds: Annotated[float, Bounds(at_least=0)] = 15.0

    def boosting(self, data: xgb.DMatrix) -> Settings:
        """Return how the trees grow, with threads to suit the data."""
        own = {"num_round", "nfold", "early_stopping_rounds", "checkpoint_seconds"}
        threads = threads_for(data.num_row() * data.num_col())
        parameters = {name: value for name, value in asdict(self).items() if name not in own}
        return Settings(
            parameters={**parameters, "eval_metric": "auc", "nthread": threads},
            seed=self.seed,
            rounds=self.num_round,
            patience=self.early_stopping_rounds,
            folds=self.nfold,
        )


def train(paths: Paths) -> None:
    """Read channels train, validation and features; write the model directory and output/data/metrics.json.

    With a checkpoint folder, a job that was interrupted goes on and ends with the very model that it would have had.
    """
    stop = stop_requests()
    settings = read_hyperparameters(Hyperparameters, paths.hyperparameters)
    if not is_first_host(paths):
        return
    encoding = _read_encoding(paths)
    training = read_examples(paths.channel("train"), encoding.features)
    validation = read_examples(paths.channel("validation"), encoding.features)
    require_two_classes(training.labels, "train")
    require_two_classes(validation.labels, "validation")
    data = _matrix(training, encoding)
    _check_folds(settings, data)
    boosting = Boosting(settings.boosting(data), data, _matrix(validation, encoding))
    checkpoints = Checkpoints.of(paths, _identity(settings, paths), pause_s=settings.checkpoint_seconds)
    if found := checkpoints.latest():
        boosting.load(found.folder)
    grow(boosting, checkpoints, stop)
    if not boosting.final.rounds:
        if not checkpoints.are_kept:
            raise Stopped("the job was stopped during cross-validation: there is no model yet")
        log(f"stopped on request after {boosting.step} rounds of cross-validation: there is no model yet")
        return
    if not boosting.is_done:
        log(f"stopped on request after {boosting.final.rounds} of {boosting.best} rounds: the model is kept")
    model = Model(boosting.final.booster, encoding, choose_threshold(boosting, training.labels))
    model.save(paths.model)
    _write_metrics(paths, settings, boosting.history[boosting.best - 1], model, validation)


def grow(boosting: Boosting, checkpoints: Checkpoints, stop: threading.Event) -> None:
    """Add rounds until all are there or a stop is requested; save the state now and then, and at a stop."""
    while not boosting.is_done and not stop.is_set():
        if areas := boosting.advance():
            log(f"[{boosting.final.rounds - 1}]" + "".join(f"\t{name}-auc:{area:.5f}" for name, area in areas.items()))
        elif boosting.is_validated:
            mean, deviation = boosting.history[boosting.best - 1].held_out
            log(f"cross-validation: {boosting.best} rounds, AUC {mean:.4f} (standard deviation {deviation:.4f})")
        checkpoints.save(boosting.step, boosting.save)
    if not boosting.is_done:
        checkpoints.save(boosting.step, boosting.save, last=True)


def choose_threshold(boosting: Boosting, labels: npt.NDArray[np.int8]) -> Decision:
    """Return the threshold with the highest F1 over out-of-fold scores: each row's by a model that has not seen it.

    They are the whole train set's, nine times as many rows as the validation set has, where a dozen positive examples
    would leave the choice to chance.
    """
    scores = boosting.out_of_fold_scores(boosting.final.rounds)
    threshold = best_f1_threshold(labels, scores)
    rule = f"highest F1 of the out-of-fold scores of the train set ({labels.size} rows, {boosting.folds} folds)"
    log(f"decision threshold {threshold:.6g}: {rule}")
    return Decision(threshold, rule)


def _check_folds(settings: Hyperparameters, data: xgb.DMatrix) -> None:
    positives = int(data.get_label().sum())
    if min(positives, data.num_row() - positives) < settings.nfold:
        raise InputError(
            f"the train set has {positives} rows with label 1 of {data.num_row()}:"
            f" {settings.nfold} folds (hyperparameter nfold) need at least one row of both classes each"
        )


def _identity(settings: Hyperparameters, paths: Paths) -> dict[str, str]:
    """Return what a checkpoint must agree with: all that the model depends on, but not how often it is saved."""
    relevant = {name: value for name, value in asdict(settings).items() if name != "checkpoint_seconds"}
    channels = sorted(folder for folder in (paths.base / "input/data").iterdir() if folder.is_dir())
    folders = {f"channel {folder.name}": folder for folder in channels}
    return identity_of(
        {"hyperparameters": relevant, "xgboost": xgb.__version__}, {**folders, "code": Path(__file__).parent}
    )


def _matrix(examples: Examples, encoding: Encoding) -> xgb.DMatrix:
    threads = threads_for(examples.features.size)
    return xgb.DMatrix(examples.features, examples.labels, feature_names=list(encoding.features), nthread=threads)


def _read_encoding(paths: Paths) -> Encoding:
    file = paths.channel("features") / ENCODING
    if not file.is_file():
        raise InputError(f"channel features has no {ENCODING}")
    try:
        return Encoding.from_json(file.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{ENCODING} of channel features is not an encoding that prepare wrote: {error}") from error


def _write_metrics(
    paths: Paths, settings: Hyperparameters, chosen: FoldRound, model: Model, validation: Examples
) -> None:
    def metric(value: float, deviation: float | str) -> dict[str, float | str]:
        return {"value": value, "standard_deviation": deviation}

    held_out = roc(validation.labels, model.scores(validation.features)).area
    document = {
        "hyperparameters": {**asdict(settings), "rounds": model.booster.num_boosted_rounds()},
        "binary_classification_metrics": {
            "validation:auc": metric(*chosen.held_out),
            "train:auc": metric(*chosen.train),
            "held_out:auc": metric(held_out, "NaN"),
        },
        "decision": asdict(model.decision),
    }
    paths.output_data.mkdir(parents=True, exist_ok=True)
    (paths.output_data / "metrics.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
