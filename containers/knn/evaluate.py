"""``evaluate``: quality on the test set, in the format of Model Monitor and the model registry."""

from __future__ import annotations

import json
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import InputError
from contract.job import log
from evaluation.classification import ConfusionMatrix, accuracy, f1, precision, recall
from evaluation.regression import mean_absolute_error, mean_squared_error
from knn.index import Index
from knn.tables import Floats, read_folder

if TYPE_CHECKING:
    from contract.paths import Paths


def evaluate(paths: Paths) -> None:
    """Read processing inputs model (model.tar.gz) and test; write output evaluation/evaluation.json."""
    index = load_archive(paths.processing_input("model") / "model.tar.gz")
    test = read_folder(paths.processing_input("test"))
    if test.features.shape[1] != index.settings.feature_dim:
        raise InputError(
            f"the test set has {test.features.shape[1]} features, and the model {index.settings.feature_dim}"
        )
    predicted = index.predict(index.search(test.features))
    report = (
        classification(test.labels, predicted)
        if index.settings.predictor_type == "classifier"
        else regression(test.labels, predicted)
    )
    report["dataset"] = {"item_count": int(test.labels.size)}
    target = paths.processing_output("evaluation") / "evaluation.json"
    target.write_text(json.dumps(report, indent=1), encoding="utf-8")
    log(f"{test.labels.size} rows evaluated")


def load_archive(archive: Path) -> Index:
    """Read a model from the archive that a training job left."""
    if not archive.is_file():
        raise InputError(f"the model is missing: {archive} does not exist")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(archive, "r:gz") as tar:
                for member in tar:
                    file = tar.extractfile(member) if member.isfile() else None
                    if file is not None:  # by its own name only: nothing is written to a path that the archive names
                        Path(folder, Path(member.name).name).write_bytes(file.read())
        except (tarfile.TarError, EOFError, OSError) as error:
            raise InputError(f"{archive} is not a gzip-compressed tar archive: {error}") from error
        return Index.load(Path(folder))


def classification(actual: Floats, predicted: Floats) -> dict[str, object]:
    """Return the report on a classifier: plain metrics, and those of Model Monitor's multiclass format."""
    matrix = ConfusionMatrix.of(actual, predicted)
    names = [f"{label:g}" for label in matrix.classes]
    right = _metric(accuracy(actual, predicted))
    weighted = {
        "weighted_precision": _metric(precision(actual, predicted, average="weighted")),
        "weighted_recall": _metric(recall(actual, predicted, average="weighted")),
        "weighted_f1": _metric(f1(actual, predicted, average="weighted")),
    }
    return {
        "classification_metrics": {
            "accuracy": right,
            "macro_precision": _metric(precision(actual, predicted, average="macro")),
            "macro_recall": _metric(recall(actual, predicted, average="macro")),
            "macro_f1": _metric(f1(actual, predicted, average="macro")),
        },
        "multiclass_classification_metrics": {
            "confusion_matrix": {
                name: dict(zip(names, map(int, row), strict=True))
                for name, row in zip(names, matrix.counts, strict=True)
            },
            "accuracy": right,
            **weighted,
        },
    }


def regression(actual: Floats, predicted: Floats) -> dict[str, object]:
    """Return the report on a regressor, in Model Monitor's regression format."""
    mse = mean_squared_error(actual, predicted)
    return {
        "regression_metrics": {
            "mae": _metric(mean_absolute_error(actual, predicted)),
            "mse": _metric(mse),
            "rmse": _metric(mse**0.5),
        }
    }


def _metric(value: float) -> dict[str, float | str]:
    return {"value": value, "standard_deviation": "NaN"}
