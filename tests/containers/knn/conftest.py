"""Iris through the jobs of the image, and a server of its index on every runner."""

from __future__ import annotations

import json
import shutil
import tarfile
from typing import TYPE_CHECKING

import pytest

from contract.paths import Paths
from knn.evaluate import evaluate
from knn.prepare import prepare
from knn.train import train
from mdlc.systems.knn.generate import generate
from tests.containers.conftest import start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.containers.servers import Server

REQUIRED = {"k": "1", "predictor_type": "classifier", "sample_size": "1000"}
CSV = "text/csv;label_size=1"


def configure(paths: Paths, hyperparameters: dict[str, str], channels: dict[str, dict[str, str]]) -> None:
    """Write what SageMaker writes before a training job."""
    paths.hyperparameters.parent.mkdir(parents=True, exist_ok=True)
    paths.hyperparameters.write_text(json.dumps(hyperparameters))
    paths.input_data_config.write_text(json.dumps(channels))


def given(paths: Paths, train_csv: str, test_csv: str | None = None, **hyperparameters: str) -> Paths:
    """Return a base directory with the channels of a training job, and hyperparameters beside the required ones."""
    tables = {"train": train_csv} | ({} if test_csv is None else {"test": test_csv})
    for name, text in tables.items():
        folder = paths.base / "input/data" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.csv").write_text(text)
    configure(paths, REQUIRED | hyperparameters, {name: {"ContentType": CSV} for name in tables})
    return paths


@pytest.fixture(scope="session")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """/opt/ml after all jobs of the image on Iris, split as scikit-learn does with seed 0; tests must not change it."""
    paths = Paths(tmp_path_factory.mktemp("iris") / "ml")
    generate(paths.base / "processing/input/data", seed=0, rows=150)
    prepare(paths, seed=0, test_fraction=0.25)
    for name in ("train", "test"):
        shutil.copytree(paths.processing_output(name), paths.base / "input/data" / name)
    configure(paths, REQUIRED, {name: {"ContentType": CSV, "TrainingInputMode": "File"} for name in ("train", "test")})
    train(paths)
    inputs = paths.base / "processing/input"
    archive(paths, inputs / "model")
    shutil.copytree(paths.processing_output("test"), inputs / "test")
    evaluate(paths)
    return paths


def archive(paths: Paths, folder: Path) -> None:
    """Pack the model directory as SageMaker does."""
    folder.mkdir(parents=True)
    with tarfile.open(folder / "model.tar.gz", "w:gz") as tar:
        for file in paths.model.iterdir():
            tar.add(file, file.name)


@pytest.fixture(scope="session", params=["process", "image"])
def server(request: pytest.FixtureRequest, iris: Paths) -> Iterator[Server]:
    """The server of the Iris index; every test runs on every way of starting it."""
    result = start(request, iris, "knn")
    yield result
    result.terminate()
    assert result.wait(35) == 0
