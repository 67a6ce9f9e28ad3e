"""A server for this machine alone: the portal's frame with its headers, tasks, and what comes back."""

import io
import json
import mimetypes
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from PIL import Image, ImageDraw

from mdlc.errors import CommandError
from mdlc.templates.template import Template, strings

PROJECT: Final = Path(__file__).parents[2]
SITE: Final = PROJECT / "web" / "labeling"
VENDOR: Final = {
    "json5.js": PROJECT / "node_modules/json5/dist/index.min.mjs",
    "liquid.js": PROJECT / "node_modules/liquidjs/dist/liquid.browser.mjs",
}
SIZE: Final = (800, 533)
"""Of the sample picture; that of AWS's own examples."""

Hear = Callable[[str, Any], None]


class TemplateServer(ThreadingHTTPServer):
    """Serves `page` at /, the frame, and templates as tasks; `hear` gets the path and the JSON of what is posted."""

    daemon_threads = True

    def __init__(self, page: str, templates: Sequence[Template], hear: Hear, port: int = 0) -> None:
        for file in VENDOR.values():
            if not file.is_file():
                raise CommandError(f"{file.name} of npm is missing: run make setup.")
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise CommandError(f"Port {port} cannot be had ({error.strerror}): choose another with --port.") from error
        self.page, self.templates, self.hear = page, templates, hear
        self.headers_of: Mapping[str, Mapping[str, str]] = json.loads((SITE / "headers.json").read_text("utf-8"))
        self.media = {uri: file for template in templates for uri, file in template.media.items()}

    @property
    def address(self) -> str:
        """Where a browser of this machine finds it."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base class's
        """Say nothing of a browser that has gone, and of everything else what it was."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def tasks(self) -> list[dict[str, Any]]:
        """Return what the page shows: each template with its data, and where its media are."""
        return [
            {
                "name": each.name,
                "template": each.text,
                "input": each.data,
                "media": [
                    {"uri": uri, "url": f"/media?uri={quote(uri, safe='')}"}
                    for uri in dict.fromkeys(strings(dict(each.data)))
                    if uri in self.media or uri.startswith("s3://")
                ],
            }
            for each in self.templates
        ]


@contextmanager
def serving(server: TemplateServer) -> Iterator[TemplateServer]:
    """Answer requests until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: TemplateServer
    protocol_version = "HTTP/1.1"

    def parse_request(self) -> bool:
        """Refuse what another page, or a name that leads here, asks for."""
        if not super().parse_request():
            return False
        misnamed = f"http://{self.headers.get('Host')}" != self.server.address
        foreign = self.command == "POST" and self.headers.get("Origin") not in {None, self.server.address}
        if not misnamed and not foreign:
            return True
        self.send_error(HTTPStatus.FORBIDDEN)
        return False

    def do_GET(self) -> None:
        """Answer with a file, the tasks, or a medium."""
        url = urlsplit(self.path)
        if url.path == "/tasks":
            self._answer("application/json", json.dumps(self.server.tasks()).encode(), "page")
        elif url.path == "/media":
            self._media(parse_qs(url.query).get("uri", [""])[0])
        else:
            name = self.server.page if url.path == "/" else url.path.lstrip("/")
            vendored = name.startswith("vendor/")
            file = VENDOR.get(name.removeprefix("vendor/")) if vendored else (SITE / name).resolve()
            if file and file.is_file() and (vendored or file.is_relative_to(SITE)) and file.suffix != ".json":
                kind = {"frame.html": "frame"}.get(name, "page" if name.endswith(".html") else "file")
                self._answer(_type(file), file.read_bytes(), kind)
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Hand on what the page found."""
        try:
            found = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null")
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        self.server.hear(self.path, found)
        self._answer("application/json", b"{}", "page")

    def _media(self, uri: str) -> None:
        if file := self.server.media.get(uri):
            self._answer(_type(file), file.read_bytes(), "page")
        elif uri.startswith("s3://"):
            self._answer("image/png", _picture(), "page")
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _answer(self, kind: str, content: bytes, headers: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in self.server.headers_of[headers].items():
            self.send_header(name, value)
        with suppress(BrokenPipeError, ConnectionResetError):  # the browser has gone elsewhere
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: a command has one result."""


def _type(file: Path) -> str:
    if file.suffix in {".js", ".mjs"}:
        return "text/javascript; charset=utf-8"
    guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed


def _picture() -> bytes:
    """Draw something to label: two figures on a ground."""
    image = Image.new("RGB", SIZE, "#d8e3ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle((243, 117, 430, 518), fill="#8a5a2b")
    draw.ellipse((520, 180, 700, 360), fill="#2b6a8a")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
