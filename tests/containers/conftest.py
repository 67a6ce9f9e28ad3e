"""One trained model for all container tests, and a server of it on every runner."""

from __future__ import annotations

import re
import shutil
import signal
import tarfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from contract.paths import Paths
from localsagemaker.images import Images
from mdlc.systems.fraud.generate import generate
from tabular.bias import Facet, Outcome, bias
from tabular.evaluate import evaluate
from tabular.explain import explain
from tabular.model import Model
from tabular.prepare import Split, prepare
from tabular.train import train
from tests.containers.servers import REQUEST_TIMEOUT, SETTINGS, Server, serve_image, serve_process, wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """claims.csv and customers.csv with 5,000 rows each."""
    folder = tmp_path_factory.mktemp("dataset")
    generate(folder, seed=7, rows=5000)
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Paths:
    """An empty /opt/ml."""
    return Paths(tmp_path / "ml")


def lay_out(paths: Paths, dataset: Path) -> None:
    """Run every job of the image on a data set, passing files from one to the next as a pipeline does."""
    shutil.copytree(dataset, paths.base / "processing/input/data")
    prepare(paths, "fraud", Split())
    for channel in ("train", "validation", "features"):
        shutil.copytree(paths.processing_output(channel), paths.base / "input/data" / channel)
    handler = signal.getsignal(signal.SIGTERM)
    train(paths)
    signal.signal(signal.SIGTERM, handler)
    inputs = paths.base / "processing/input"
    (inputs / "model").mkdir()
    with tarfile.open(inputs / "model/model.tar.gz", "w:gz") as tar:
        for file in paths.model.iterdir():
            tar.add(file, file.name)
    shutil.copytree(paths.processing_output("test"), inputs / "test")
    evaluate(paths)
    explain(paths)
    bias(paths, Facet("customer_gender_female", 1), Outcome("fraud", 0))


@pytest.fixture(scope="session")
def finished(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """/opt/ml after all jobs of the pipeline; tests must not change it."""
    paths = Paths(tmp_path_factory.mktemp("finished") / "ml")
    lay_out(paths, dataset)
    return paths


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Images:
    """A store of images of its own."""
    return Images(tmp_path_factory.mktemp("images") / "state")


@pytest.fixture(scope="session", params=["process", "image"])
def server(request: pytest.FixtureRequest, finished: Paths) -> Iterator[Server]:
    """The trained model's server; the contract tests run on every way of starting it."""
    result = start(request, finished)
    yield result
    result.terminate()
    assert result.wait(35) == 0


@pytest.fixture(params=["process", "image"])
def own_server(request: pytest.FixtureRequest, finished: Paths) -> Iterator[Server]:
    """A server for one test only, which may end it; a request that it has begun is given more than a second."""
    result = start(request, finished, request_timeout=3)
    yield result
    result.terminate()
    result.wait(35)


def start(
    request: pytest.FixtureRequest, paths: Paths, name: str = "tabular", request_timeout: float = REQUEST_TIMEOUT
) -> Server:
    """Start the server of an image in the way that the fixture's parameter says."""
    settings = SETTINGS | {"SERVER_REQUEST_TIMEOUT": str(request_timeout)}
    if request.param == "process":
        return wait_until_ready(serve_process(paths, name, settings))
    return wait_until_ready(serve_image(paths, request.getfixturevalue("images"), name, settings))


@pytest.fixture(scope="session")
def rows(finished: Paths) -> list[str]:
    """The test set as CSV lines without their labels."""
    lines = (finished.base / "processing/output/test/test.csv").read_text().splitlines()
    return [line.partition(",")[2] for line in lines]


@pytest.fixture(scope="session")
def expected(finished: Paths, rows: list[str]) -> list[float]:
    """What XGBoost itself says of the test rows."""
    table = np.array([[float(cell) for cell in row.split(",")] for row in rows], dtype=np.float32)
    scores: list[float] = Model.load(finished.model).scores(table).tolist()
    return scores


@pytest.fixture(scope="session")
def record(dataset: Path) -> dict[str, object]:
    """The raw record of policy 1 as an application has it: numbers as numbers, the rest as text."""
    merged: dict[str, object] = {}
    for file in ("claims.csv", "customers.csv"):
        header, first = (dataset / file).read_text().splitlines()[:2]
        merged |= dict(zip(header.split(","), first.split(","), strict=True))
    return {name: float(str(v)) if re.fullmatch(r"-?\d+(\.\d+)?", str(v)) else v for name, v in merged.items()}
