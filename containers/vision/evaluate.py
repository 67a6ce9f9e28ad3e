"""``evaluate``: quality on the test set, and the misclassified pictures."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np

from contract.archive import unpack_archive
from contract.errors import InputError
from contract.job import log
from evaluation.classification import accuracy, f1, precision, recall
from evaluation.reports import classification
from vision.model import Model
from vision.pictures import middle, normalize, read, read_folder

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from contract.paths import Paths
    from vision.pictures import PictureFolder

KEPT = 50
"""At most so many misclassified pictures are kept, the surest mistakes first."""


def evaluate(paths: Paths) -> None:
    """Read processing inputs model and test; write output evaluation.

    evaluation.json has the figures, misclassified.json and the folder misclassified the pictures.
    """
    with unpack_archive(paths.processing_input("model") / "model.tar.gz") as archive:
        model = Model.load(archive)
    test = read_folder(paths.processing_input("test"), "the test set")
    if unknown := [name for name in test.classes if name not in model.classes]:
        raise InputError(f"the test set has the class {unknown[0]}: the model knows {', '.join(model.classes)}")
    found = model.probabilities(normalize(middle(read(path), model.image_size)) for path in test.paths)
    actual = np.array([test.classes[label] for label in test.labels])
    predicted = np.array(model.classes)[found.argmax(axis=1)]
    report = {**classification(actual, predicted), "dataset": {"item_count": int(actual.size)}}
    folder = paths.processing_output("evaluation")
    (folder / "evaluation.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    mistakes = list_mistakes(test, actual, predicted, found.max(axis=1))
    (folder / "misclassified.json").write_text(json.dumps(mistakes, indent=1), encoding="utf-8")
    keep(mistakes, paths.processing_input("test"), folder / "misclassified")
    for name, average in (("precision", precision), ("recall", recall), ("f1", f1)):
        log(f"macro {name} {average(actual, predicted, average='macro'):.6g} on {actual.size} pictures")
    log(f"accuracy {accuracy(actual, predicted):.6g} on {actual.size} pictures")


def list_mistakes(
    test: PictureFolder,
    actual: npt.NDArray[np.str_],
    predicted: npt.NDArray[np.str_],
    probability: npt.NDArray[np.float32],
) -> list[dict[str, object]]:
    """List the mistakes, the surest first: the picture, its class, and the predicted class with its probability."""
    wrong = np.flatnonzero(actual != predicted)
    ranked = wrong[np.argsort(-probability[wrong], kind="stable")]
    return [
        {
            "picture": f"{actual[place]}/{test.paths[place].name}",
            "actual": str(actual[place]),
            "predicted": str(predicted[place]),
            "probability": float(probability[place]),
        }
        for place in ranked
    ]


def keep(mistakes: list[dict[str, object]], test: Path, folder: Path) -> None:
    """Copy the pictures of the first mistakes."""
    for mistake in mistakes[:KEPT]:
        target = folder / str(mistake["picture"])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(test / str(mistake["picture"]), target)
