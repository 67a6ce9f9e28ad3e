"""The portal's page in a browser, over its real functions."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from localcloud.lifecycle import LocalCloud
from ml_constructs.labeling.site import copy_page
from tests.lambda_.labeling.portal.house import House, built


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A portal with people who know their passwords, and one who has yet to choose one."""
    folder = tmp_path_factory.mktemp("portal")
    copy_page(folder / "site")
    cloud = LocalCloud(folder / "cloud")
    cloud.up()
    with built(cloud.running(), folder / "site") as made:
        yield made
    cloud.down()


@pytest.fixture(scope="package")
def address(house: House) -> Iterator[str]:
    with house.opened() as place:
        yield place


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1000, "height": 800})
    made.set_default_timeout(30_000)
    yield made
    made.close()
