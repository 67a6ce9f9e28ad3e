"""``evaluate``: quality on the test set, in the format of Model Monitor and the model registry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contract.archive import unpack_archive
from contract.errors import InputError
from contract.job import log
from evaluation.reports import classification, regression
from knn.index import Index
from knn.tables import read_folder

if TYPE_CHECKING:
    from contract.paths import Paths


def evaluate(paths: Paths) -> None:
    """Read processing inputs model (model.tar.gz) and test; write output evaluation/evaluation.json."""
    with unpack_archive(paths.processing_input("model") / "model.tar.gz") as folder:
        index = Index.load(folder)
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
