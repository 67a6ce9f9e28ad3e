"""What the server refuses, and how; every test runs on every runner of the ``server`` fixture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.containers.http_client import Stream, error, exchange, message

if TYPE_CHECKING:
    from tests.containers.servers import Server

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        (b"", "EmptyBody", "empty"),
        (b" \r\n\r\n", "EmptyBody", "empty"),
        (b"1,2,3", "WrongColumnCount", "3 columns"),
        (b"1,nan", "NotANumber", "Row 1, column 2 has the text 'nan'"),
        (b"1,2\n1,", "WrongColumnCount", "Row 1 has 2 columns"),
        (b"1,,x", "NotANumber", "column 3 has the text 'x'"),
        (b"1,Infinity", "NotANumber", "column 2"),
        (b"1,true", "NotANumber", "'true'"),
        (b"1],[2", "NotANumber", "column 1"),
        (b"age,state", "NotANumber", "'age'"),
        (b"1,\xff", "NotUtf8", "byte 2 is 0xff"),
        (b"1,\xc2\xb2", "NotANumber", "column 2"),
        (b'1,"2', "InvalidCsv", "not CSV"),
    ],
)
def test_bad_csv_is_a_400_that_says_what_and_where(server: Server, body: bytes, code: str, sentence: str) -> None:
    found, text = error(exchange(server, message(body)), 400)
    assert found == code
    assert sentence in text


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        (b"{", "InvalidJson", "not JSON"),
        (b"[]", "InvalidJson", "instances"),
        (b'{"rows": []}', "InvalidJson", "instances"),
        (b'{"instances": []}', "EmptyBody", "no instances"),
        (b'{"instances": [1]}', "InvalidInstance", "Row 1"),
        (b'{"instances": [[1, null]]}', "WrongColumnCount", "Row 1 has 2 columns"),
        (b'{"instances": [[null, "1"]]}', "NotANumber", 'column 2 has "1"'),
        (b'{"instances": [[1, true]]}', "NotANumber", "column 2 has true"),
        (b'{"instances": [["1"]]}', "NotANumber", 'column 1 has "1"'),
        (b'{"instances": [[NaN]]}', "InvalidJson", "not JSON"),
        (b'{"instances": [[1, 2]]}', "WrongColumnCount", "2 columns"),
        (b'{"instances": [{"features": 3}]}', "InvalidInstance", "Row 1"),
        (b'{"instances": [{}]}', "InvalidRecord", "is missing"),
        (b'{"instances": [{"colour": "red"}]}', "InvalidRecord", "field colour is unknown"),
        (b'"\xff"', "NotUtf8", "byte 1 is 0xff"),
    ],
)
def test_bad_json_is_a_400_that_says_what_and_where(server: Server, body: bytes, code: str, sentence: str) -> None:
    found, text = error(exchange(server, message(body, content_type="application/json")), 400)
    assert found == code
    assert sentence in text


def test_a_number_beyond_32_bits_is_refused(server: Server, rows: list[str]) -> None:
    width = rows[0].count(",") + 1
    body = ",".join(["1e39", *["0"] * (width - 1)]).encode()
    assert error(exchange(server, message(body)), 400)[0] == "NotFinite"


def test_bad_json_lines_name_the_line(server: Server, rows: list[str]) -> None:
    body = f"[{rows[0]}]\nnope\n".encode()
    code, text = error(exchange(server, message(body, content_type="application/jsonlines")), 400)
    assert (code, text[:5]) == ("InvalidJson", "Row 2")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("num_injuries", "many", "field num_injuries must be a number, not the text 'many'"),
        ("num_injuries", "1e400", "field num_injuries must be a finite number"),
        ("num_injuries", True, "field num_injuries must be a number"),
        ("incident_type", ["Theft"], "field incident_type must be a text"),
    ],
)
def test_a_bad_field_of_a_raw_record_is_named(
    server: Server, record: dict[str, object], field: str, value: object, sentence: str
) -> None:
    body = json.dumps({"instances": [{**record, field: value}]}).encode()
    code, text = error(exchange(server, message(body, content_type="application/json")), 400)
    assert code == "InvalidRecord"
    assert sentence in text


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-npy", "text/csv; charset=utf-16", ""])
def test_other_content_types_are_a_415(server: Server, content_type: str) -> None:
    code, text = error(exchange(server, message(b"1", content_type=content_type)), 415)
    assert code == "UnsupportedContentType"
    assert "text/csv, application/json, application/jsonlines" in text


def test_an_accept_that_cannot_be_met_is_a_406(server: Server, rows: list[str]) -> None:
    for accept in ("image/png", "text/csv;q=0"):
        answer = exchange(server, message(rows[0].encode(), more=f"Accept: {accept}\r\n"))
        assert error(answer, 406)[0] == "NotAcceptable"


@pytest.mark.parametrize(
    ("line", "status", "allow"),
    [
        ("GET /invocations", 405, "POST"),
        ("DELETE /ping", 405, "GET, HEAD"),
        ("GET /", 404, None),
        ("POST /invocations/1", 404, None),
        ("OPTIONS *", 404, None),
    ],
)
def test_other_paths_and_methods(server: Server, line: str, status: int, allow: str | None) -> None:
    answer = exchange(server, f"{line} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    error(answer, status)
    assert answer[1].get("allow") == allow


def test_head_of_invocations_is_a_405_without_body(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"HEAD /invocations HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        stream = Stream(connection)
        assert stream.answer(head=True)[0] == 405
        assert stream.closed()


def test_a_query_and_a_whole_url_are_understood(server: Server) -> None:
    for target in ("/ping?x=1", "http://model/ping"):
        assert exchange(server, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())[0] == 200
