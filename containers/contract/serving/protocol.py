"""HTTP/1.1 for a predictor: one asyncio protocol per connection, httptools for the parsing.

A request is answered in the same call that parses its last byte, so pipelined requests are answered in their order
and a connection has one state only: which request it is reading.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol, cast

import httptools

from contract.serving.headers import Headers, repeat, require_understood, without_upgrade
from contract.serving.messages import JSON, Predictor, RequestError
from contract.serving.routes import METHODS, path_of, refusal

if TYPE_CHECKING:
    from contract.serving.room import Room
    from contract.serving.settings import Settings

LINGER: Final = 2.0  # seconds that a refused client may still send, so that it gets to read the refusal
_REASONS: Final = {status.value: status.phrase.encode() for status in HTTPStatus}
_MISSING: Final = b""


class Worker(Protocol):
    """What a connection needs of the process that it lives in."""

    predictor: Predictor
    settings: Settings
    room: Room[Connection]
    draining: bool

    def log_failure(self, error: Exception) -> None:
        """Log an unexpected error, without any of the request's content."""


class Connection(asyncio.Protocol):
    """One client connection."""

    __slots__ = (
        "_body",
        "_header_bytes",
        "_headers",
        "_keep_alive",
        "_loop",
        "_parser",
        "_refused",
        "_size",
        "_transport",
        "_unread",
        "_url",
        "_worker",
        "deadline",
        "held",
        "in_request",
    )

    def __init__(self, worker: Worker, loop: asyncio.AbstractEventLoop) -> None:
        self._worker = worker
        self._loop = loop
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._refused = False
        self._unread = False
        self.in_request = False
        self.deadline = 0.0
        self.held = 0
        self._reset()

    def _reset(self) -> None:
        self._url = b""
        self._headers: Headers = {}
        self._header_bytes = 0
        self._body: bytes | bytearray = b""
        self._size = 0

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the idle clock."""
        self._transport = cast("asyncio.Transport", transport)  # a stream's, so it can be written to
        self.deadline = self._loop.time() + self._worker.settings.idle_timeout
        self._worker.room.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget the connection."""
        self._worker.room.leave(self)

    def data_received(self, data: bytes) -> None:
        """Parse; whole requests are answered on the way."""
        if self._refused:
            return
        if not self.in_request:
            self.in_request = True
            self.deadline = self._loop.time() + self._worker.settings.request_timeout
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
        except httptools.HttpParserCallbackError as error:
            self._fail(error.__context__)
        except httptools.HttpParserError:
            self._refuse(RequestError(400, "MalformedRequest", "The request is not valid HTTP/1.1."))

    def pause_writing(self) -> None:
        """Stop reading from a client that does not read its answers, and start its clock."""
        self._transport.pause_reading()
        self._unread = True
        self.deadline = self._loop.time() + self._worker.settings.request_timeout
        self._worker.room.hold(self, self._transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Read again."""
        self._unread = False
        self._worker.room.release(self)
        self._transport.resume_reading()

    # httptools callbacks

    def on_message_begin(self) -> None:
        """Start the next request of this connection."""
        self._reset()
        self.in_request = True
        self.deadline = self._loop.time() + self._worker.settings.request_timeout

    def on_url(self, url: bytes) -> None:
        """Collect the target."""
        self._url += url
        self._count_header(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        name = name.lower()
        if name in self._headers:
            repeat(self._headers, name, value)
        else:
            self._headers[name] = value
        self._count_header(len(name) + len(value))

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > self._worker.settings.header_limit:
            limit = self._worker.settings.header_limit
            raise RequestError(431, "HeadersTooLarge", f"The headers exceed the limit of {limit} bytes.")

    def on_headers_complete(self) -> None:
        """Refuse a request that is known to be too large before its body is read; invite the body if asked to."""
        headers = self._headers
        if b"host" not in headers and self._parser.get_http_version() != "1.0":
            raise RequestError(400, "MalformedRequest", "A request must be HTTP/1.1 with a Host header, or HTTP/1.0.")
        if b"content-encoding" in headers or b"transfer-encoding" in headers:
            require_understood(headers)
        if int(headers.get(b"content-length", b"0")) > self._worker.settings.body_limit:
            raise self._too_large()
        expect = headers.get(b"expect")
        if expect is None:
            return
        if expect.lower() != b"100-continue":
            raise RequestError(417, "ExpectationFailed", "The only expectation that can be met is 100-continue.")
        if self._parser.get_http_version() != "1.0":  # RFC 9110, 10.1.1
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Collect the body, up to the limit; what does not arrive at once is counted among what waits."""
        if not self._size:
            self._body = body
            self._size = len(body)
        else:
            self._size += len(body)
            if isinstance(self._body, bytes):
                self._worker.room.hold(self, len(self._body))
                self._body = bytearray(self._body)
            self._worker.room.hold(self, len(body))
            self._body += body
        if self._size > self._worker.settings.body_limit:
            raise self._too_large()

    def on_message_complete(self) -> None:
        """Answer the request."""
        if b"upgrade" in self._headers and self._offers_another():
            return  # this parser goes no further: another one reads what follows
        self.in_request = False
        if self.held:
            self._worker.room.release(self)
        keep_alive = self._parser.should_keep_alive() and not self._worker.draining
        if not keep_alive and self._parser.get_http_version() == "0.9":
            raise RequestError(400, "MalformedRequest", "The request line names no version of HTTP.")
        method = self._parser.get_method()
        path = self._url if self._url in METHODS else path_of(self._url)
        if path == b"/invocations" and method == b"POST":
            self._invoke(keep_alive=keep_alive)
        elif path == b"/ping" and method in METHODS[path]:
            self._send(200, b"", _MISSING, keep_alive=keep_alive)
        else:
            error, extra = refusal(path)
            head = method == b"HEAD"
            self._send(error.status, error.body(), JSON, keep_alive=keep_alive, extra=extra, head=head)
        if not keep_alive:
            self.close()
            return
        self.deadline = self._loop.time() + self._worker.settings.idle_timeout

    def _invoke(self, *, keep_alive: bool) -> None:
        body, self._body = self._body, b""
        headers = self._headers
        try:
            answer = self._worker.predictor.invoke(
                body if isinstance(body, bytes) else bytes(body),
                headers.get(b"content-type", _MISSING),
                headers.get(b"accept", _MISSING),
            )
        except RequestError as error:
            self._send(error.status, error.body(), JSON, keep_alive=keep_alive)
        except Exception as error:  # noqa: BLE001 - one request's failure must not end the connection or the server
            self._worker.log_failure(error)
            failure = RequestError(500, "InternalError", "The prediction failed; the reason is in the endpoint's log.")
            self._send(500, failure.body(), JSON, keep_alive=keep_alive)
        else:
            self._send(200, answer.body, answer.content_type, keep_alive=keep_alive)

    def _send(  # noqa: PLR0913 - the parts of a response
        self,
        status: int,
        body: bytes,
        content_type: bytes,
        *,
        keep_alive: bool,
        extra: bytes = b"",
        head: bool = False,
    ) -> None:
        if not keep_alive:
            extra += b"Connection: close\r\n"
        elif self._parser.get_http_version() == "1.0":
            extra += b"Connection: keep-alive\r\n"
        if content_type:
            extra += b"Content-Type: " + content_type + b"\r\n"
        line = b"HTTP/1.1 %d %b\r\n%bContent-Length: %d\r\n\r\n" % (status, _REASONS[status], extra, len(body))
        self._transport.write(line if head else line + body)

    def _too_large(self) -> RequestError:
        limit = self._worker.settings.body_limit
        return RequestError(413, "PayloadTooLarge", f"The body exceeds the limit of {limit} bytes.")

    def _offers_another(self) -> bool:
        return self._parser.should_upgrade() and self._parser.get_method() != b"CONNECT"

    def _decline(self, rest: bytes) -> None:
        """Read a request on although it offers another protocol; CONNECT asked for nothing else, and was answered."""
        method = self._parser.get_method()
        if method == b"CONNECT":
            self.close()
            return
        head = without_upgrade(method, self._url, self._parser.get_http_version(), self._headers)
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(head + rest)

    # the end of a connection

    def _fail(self, cause: BaseException | None) -> None:
        if isinstance(cause, RequestError):
            self._refuse(cause)
            return
        self._worker.log_failure(cause if isinstance(cause, Exception) else RuntimeError("parser callback failed"))
        self._refuse(RequestError(500, "InternalError", "The request could not be handled."))

    def _refuse(self, error: RequestError) -> None:
        """Answer and end the connection; what the client is still sending is thrown away for a moment.

        Closing at once would reset the connection under a client that is still writing, and the answer would be lost.
        """
        self._worker.room.release(self)
        self._body = b""
        self._refused = True
        self._send(error.status, error.body(), JSON, keep_alive=False)
        self.in_request = True
        self.deadline = self._loop.time() + LINGER
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def close(self) -> None:
        """End the connection once what was written has been sent."""
        self._refused = True
        self.deadline = self._loop.time() + self._worker.settings.request_timeout
        self._transport.close()

    @property
    def busy(self) -> bool:
        """Whether a request, or an answer that the client has yet to read, is under way."""
        return self.in_request or self._unread

    def give_way(self) -> None:
        """End a request, or an answer that is not read, whose memory others need."""
        if self._unread or self._refused:
            self._worker.room.release(self)
            self._transport.abort()
        else:
            self._refuse(RequestError(429, "TooBusy", "Too much is sent at once: send this again."))

    def abort(self) -> None:
        """End the connection now."""
        self._transport.abort()

    def expire(self, now: float) -> None:
        """End the connection if its clock has run out: idle ones quietly, slow requests with 408."""
        if now < self.deadline:
            return
        if self._refused or self._unread:
            self._transport.abort()
        elif self.in_request:
            timeout = self._worker.settings.request_timeout
            self._refuse(RequestError(408, "RequestTimeout", f"The request took longer than {timeout:g} seconds."))
        else:
            self.close()
