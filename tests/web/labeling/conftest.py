"""One browser and one page for each way to work."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.web.labeling.worker import Finger, Hand, Keys, Mouse, Worker, working


@pytest.fixture(scope="package")
def worker(browser: Browser) -> Iterator[Worker]:
    with working(browser) as opened:
        yield opened


@pytest.fixture(scope="package")
def toucher(browser: Browser) -> Iterator[Worker]:
    with working(browser, has_touch=True) as opened:
        yield opened


@pytest.fixture(params=["mouse", "finger", "keys"])
def hand(request: pytest.FixtureRequest) -> Hand:
    match request.param:
        case "finger":
            return Finger(request.getfixturevalue("toucher"))
        case "keys":
            return Keys(request.getfixturevalue("worker"))
        case _:
            return Mouse(request.getfixturevalue("worker"))
