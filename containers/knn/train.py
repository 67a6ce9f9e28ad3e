"""``train``: sample, reduce, build the index, and score the test channel, in the built-in algorithm's own terms."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Literal, cast

import numpy as np

from contract.errors import InputError
from contract.hosts import is_first_host
from contract.hyperparameters import Bounds, read_hyperparameters
from contract.job import end_on_request, log
from evaluation.classification import accuracy, f1
from evaluation.regression import mean_squared_error
from knn.index import Index, Metric, PredictorType, Settings, projection
from knn.tables import Examples, Floats, has_channel, read_channel

if TYPE_CHECKING:
    from contract.paths import Paths

HOST = "algo-1"


@dataclass(frozen=True)
class Hyperparameters:
    """What a training job may set; names and meanings are the built-in algorithm's.

    ``feature_dim`` may be left out (0): the data says it; when given, it must agree. ``index_type`` is faiss.Flat, the
    exact one: an approximate index would answer otherwise than this image does. ``seed`` is ours: sampling and
    projection are repeatable. Source: developer guide, "k-NN Hyperparameters".
    """

    k: Annotated[int, Bounds(at_least=1)]
    predictor_type: Annotated[str, Bounds(choices=("classifier", "regressor"))]
    sample_size: Annotated[int, Bounds(at_least=1)]
    feature_dim: Annotated[int, Bounds(at_least=1)] = 0
    dimension_reduction_type: Annotated[str, Bounds(choices=("sign", "fjlt"))] = ""
    dimension_reduction_target: Annotated[int, Bounds(at_least=1)] = 0
    index_type: Annotated[str, Bounds(choices=("faiss.Flat",))] = "faiss.Flat"
    index_metric: Annotated[str, Bounds(choices=("L2", "INNER_PRODUCT", "COSINE"))] = "L2"
    mini_batch_size: Annotated[int, Bounds(at_least=1)] = 5000
    seed: Annotated[int, Bounds(at_least=0)] = 0


def train(paths: Paths) -> None:
    """Read channel train and, where there is one, test; write the model directory.

    It is one step without a state worth keeping: an interrupted job begins anew, and ends with the same model.
    """
    end_on_request("the job was stopped before the index was there")
    settings = read_hyperparameters(Hyperparameters, paths.hyperparameters)
    if not is_first_host(paths):
        return
    examples = read_channel(paths, "train")
    index = build(settings, examples)
    log(f"hyperparameters: {asdict(settings)}")
    log(f"index of {index.labels.size} of {examples.labels.size} rows, {index.rows.shape[1]} features")
    if has_channel(paths, "test"):
        score(index, read_channel(paths, "test"), settings.mini_batch_size)
    else:
        log("there is no test channel: nothing is scored")
    index.save(paths.model)


def build(settings: Hyperparameters, examples: Examples) -> Index:
    """Return the index over a sample of the examples; InputError for what the hyperparameters do not fit."""
    if settings.predictor_type == "classifier":
        _check_classes(examples.labels)
    width = examples.features.shape[1]
    if settings.feature_dim not in {0, width}:
        raise InputError(
            f"hyperparameter feature_dim is {settings.feature_dim}, and channel train has {width} features"
        )
    sampled = _sample(examples, settings)
    if settings.k > sampled.labels.size:
        raise InputError(f"hyperparameter k is {settings.k}, and the index has {sampled.labels.size} rows only")
    reduction = _reduction(settings, width)
    return Index(
        Settings(
            predictor_type=cast("PredictorType", settings.predictor_type),
            k=settings.k,
            index_metric=cast("Metric", settings.index_metric),
            feature_dim=width,
        ),
        sampled.features if reduction is None else sampled.features @ reduction,
        sampled.labels,
        reduction,
    )


def _check_classes(labels: Floats) -> None:
    wrong = np.flatnonzero(labels != np.round(labels))
    if wrong.size:
        raise InputError(
            f"channel train, row {wrong[0] + 1}: the first column has {labels[wrong[0]]:g}, and the label of a class is"
            " a whole number: is the label column missing?"
        )
    if np.unique(labels).size == 1:
        raise InputError(f"channel train has the label {labels[0]:g} only: a classifier needs two at least")


def _sample(examples: Examples, settings: Hyperparameters) -> Examples:
    count = examples.labels.size
    if settings.sample_size >= count:
        return examples
    kept = np.sort(np.random.default_rng(settings.seed).choice(count, settings.sample_size, replace=False))
    return Examples(examples.labels[kept], examples.features[kept])


def _reduction(settings: Hyperparameters, width: int) -> Floats | None:
    kind, target = settings.dimension_reduction_type, settings.dimension_reduction_target
    if not kind and not target:
        return None
    if not kind or not target:
        raise InputError("hyperparameters dimension_reduction_type and dimension_reduction_target go together")
    if target >= width:
        raise InputError(f"hyperparameter dimension_reduction_target must be below the {width} features, not {target}")
    return projection(cast("Literal['sign', 'fjlt']", kind), width, target, settings.seed)


def score(index: Index, examples: Examples, batch: int) -> None:
    """Log the scores of the test channel: a line per mini-batch, over all rows up to it, so that the last says all."""
    width = examples.features.shape[1]
    if width != index.settings.feature_dim:
        raise InputError(f"channel test has {width} features, and channel train {index.settings.feature_dim}")
    predicted = np.empty(examples.labels.size)
    for start in range(0, predicted.size, batch):
        end = min(start + batch, predicted.size)
        predicted[start:end] = index.predict(index.search(examples.features[start:end]))
        for name, value in scores(index.settings.predictor_type, examples.labels[:end], predicted[:end]).items():
            log(f"#test_score ({HOST}) : ('{name}', {value!r})")


def scores(predictor_type: PredictorType, actual: Floats, predicted: Floats) -> dict[str, float]:
    """Return what the test channel's lines say, by their names."""
    if predictor_type == "regressor":
        return {"mse": mean_squared_error(actual, predicted)}
    return {"accuracy": accuracy(actual, predicted), "macro_f_1.000": f1(actual, predicted, average="macro")}
