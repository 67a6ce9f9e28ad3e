"""One local cloud with the dev environment, made as a user would make it: by the demo."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.systems.workplace import PROJECT, Workplace

PUBLISHED = Path(os.environ.get("MDLC_FRAUD_DATA", PROJECT.parent / "shared" / "data" / "fraud"))
"""The published claims and customers, where a copy of them lies on this machine."""


AT_ONCE = ("fraud", "steps")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A folder in which `mdlc demo` has run for two systems, begun at the same moment; at the end nothing is left."""
    here = Workplace(tmp_path_factory.mktemp("demo"))
    with ThreadPoolExecutor(len(AT_ONCE)) as pool:
        ended = list(pool.map(lambda system: here.mdlc("demo", system, timeout=600), AT_ONCE))
    assert [done.code for done in ended] == [0] * len(AT_ONCE), [done.said[-2000:] for done in ended]
    assert sum("which deploys to this local cloud" in done.said for done in ended) == 1
    server = psutil.Process(here.done("local", "status")["pid"])
    yield here
    children = server.children(recursive=True)
    here.done("local", "down")
    assert not [process for process in (server, *children) if process.is_running()]
    left = {path.name for path in (here.folder / ".mdlc" / "local").iterdir()}
    assert left <= {"lock", "images", "venvs"}, "only what makes the next start quick may stay"
