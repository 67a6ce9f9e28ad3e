"""``train``: gradient-boosted trees, as many rounds as cross-validation finds good, and the decision threshold."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from contract.errors import InputError, Stopped
from contract.hosts import is_first_host
from contract.hyperparameters import Bounds, read_hyperparameters
from contract.job import log, stop_requests
from evaluation.ranking import best_f1_threshold, require_two_classes, roc
from evaluation.sampling import stratified_folds
from tabular.encoding import Encoding
from tabular.model import ENCODING, Decision, Model
from tabular.tables import Examples, read_examples, threads_for

if TYPE_CHECKING:
    import threading

    from contract.paths import Paths

    Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Hyperparameters:
    """What a training job may set; the names are XGBoost's own.

    ``num_round`` is the limit: cross-validation over ``nfold`` folds stops when the AUC has not improved for
    ``early_stopping_rounds`` rounds, and the final model has the best number of rounds. The defaults (shallow trees,
    small steps) are for few positive examples, where deep trees fit noise.
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
    seed: Annotated[int, Bounds(at_least=0, at_most=2**32 - 1)] = 42

    def booster_parameters(self, data: xgb.DMatrix) -> dict[str, object]:
        """Return what is XGBoost's, with threads to suit the data; the rest steers our own loop."""
        threads = threads_for(data.num_row() * data.num_col())
        own = {"num_round", "nfold", "early_stopping_rounds"}
        return {**{k: v for k, v in asdict(self).items() if k not in own}, "eval_metric": "auc", "nthread": threads}


class StopOnRequest(xgb.callback.TrainingCallback):
    """End training after the current round once a stop is requested."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop

    def after_iteration(self, model: object, epoch: int, evals_log: object) -> bool:  # noqa: ARG002 - XGBoost's signature
        """Return True to stop."""
        return self._stop.is_set()


class AbandonOnRequest(StopOnRequest):
    """End cross-validation, which leaves nothing to keep, once a stop is requested."""

    def after_iteration(self, model: object, epoch: int, evals_log: object) -> bool:
        """Raise Stopped."""
        if super().after_iteration(model, epoch, evals_log):
            raise Stopped("the job was stopped during cross-validation: there is no model yet")
        return False


@dataclass(frozen=True)
class CrossValidation:
    """The best number of rounds and its AUC over the folds."""

    rounds: int
    train_auc: tuple[float, float]
    validation_auc: tuple[float, float]


def train(paths: Paths) -> None:
    """Read channels train, validation and features; write the model directory and output/data/metrics.json."""
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
    chosen = cross_validate(settings, data, stop)
    log(
        f"cross-validation: {chosen.rounds} rounds, AUC {chosen.validation_auc[0]:.4f}"
        f" (standard deviation {chosen.validation_auc[1]:.4f} over {settings.nfold} folds)"
    )
    booster = xgb.train(
        settings.booster_parameters(data),
        data,
        num_boost_round=chosen.rounds,
        evals=[(data, "train"), (_matrix(validation, encoding), "validation")],
        verbose_eval=True,
        callbacks=[StopOnRequest(stop)],
    )
    if stop.is_set():
        log(f"stopped on request after {booster.num_boosted_rounds()} of {chosen.rounds} rounds: the model is kept")
    model = Model(booster, encoding, choose_threshold(settings, data, booster.num_boosted_rounds()))
    model.save(paths.model)
    _write_metrics(paths, settings, chosen, model, validation)


def cross_validate(settings: Hyperparameters, data: xgb.DMatrix, stop: threading.Event) -> CrossValidation:
    """Return the number of rounds with the best mean AUC over stratified folds."""
    positives = int(data.get_label().sum())
    if min(positives, data.num_row() - positives) < settings.nfold:
        raise InputError(
            f"the train set has {positives} rows with label 1 of {data.num_row()}:"
            f" {settings.nfold} folds (hyperparameter nfold) need at least one row of both classes each"
        )
    history: Any = xgb.cv(
        settings.booster_parameters(data),
        data,
        num_boost_round=settings.num_round,
        folds=stratified_folds(data.get_label(), settings.nfold, settings.seed),
        metrics="auc",
        early_stopping_rounds=settings.early_stopping_rounds,
        seed=settings.seed,
        as_pandas=False,
        callbacks=[AbandonOnRequest(stop)],
    )
    rounds = len(history["test-auc-mean"])

    def last(name: str) -> tuple[float, float]:
        return float(history[f"{name}-auc-mean"][-1]), float(history[f"{name}-auc-std"][-1])

    return CrossValidation(rounds, last("train"), last("test"))


def choose_threshold(settings: Hyperparameters, data: xgb.DMatrix, rounds: int) -> Decision:
    """Return the threshold with the highest F1 over out-of-fold scores: each row's by a model that has not seen it.

    They are the whole train set's, nine times as many rows as the validation set has, where a dozen positive examples
    would leave the choice to chance.
    """
    labels = data.get_label()
    scores = np.empty(labels.size)
    for seen, held_out in stratified_folds(labels, settings.nfold, settings.seed):
        model = xgb.train(settings.booster_parameters(data), data.slice(seen), num_boost_round=rounds)
        scores[held_out] = model.predict(data.slice(held_out))
    threshold = best_f1_threshold(labels.astype(np.int8), scores)
    rule = f"highest F1 of the out-of-fold scores of the train set ({labels.size} rows, {settings.nfold} folds)"
    log(f"decision threshold {threshold:.6g}: {rule}")
    return Decision(threshold, rule)


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
    paths: Paths, settings: Hyperparameters, chosen: CrossValidation, model: Model, validation: Examples
) -> None:
    def metric(value: float, deviation: float | str) -> dict[str, float | str]:
        return {"value": value, "standard_deviation": deviation}

    held_out = roc(validation.labels, model.scores(validation.features)).area
    document = {
        "hyperparameters": {**asdict(settings), "rounds": model.booster.num_boosted_rounds()},
        "binary_classification_metrics": {
            "validation:auc": metric(*chosen.validation_auc),
            "train:auc": metric(*chosen.train_auc),
            "held_out:auc": metric(held_out, "NaN"),
        },
        "decision": asdict(model.decision),
    }
    paths.output_data.mkdir(parents=True, exist_ok=True)
    (paths.output_data / "metrics.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
