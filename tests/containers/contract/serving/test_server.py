"""How the server starts, keeps its workers, and ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract.paths import Paths

pytestmark = pytest.mark.slow


def start(base: Path, port: int = 0, workers: int = 2) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_BIND_TO_HOST": "127.0.0.1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_MODEL_SERVER_WORKERS": str(workers),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tabular", "serve"],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    found = re.fullmatch(r"serving on 127\.0\.0\.1:(\d+) with \d+ worker processes\n", process.stdout.readline())
    assert found
    return int(found[1])


def ping(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
            return connection.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def until(condition: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def process(finished: Paths) -> Iterator[subprocess.Popen[str]]:
    result = start(finished.base)
    yield result
    result.terminate()
    result.communicate(timeout=20)


def test_a_worker_that_dies_is_replaced(process: subprocess.Popen[str]) -> None:
    port = port_of(process)
    parent = psutil.Process(process.pid)
    until(lambda: ping(port))
    until(lambda: len(parent.children()) == 2)
    time.sleep(1)  # both have loaded the model
    first = {child.pid for child in parent.children()}
    os.kill(min(first), signal.SIGKILL)
    until(lambda: len({child.pid for child in parent.children()} - first) == 1)
    until(lambda: ping(port))
    assert process.poll() is None


def test_workers_end_when_their_parent_was_killed(finished: Paths) -> None:
    process = start(finished.base)
    port = port_of(process)
    until(lambda: ping(port))
    children = psutil.Process(process.pid).children()
    process.kill()
    process.communicate()
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert not ping(port)


def test_a_server_without_a_model_ends_and_says_why(tmp_path: Path) -> None:
    process = start(tmp_path)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "there is no model: " in errors
    assert "could not start: the server ends" in output


def test_a_port_in_use_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = start(tmp_path, port)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors == f"cannot bind 127.0.0.1:{port}: Address already in use\n"


def test_a_wrong_setting_is_refused_with_a_sentence(tmp_path: Path) -> None:
    process = start(tmp_path, workers=0)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.startswith("the environment variable SAGEMAKER_MODEL_SERVER_WORKERS must be a whole number")


def test_sigint_ends_it_as_well(finished: Paths) -> None:
    process = start(finished.base)
    port = port_of(process)
    until(lambda: ping(port))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0
