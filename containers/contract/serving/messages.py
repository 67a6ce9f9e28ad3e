"""A predictor's answers, and the errors that a client sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import orjson

JSON = b"application/json"


class RequestError(Exception):
    """A client's mistake, or the server's limit: an HTTP status with a code and one sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def body(self) -> bytes:
        """Return the JSON body ``{"error": {"code", "message"}}``."""
        return orjson.dumps({"error": {"code": self.code, "message": str(self)}})


def not_utf8(error: UnicodeDecodeError) -> RequestError:
    """Return the error of a body that is no UTF-8, with its first wrong byte."""
    byte = error.object[error.start]
    return RequestError(400, "NotUtf8", f"The body is not UTF-8: byte {error.start} is {byte:#04x}.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful prediction: the body and its content type."""

    body: bytes
    content_type: bytes


class Predictor(Protocol):
    """The part of the server that an image provides: it answers one request's body."""

    def invoke(self, body: bytes, content_type: bytes, accept: bytes) -> Answer:
        """Answer a request; ``content_type`` and ``accept`` are empty when not given; raises RequestError."""
