"""A client of HTTP's own bytes: what a test sends is exactly what it says, and what comes back is read strictly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from tests.containers.servers import Server

Answer = tuple[int, dict[str, str], bytes]


class Stream:
    """Reads answers, one after the other, from a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def answer(self, *, head: bool = False) -> Answer:
        text = self._until(b"\r\n\r\n").decode()
        line, *lines = text.split("\r\n")
        headers = {name.lower(): value for name, value in (entry.split(": ", 1) for entry in lines if entry)}
        status = int(line.split(" ")[1])
        size = 0 if head or status == 100 else int(headers["content-length"])
        return status, headers, self._exactly(size)

    def closed(self) -> bool:
        """Whether the server has ended the connection with nothing more to say."""
        return self._buffer == b"" and self._connection.recv(1) == b""

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            data = self._connection.recv(65536)
            assert data, f"the connection ended after {self._buffer!r}"
            self._buffer += data
        text, self._buffer = self._buffer.split(mark, 1)
        return text

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            data = self._connection.recv(65536)
            assert data, "the connection ended within a body"
            self._buffer += data
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return body


def message(body: bytes, *, content_type: str = "text/csv", more: str = "", version: str = "1.1") -> bytes:
    head = f"POST /invocations HTTP/{version}\r\nHost: x\r\nContent-Type: {content_type}\r\n{more}"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def exchange(server: Server, raw: bytes) -> Answer:
    with server.connect() as connection:
        connection.sendall(raw)
        return Stream(connection).answer()


def error(answer: Answer, status: int) -> tuple[str, str]:
    """Check the status and the form of an error; return its code and message."""
    assert answer[0] == status, answer
    assert answer[1]["content-type"] == "application/json"
    document = json.loads(answer[2])
    assert document.keys() == {"error"}
    assert document["error"].keys() == {"code", "message"}
    return document["error"]["code"], document["error"]["message"]
