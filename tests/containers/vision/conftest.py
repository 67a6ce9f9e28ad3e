"""Generated pictures through the jobs of the image, and a server of the model on every runner."""

from __future__ import annotations

import json
import shutil
import tarfile
from typing import TYPE_CHECKING

import pytest

from contract.paths import Paths
from mdlc.systems.images.generate import generate
from tests.containers.conftest import start
from vision import resnet
from vision.evaluate import evaluate
from vision.prepare import Split, prepare
from vision.train import train

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.containers.servers import Server

SMALL = {"image-size": "65", "epochs": "2", "augment": "true", "seed": "3"}


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Untrained networks with a sixteenth of the channels: the same code, in a fraction of the time."""

    def initial(classes: int, seed: int, width: int = 4) -> resnet.Arrays:
        return resnet.initial(classes, seed, width)

    monkeypatch.setattr("vision.model.initial", initial)


def pictures(folder: Path, rows: int = 20) -> Path:
    """Generated pictures, half of each class."""
    generate(folder, seed=5, rows=rows)
    return folder


def lay_out(paths: Paths, **hyperparameters: str) -> Paths:
    """Split generated pictures, and set out the channel and the hyperparameters of a training job."""
    pictures(paths.base / "processing/input/data")
    prepare(paths, Split(0, 0.2, 0.4))
    shutil.copytree(paths.processing_output("training"), paths.base / "input/data/training")
    return configure(paths, **hyperparameters)


def configure(paths: Paths, **hyperparameters: str) -> Paths:
    """Write the job's hyperparameters: those of a small job, and these."""
    paths.hyperparameters.parent.mkdir(parents=True, exist_ok=True)
    given = {name.replace("_", "-"): value for name, value in hyperparameters.items()}
    paths.hyperparameters.write_text(json.dumps(SMALL | given))
    return paths


def hand_over(paths: Paths) -> None:
    """Pack the model directory as SageMaker does, and give it and the test set to the evaluation."""
    inputs = paths.base / "processing/input"
    (inputs / "model").mkdir()
    with tarfile.open(inputs / "model/model.tar.gz", "w:gz") as tar:
        for file in paths.model.iterdir():
            tar.add(file, file.name)
    shutil.copytree(paths.processing_output("test"), inputs / "test")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """/opt/ml after all jobs of the image; tests must not change it."""
    paths = lay_out(Paths(tmp_path_factory.mktemp("vision") / "ml"))
    train(paths)
    hand_over(paths)
    evaluate(paths)
    return paths


@pytest.fixture(scope="session", params=["process", "image"])
def server(request: pytest.FixtureRequest, trained: Paths) -> Iterator[Server]:
    """The server of the classifier; every test runs on every way of starting it."""
    result = start(request, trained, "vision")
    yield result
    result.terminate()
    assert result.wait(35) == 0
