"""Ways of starting an image's server: from this environment, and from the built image on this machine's engine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract.paths import Paths
    from localsagemaker.images import Images

CONTAINERS = Path(__file__).parents[2] / "containers"
BODY_LIMIT = 200_000
REQUEST_TIMEOUT = 1.0


@dataclass
class Server:
    """A running server and how to end it."""

    port: int
    paths: Paths
    terminate: Callable[[], None]
    wait: Callable[[float], int | None]
    log: list[str] = field(default_factory=list)
    pid: int = 0

    def connect(self) -> socket.socket:
        """A plain connection; ten seconds are much for any answer here."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ready(self, patience: float = 2) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=patience) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except (urllib.error.URLError, OSError):
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


SETTINGS = {
    "SAGEMAKER_MODEL_SERVER_WORKERS": "2",
    "SERVER_BODY_LIMIT": str(BODY_LIMIT),
}


def serve_process(paths: Paths, name: str, settings: Mapping[str, str]) -> Server:
    """Start an image's server from this environment, without the image."""
    port = free_port()
    environment = {
        **os.environ,
        **settings,
        "SAGEMAKER_BASE_DIR": str(paths.base),
        "SAGEMAKER_BIND_TO_HOST": "127.0.0.1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", name, "serve"], env=environment)

    def wait(timeout: float) -> int | None:
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    return Server(port, paths, process.terminate, wait, pid=process.pid)


def serve_image(paths: Paths, images: Images, name: str, settings: Mapping[str, str]) -> Server:
    """Build the image, or find it built, and start its server on the engine of this machine."""
    log: list[str] = []
    image = images.build(CONTAINERS, f"{name}/Dockerfile", f"local.test/{name}:contract", log.append)
    print(f"contract tests run against the image: {image.description}")  # noqa: T201 - which base was used
    port = free_port()
    running = image.run(arguments=["serve"], environment=settings, base_dir=paths.base, port=port, log=log.append)
    return Server(port, paths, running.terminate, running.wait, log)


def wait_until_ready(server: Server) -> Server:
    """Return the server once /ping answers; fail with its log if it ends instead, or after a minute."""
    deadline = time.monotonic() + 60
    while not server.ready():
        assert server.wait(0.05) is None, "\n".join(server.log) or "the server ended at once"
        assert time.monotonic() < deadline, "\n".join(server.log) or "the server does not answer /ping"
    return server
