"""A SageMaker in a cloud made of dictionaries."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.sagemaker.service import SageMaker
from tests.localcloud.sagemaker.fakes import ADMIN, Call, FakeHost, FakeImages


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def images() -> FakeImages:
    return FakeImages()


@pytest.fixture
def sagemaker(host: FakeHost, images: FakeImages, tmp_path: Path) -> Iterator[SageMaker]:
    service = SageMaker(host, images, tmp_path / "work", time_scale=1000.0)  # type: ignore[arg-type] # a fake of it
    yield service
    service.close()
    shutil.rmtree(tmp_path / "work", ignore_errors=True)


@pytest.fixture
def call(sagemaker: SageMaker) -> Call:
    """Run an operation as the administrator: `call("DescribeModel", ModelName="m")`."""
    return lambda operation, **parameters: sagemaker.call(operation, parameters, ADMIN)
