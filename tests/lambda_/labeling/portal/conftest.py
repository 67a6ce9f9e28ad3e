"""A portal over a local cloud, for all tests of its functions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.lifecycle import LocalCloud
from tests.lambda_.labeling.portal.house import House, built


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A portal with two teams, each with a job, and people of either, both and none."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud.up()
    with built(cloud.running(), Path(__file__).parents[4] / "web" / "labeling") as made:
        yield made
    cloud.down()
