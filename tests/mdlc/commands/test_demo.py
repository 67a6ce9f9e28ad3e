"""`mdlc demo` in a folder of its own: as prod, and killed in the middle."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_prod_is_rehearsed_like_dev(tmp_path: Path) -> None:
    here = Workplace(tmp_path)
    summary = here.done("demo", "fraud", "-e", "prod", timeout=600)
    server = psutil.Process(here.done("local", "status")["pid"])
    try:
        assert summary["resources"]["refused"] == 0
        assert summary["prediction"]["response"]["predictions"]
    finally:
        here.done("local", "down")
    assert not server.is_running()


def test_killed_in_the_middle_of_a_run_and_started_again(tmp_path: Path) -> None:
    here = Workplace(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; from mdlc.cli import main; sys.exit(main())", "demo", "fraud"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        server = _server_with_a_job(here)
        started = [server, *server.children(recursive=True)]
        os.kill(server.pid, signal.SIGKILL)
        _, said = run.communicate(timeout=120)
    assert run.returncode == 1
    assert len([line for line in said.splitlines() if line.startswith("mdlc:")]) == 1
    here.done("local", "up")
    try:
        assert here.client("sagemaker").list_pipelines()["PipelineSummaries"] == []
        _, alive = psutil.wait_procs(started, timeout=10)  # what has ended may wait for its new parent to notice
        assert not alive
    finally:
        here.done("local", "down")


def _server_with_a_job(here: Workplace) -> psutil.Process:
    """Wait until the demo's local cloud runs a job of the pipeline."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        status = here.mdlc("local", "status").answer
        if status["up"]:
            pipelines = here.mdlc("pipeline", "status", "fraud").answer or {}
            if any(step["status"] == "Executing" for step in pipelines.get("steps", [])):
                return psutil.Process(status["pid"])
        time.sleep(0.2)
    raise AssertionError("the demo ran no job within five minutes")
