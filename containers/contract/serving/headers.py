"""What the header lines of a request say together: which may repeat, and which no request to a model may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract.serving.messages import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

Headers = dict[bytes, bytes]

_ONCE: Final = frozenset({b"content-type", b"host", b"expect"})
_OF_THIS_HOP: Final = frozenset({b"upgrade", b"connection", b"expect"})
_AS_IT_IS: Final = frozenset({b"", b"identity"})


def repeat(headers: Headers, name: bytes, value: bytes) -> None:
    """Add another line of a header: to a list behind a comma (RFC 9110, 5.3); RequestError 400 for what is no list."""
    if name not in _ONCE:
        headers[name] += b", " + value
    elif headers[name] != value or name == b"host":  # RFC 9112, 3.2: one Host, whatever it says
        raise RequestError(400, "RepeatedHeader", f"The header {name.decode().title()} is there twice: send one.")


def require_understood(headers: Mapping[bytes, bytes]) -> None:
    """Raise RequestError for a body that is encoded, 415, or transferred in another way than in chunks, 501."""
    coding = headers.get(b"content-encoding", b"").strip().lower()
    if coding not in _AS_IT_IS:
        shown = coding.decode("latin-1")[:40]
        raise RequestError(415, "UnsupportedEncoding", f"The body is encoded with {shown}: send it as it is.")
    transfer = headers.get(b"transfer-encoding", b"chunked").strip().lower()
    if transfer != b"chunked":
        shown = transfer.decode("latin-1")[:40]
        raise RequestError(501, "UnsupportedTransfer", f"The body is transferred as {shown}: send it chunked.")


def without_upgrade(method: bytes, url: bytes, version: str, headers: Mapping[bytes, bytes]) -> bytes:
    """Return the head of a request without its offer of another protocol, which is ignored (RFC 9110, 7.8).

    What was expected of it, has been met.
    """
    tokens = [token.strip() for token in headers.get(b"connection", b"").split(b",")]
    kept = [token for token in tokens if token.lower() not in {b"upgrade", b"http2-settings"}]
    lines = [name + b": " + value for name, value in headers.items() if name not in _OF_THIS_HOP]
    lines += [b"Connection: " + b", ".join(kept)] if kept else []
    return b"\r\n".join([b"%b %b HTTP/%b" % (method, url, version.encode()), *lines, b"", b""])
