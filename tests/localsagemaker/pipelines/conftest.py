"""The bench as a fixture."""

import pytest

from tests.localsagemaker.fakes import Call, FakeImages, exits
from tests.localsagemaker.pipelines.bench import Bench


@pytest.fixture
def bench(call: Call, images: FakeImages) -> Bench:
    images.programs["image"] = exits(0)
    return Bench(call)
