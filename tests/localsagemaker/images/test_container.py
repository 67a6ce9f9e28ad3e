"""What is podman's own business, and is left when podman is killed."""

import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from localsagemaker.images.container import ContainerEngine, end_monitors

OURS, ANOTHER_S = (f"mdlc-{uuid.uuid4().hex[:16]}-" for _ in range(2))
FORGOTTEN = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


class Monitor:
    """A process with the name and the command line of podman's monitor, and a child as its container."""

    def __init__(self, folder: Path, container: str) -> None:
        program = folder / "conmon"
        if not program.exists():
            program.symlink_to(sys.executable)
        command = [str(program), "-c", FORGOTTEN, "--name", container]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.child = psutil.Process(int(self.process.stdout.readline()))

    def end(self) -> None:
        if self.child.is_running():
            self.child.kill()
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Monitor]:
    monitor = Monitor(tmp_path, f"{OURS}1")
    yield monitor
    monitor.end()


@pytest.fixture
def another_s(tmp_path: Path) -> Iterator[Monitor]:
    monitor = Monitor(tmp_path, f"{ANOTHER_S}1")
    yield monitor
    monitor.end()


@pytest.mark.slow  # it starts processes
def test_forgotten_monitors_of_one_local_cloud_are_ended_with_their_containers(
    ours: Monitor, another_s: Monitor
) -> None:
    end_monitors(OURS)
    assert ours.process.wait(10) == -9
    assert psutil.wait_procs([ours.child], timeout=10) == ([ours.child], [])
    assert another_s.process.poll() is None
    assert another_s.child.is_running()


ENGINE = """#!/bin/sh
case "$1" in
build) echo begun >>"$0.log"; sleep 0.2; echo ended >>"$0.log" ;;
image) echo '[{"Id": "sha256:0", "Config": {}}]' ;;
esac
"""


def test_two_clouds_that_build_one_dockerfile_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "podman"
    program.write_text(ENGINE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "locks"))
    (tmp_path / "Dockerfile").write_text("FROM python:3.13\n")

    def build(cloud: int) -> None:
        engine = ContainerEngine("podman", tmp_path / str(cloud))
        engine.build(tmp_path, "Dockerfile", f"one:{cloud}", "sha256:0", print)

    with ThreadPoolExecutor() as clouds:
        list(clouds.map(build, range(4)))
    assert (tmp_path / "podman.log").read_text().split() == ["begun", "ended"] * 4
    assert list((tmp_path / "locks").iterdir()) == []
