"""The same on another local cloud, for another core; it runs images as processes, as it would without an engine."""

from collections.abc import Iterator

import pytest

from tests.systems.workplace import Workplace, rehearsed


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A folder in which `mdlc demo` has run for the two systems on Step Functions."""
    with rehearsed(tmp_path_factory.mktemp("demo"), "steps", "images", engine="process") as here:
        yield here
