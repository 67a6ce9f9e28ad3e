"""``train``: gradient-boosted trees, as many rounds as cross-validation finds good, and the decision threshold."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import xgboost as xgb

from contract.checkpoints import Checkpoints, identity_of
from contract.errors import InputError, Stopped
from contract.hosts import is_first_host
from contract.hyperparameters import Bounds, read_hyperparameters
from contract.job import log, stop_requests
from evaluation.ranking import best_f1_threshold
from tabular.boosting import Boosting, FoldRound, Settings
from tabular.encoding import Encoding
from tabular.model import ENCODING, Decision, Model
from tabular.objectives import GOALS, quality, require_labels
from tabular.tables import Examples, read_examples, threads_for

if TYPE_CHECKING:
    import threading

    import numpy as np
    import numpy.typing as npt

    from contract.paths import Paths


@dataclass(frozen=True)
class Hyperparameters:
    """What a training job may set; the names are XGBoost's own.

    ``num_round`` is the limit: cross-validation over ``nfold`` folds stops when the metric (binary: AUC, multiclass:
    mlogloss, regression: rmse) has not improved for ``early_stopping_rounds`` rounds, and the final model has the best
    number of rounds. The defaults (shallow trees, small steps) are for few positive examples, where deep trees fit
    noise. A job with a checkpoint folder saves its state after a round, but not more often than every
    ``checkpoint_seconds``. ``objective`` is the recipe's, and need not be given.
    """

    num_round: Annotated[int, Bounds(at_least=1)] = 300
    max_depth: Annotated[int, Bounds(at_least=1, at_most=16)] = 2
    eta: Annotated[float, Bounds(above=0, at_most=1)] = 0.1
    subsample: Annotated[float, Bounds(above=0, at_most=1)] = 0.75
    colsample_bytree: Annotated[float, Bounds(above=0, at_most=1)] = 0.75
    min_child_weight: Annotated[float, Bounds(at_least=0)] = 1.0
    reg_lambda: Annotated[float, Bounds(at_least=0)] = 1.0
    scale_pos_weight: Annotated[float, Bounds(above=0)] = 1.0
    objective: Annotated[str, Bounds(choices=tuple(goal.name for goal in GOALS.values()))] = ""
    nfold: Annotated[int, Bounds(at_least=2)] = 5
    early_stopping_rounds: Annotated[int, Bounds(at_least=1)] = 30
    seed: Annotated[int, Bounds(at_least=0, at_most=2**31)] = 42  # the rounds count on from it
    checkpoint_seconds: Annotated[float, Bounds(at_least=0)] = 15.0

    def of(self, encoding: Encoding) -> Hyperparameters:
        """Return them with the recipe's objective; InputError for what does not go with it."""
        goal = GOALS[encoding.objective]
        if self.objective not in {"", goal.name}:
            raise InputError(
                f"hyperparameter objective is {self.objective}, and the recipe's objective is {encoding.objective}"
                f" ({goal.name}): leave the hyperparameter out"
            )
        if self.scale_pos_weight != 1 and encoding.objective != "binary":
            raise InputError("hyperparameter scale_pos_weight is for the objective binary: leave it out")
        return replace(self, objective=goal.name)

    def boosting(self, data: xgb.DMatrix, encoding: Encoding) -> Settings:
        """Return how the trees grow, with threads to suit the data."""
        own = {"num_round", "nfold", "early_stopping_rounds", "checkpoint_seconds"}
        goal = GOALS[encoding.objective]
        if encoding.objective != "binary":
            own.add("scale_pos_weight")
        parameters: dict[str, object] = {name: value for name, value in asdict(self).items() if name not in own}
        if encoding.objective == "multiclass":
            parameters["num_class"] = len(encoding.classes)
        threads = threads_for(data.num_row() * data.num_col())
        return Settings(
            parameters={**parameters, "objective": goal.name, "eval_metric": goal.metric, "nthread": threads},
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
    settings = settings.of(encoding)
    training = read_examples(paths.channel("train"), encoding)
    validation = read_examples(paths.channel("validation"), encoding)
    require_labels(training.labels, encoding.classes, "train")
    require_labels(validation.labels, encoding.classes, "validation")
    _check_folds(settings, training, encoding)
    data = _matrix(training, encoding)
    boosting = Boosting(settings.boosting(data, encoding), data, _matrix(validation, encoding))
    checkpoints = Checkpoints.of(paths, _identity(settings, paths), pause_s=settings.checkpoint_seconds)
    if found := checkpoints.latest():
        boosting.load(found.folder)
    grow(boosting, checkpoints, stop, GOALS[encoding.objective].metric)
    if not boosting.final.rounds:
        if not checkpoints.are_kept:
            raise Stopped("the job was stopped during cross-validation: there is no model yet")
        log(f"stopped on request after {boosting.step} rounds of cross-validation: there is no model yet")
        return
    if not boosting.is_done:
        log(f"stopped on request after {boosting.final.rounds} of {boosting.best} rounds: the model is kept")
    model = Model.of(boosting.final.booster, encoding, _decision(boosting, encoding, training))
    model.save(paths.model)
    _write_metrics(paths, settings, boosting.history[boosting.best - 1], model, validation)


def grow(boosting: Boosting, checkpoints: Checkpoints, stop: threading.Event, metric: str = "auc") -> None:
    """Add rounds until all are there or a stop is requested; save the state now and then, and at a stop."""
    while not boosting.is_done and not stop.is_set():
        if figures := boosting.advance():
            shown = "".join(f"\t{name}-{metric}:{value:.5f}" for name, value in figures.items())
            log(f"[{boosting.final.rounds - 1}]{shown}")
        elif boosting.is_validated:
            mean, deviation = boosting.history[boosting.best - 1].held_out
            name = metric.upper() if metric == "auc" else metric
            log(f"cross-validation: {boosting.best} rounds, {name} {mean:.4f} (standard deviation {deviation:.4f})")
        checkpoints.save(boosting.step, boosting.save)
    if not boosting.is_done:
        checkpoints.save(boosting.step, boosting.save, last=True)


def _decision(boosting: Boosting, encoding: Encoding, training: Examples) -> Decision:
    match encoding.objective:
        case "binary":
            return choose_threshold(boosting, training.labels)
        case "multiclass":
            return Decision(0.0, "the class with the highest probability")
        case "regression":
            return Decision(0.0, "none: the score is the answer")


def choose_threshold(boosting: Boosting, labels: npt.NDArray[np.integer]) -> Decision:
    """Return the threshold with the highest F1 over out-of-fold scores: each row's by a model that has not seen it.

    They are the whole train set's, nine times as many rows as the validation set has, where a dozen positive examples
    would leave the choice to chance.
    """
    scores = boosting.out_of_fold_scores(boosting.final.rounds)
    threshold = best_f1_threshold(labels, scores)
    rule = f"highest F1 of the out-of-fold scores of the train set ({labels.size} rows, {boosting.folds} folds)"
    log(f"decision threshold {threshold:.6g}: {rule}")
    return Decision(threshold, rule)


def _check_folds(settings: Hyperparameters, training: Examples, encoding: Encoding) -> None:
    rows = training.labels.size
    if not encoding.classes and rows < settings.nfold:
        raise InputError(f"the train set has {rows} rows: {settings.nfold} folds (hyperparameter nfold) need one each")
    counts = [int((training.labels == place).sum()) for place in range(len(encoding.classes))]
    if not counts or min(counts) >= settings.nfold:
        return
    if encoding.objective == "binary":
        raise InputError(
            f"the train set has {counts[1]} rows with label 1 of {rows}:"
            f" {settings.nfold} folds (hyperparameter nfold) need at least one row of both classes each"
        )
    place = counts.index(min(counts))
    raise InputError(
        f"the train set has {counts[place]} rows of the class {encoding.classes[place]}:"
        f" {settings.nfold} folds (hyperparameter nfold) need at least one row of every class each"
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

    goal = GOALS[model.encoding.objective]
    held_out = quality(model.encoding.objective, validation.labels, model.scores(validation.features))
    document = {
        "hyperparameters": {**asdict(settings), "rounds": model.booster.num_boosted_rounds()},
        goal.section: {
            f"validation:{goal.metric}": metric(*chosen.held_out),
            f"train:{goal.metric}": metric(*chosen.train),
            f"held_out:{goal.metric}": metric(held_out, "NaN"),
        },
        "decision": asdict(model.decision),
    }
    paths.output_data.mkdir(parents=True, exist_ok=True)
    (paths.output_data / "metrics.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
