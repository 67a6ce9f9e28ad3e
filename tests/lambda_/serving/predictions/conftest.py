"""A SageMaker runtime on 127.0.0.1 that answers what a test tells it to, and a client that really talks to it."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.config import Config

from predictions import handler
from predictions.settings import Settings


@dataclass
class Runtime:
    """What the endpoint answers next, and what it was asked."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    body: bytes = b'{"predictions": [{"score": 0.93, "predicted_label": 1}]}'
    delay_seconds: float = 0
    address: str = ""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def fail(self, status: int, code: str, message: str | None, **members: str | int) -> None:
        """Answer an error as the runtime's REST-JSON protocol writes it."""
        self.status = status
        self.headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
        self.body = json.dumps({"Message": message, **members}).encode()


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The endpoint, and what its model takes."""
    settings = Settings("dev-fraud", ("text/csv", "application/json", "application/jsonlines"))
    monkeypatch.setattr(handler, "settings", lambda: settings)
    return settings


def ask_at(address: str, monkeypatch: pytest.MonkeyPatch, changes: Config | None = None) -> None:
    """Send what the function asks to an address, with the function's own patience or another."""
    config = handler.CLIENT.merge(changes or Config())
    client = boto3.client("sagemaker-runtime", endpoint_url=address, config=config)
    monkeypatch.setattr(handler, "runtime", lambda: client)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch, aws: None) -> Iterator[Runtime]:  # noqa: ARG001 - keys and region
    state = Runtime()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(state.delay_seconds)
            with contextlib.suppress(BrokenPipeError):  # a client that waited no longer
                self.send_response(state.status)
                for name, value in {**state.headers, "Content-Length": str(len(state.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(state.body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    state.address = f"http://127.0.0.1:{server.server_port}"
    ask_at(state.address, monkeypatch)
    yield state
    server.shutdown()
    server.server_close()
