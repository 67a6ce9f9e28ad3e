"""One local cloud with the dev environment, made as a user would make it: by the demo."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.systems.workplace import PROJECT, Workplace

PUBLISHED = Path(os.environ.get("MDLC_FRAUD_DATA", PROJECT.parent / "shared" / "data" / "fraud"))
"""The published claims and customers, where a copy of them lies on this machine."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A folder in which `mdlc demo fraud` has run; at the end nothing of it is left."""
    here = Workplace(tmp_path_factory.mktemp("demo"))
    here.done("demo", "fraud", timeout=600)
    server = psutil.Process(here.done("local", "status")["pid"])
    yield here
    children = server.children(recursive=True)
    here.done("local", "down")
    assert not [process for process in (server, *children) if process.is_running()]
    left = {path.name for path in (here.folder / ".mdlc" / "local").iterdir()}
    assert left <= {"lock", "images", "venvs"}, "only what makes the next start quick may stay"
