"""One local cloud with the dev environment, made as a user would make it: by the demo."""

from collections.abc import Iterator

import pytest

from tests.systems.workplace import Workplace, rehearsed


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A folder in which `mdlc demo` has run for two systems."""
    with rehearsed(tmp_path_factory.mktemp("demo"), "fraud", "knn") as here:
        yield here
