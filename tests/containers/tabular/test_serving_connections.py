"""How the server speaks HTTP, over plain sockets; every test runs on every runner of the ``server`` fixture."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.containers.http_client import Stream, error, exchange, message

if TYPE_CHECKING:
    from tests.containers.servers import Server

pytestmark = pytest.mark.slow


def test_a_connection_serves_many_requests(server: Server, rows: list[str]) -> None:
    with server.connect() as connection:
        stream = Stream(connection)
        for _ in range(5):
            connection.sendall(message(rows[0].encode()))
            status, headers, _ = stream.answer()
            assert status == 200
            assert "connection" not in headers


def test_a_refused_body_does_not_end_the_connection(server: Server, rows: list[str]) -> None:
    with server.connect() as connection:
        stream = Stream(connection)
        connection.sendall(message(b"nope") + message(rows[0].encode()))
        assert [stream.answer()[0], stream.answer()[0]] == [400, 200]


def test_pipelined_requests_are_answered_in_order(server: Server, rows: list[str], expected: list[float]) -> None:
    with server.connect() as connection:
        connection.sendall(b"".join(message(row.encode()) for row in rows[:50]))
        stream = Stream(connection)
        scores = [float(stream.answer()[2]) for _ in range(50)]
    np.testing.assert_allclose(scores, expected[:50], atol=1e-6)


def test_a_request_may_come_byte_by_byte(server: Server, rows: list[str]) -> None:
    raw = message(rows[0].encode())
    with server.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for index in range(len(raw)):
            connection.sendall(raw[index : index + 1])
        assert Stream(connection).answer()[0] == 200


def test_connection_close_is_honoured(server: Server, rows: list[str]) -> None:
    with server.connect() as connection:
        connection.sendall(message(rows[0].encode(), more="Connection: close\r\n"))
        stream = Stream(connection)
        assert stream.answer()[1]["connection"] == "close"
        assert stream.closed()


def test_http_1_0_closes_unless_asked_to_stay(server: Server, rows: list[str]) -> None:
    with server.connect() as connection:
        connection.sendall(message(rows[0].encode(), version="1.0", more="Connection: keep-alive\r\n"))
        stream = Stream(connection)
        assert stream.answer()[1]["connection"] == "keep-alive"
        connection.sendall(message(rows[0].encode(), version="1.0"))
        assert stream.answer()[1]["connection"] == "close"
        assert stream.closed()


def test_chunked_bodies_are_put_together(server: Server, rows: list[str], expected: list[float]) -> None:
    body = rows[0].encode()
    chunks = [body[:7], body[7:8], body[8:]]
    raw = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw += b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    status, _, answer = exchange(server, raw)
    assert status == 200
    assert float(answer) == pytest.approx(expected[0], abs=1e-6)


def test_a_client_that_expects_100_is_invited(server: Server, rows: list[str]) -> None:
    raw = message(rows[0].encode(), more="Expect: 100-continue\r\n")
    head, body = raw.split(b"\r\n\r\n")
    with server.connect() as connection:
        stream = Stream(connection)
        connection.sendall(head + b"\r\n\r\n")
        assert stream.answer()[0] == 100
        connection.sendall(body)
        assert stream.answer()[0] == 200


def test_another_expectation_is_a_417(server: Server) -> None:
    assert error(exchange(server, message(b"1", more="Expect: a miracle\r\n")), 417)[0] == "ExpectationFailed"


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server: Server) -> None:
    for more in ("", "Expect: 100-continue\r\n"):
        head = f"POST /invocations HTTP/1.1\r\nHost: x\r\n{more}Content-Length: 200001\r\n\r\n"
        with server.connect() as connection:
            connection.sendall(head.encode())
            stream = Stream(connection)
            code, text = error(stream.answer(), 413)
            assert (code, "200000 bytes" in text) == ("PayloadTooLarge", True)
            assert stream.closed()


def test_a_client_that_sends_too_much_regardless_can_read_the_refusal(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + b"1" * 400_000)
        assert error(Stream(connection).answer(), 413)[0] == "PayloadTooLarge"


def test_a_chunked_body_over_the_limit_is_refused(server: Server) -> None:
    chunk = b"8000\r\n" + b"1" * 0x8000 + b"\r\n"
    with server.connect() as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 7)
        assert error(Stream(connection).answer(), 413)[0] == "PayloadTooLarge"


def test_a_body_of_exactly_the_limit_is_read(server: Server) -> None:
    assert error(exchange(server, message(b"1," * 100_000)), 400)[0] == "WrongColumnCount"


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET /ping HTTP/1.1\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost : x\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["nonsense", "no-host", "bad-header", "bad-length", "length-and-chunked", "bad-chunk", "tls"],
)
def test_malformed_http_is_a_400_and_the_end(server: Server, raw: bytes) -> None:
    with server.connect() as connection:
        connection.sendall(raw)
        stream = Stream(connection)
        assert error(stream.answer(), 400)[0] == "MalformedRequest"
        assert stream.closed()


def test_headers_without_end_are_refused(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n" + b"X-Filler: yes and no and yes\r\n" * 2000)
        assert error(Stream(connection).answer(), 431)[0] == "HeadersTooLarge"


def test_a_slow_request_times_out(server: Server, rows: list[str]) -> None:
    started = time.monotonic()
    with server.connect() as connection:
        connection.sendall(message(rows[0].encode())[:-5])
        stream = Stream(connection)
        assert error(stream.answer(), 408)[0] == "RequestTimeout"
        assert stream.closed()
    assert 0.9 < time.monotonic() - started < 5


def test_a_drip_of_bytes_does_not_extend_the_time_out(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(20):
            time.sleep(0.1)
            try:
                connection.sendall(b"1")
            except OSError:
                break
        assert error(Stream(connection).answer(), 408)[0] == "RequestTimeout"


def test_an_idle_connection_outlives_the_time_out_of_a_request(server: Server) -> None:
    with server.connect() as connection:
        stream = Stream(connection)
        for _ in range(2):
            connection.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
            assert stream.answer()[0] == 200
            time.sleep(1.5)


def test_many_clients_at_once_each_get_their_own_answer(server: Server, rows: list[str], expected: list[float]) -> None:
    def ask(index: int) -> float:
        return float(exchange(server, message(rows[index].encode()))[2])

    with ThreadPoolExecutor(16) as pool:
        scores = list(pool.map(ask, range(200)))
    np.testing.assert_allclose(scores, expected[:200], atol=1e-6)


def wait_until_every_worker_drains(server: Server) -> None:
    """Each of them stops listening when it starts to: after the last one, connections are refused."""
    deadline = time.monotonic() + 10
    with suppress(ConnectionRefusedError):
        while time.monotonic() < deadline:
            server.connect().close()
            time.sleep(0.01)
        pytest.fail("a worker still listens")


def test_sigterm_finishes_the_request_that_has_begun_and_takes_no_other(own_server: Server, rows: list[str]) -> None:
    raw = message(rows[0].encode())
    with own_server.connect() as begun, own_server.connect() as idle:
        begun.sendall(raw[:-5])
        time.sleep(0.3)
        threading.Thread(target=own_server.terminate).start()
        assert Stream(idle).closed()
        wait_until_every_worker_drains(own_server)
        begun.sendall(raw[-5:])
        stream = Stream(begun)
        status, headers, _ = stream.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert stream.closed()
    assert own_server.wait(10) == 0
    assert not own_server.ready()


def test_sigterm_does_not_wait_for_a_client_that_never_ends_its_request(own_server: Server) -> None:
    with own_server.connect() as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1")
        time.sleep(0.1)
        threading.Thread(target=own_server.terminate).start()
        assert own_server.wait(8) == 0
