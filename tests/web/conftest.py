"""One browser for all pages: Playwright runs once in a process."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.web.labeling.worker import chromium

expect.set_options(timeout=30_000)  # a machine that is busy with other tests is slower, and no answer comes by itself


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened
