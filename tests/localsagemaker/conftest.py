"""A SageMaker in a cloud made of dictionaries."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.faults.requests import RequestFaults
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, Call, FakeHost, FakeImages


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def images() -> FakeImages:
    return FakeImages()


@pytest.fixture
def faults() -> RequestFaults:
    """What fails on purpose."""
    return RequestFaults()


@pytest.fixture
def sagemaker(host: FakeHost, images: FakeImages, faults: RequestFaults, tmp_path: Path) -> Iterator[SageMaker]:
    gate = faults.pass_or_refuse
    service = SageMaker(host, images, tmp_path / "work", 1000.0, gate=gate)  # type: ignore[arg-type] # a fake of it
    yield service
    service.close()
    shutil.rmtree(tmp_path / "work", ignore_errors=True)


@pytest.fixture
def call(sagemaker: SageMaker) -> Call:
    """Run an operation as the administrator: `call("DescribeModel", ModelName="m")`."""
    return lambda operation, **parameters: sagemaker.call(operation, parameters, ADMIN)
