"""The two things that a server is asked: GET /ping and POST /invocations."""

from __future__ import annotations

from typing import Final

import httptools

from contract.serving.messages import RequestError

METHODS: Final = {b"/ping": (b"GET", b"HEAD"), b"/invocations": (b"POST",)}


def path_of(url: bytes) -> bytes:
    """Return the path of a request target, which may carry a query or be a whole URL (as through a proxy)."""
    try:
        return httptools.parse_url(url).path or b"/"
    except httptools.HttpParserInvalidURLError:
        return b""


def refusal(path: bytes) -> tuple[RequestError, bytes]:
    """Return why a path cannot be asked so, and the header lines that go with the answer."""
    allowed = METHODS.get(path)
    if allowed is None:
        return RequestError(404, "NotFound", "There are GET /ping and POST /invocations."), b""
    names = b", ".join(allowed)
    error = RequestError(405, "MethodNotAllowed", f"{path.decode()} takes {names.decode()} only.")
    return error, b"Allow: " + names + b"\r\n"
