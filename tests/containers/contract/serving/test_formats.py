"""Media types: names, parameters and the choice of an answer."""

import pytest

from contract.serving.formats import answer_format, media_parameter, request_format
from contract.serving.messages import RequestError


@pytest.mark.parametrize(
    ("header", "name", "value"),
    [
        (b"application/json; verbose=true", "verbose", "true"),
        (b"application/json;VERBOSE=True", "verbose", "true"),
        (b"text/csv, application/json; q=0.5; verbose=true", "verbose", "true"),
        (b"application/json", "verbose", ""),
        (b"", "verbose", ""),
        (b"text/csv; charset=utf-8; label_size=1", "label_size", "1"),
    ],
)
def test_a_parameter_is_found_wherever_it_stands(header: bytes, name: str, value: str) -> None:
    assert media_parameter(header, name) == value


def test_only_what_is_offered_is_answered() -> None:
    offered = ("application/json", "application/jsonlines")
    assert answer_format(b"text/csv, application/jsonlines;q=0.1", "application/json", offered) == offered[1]
    assert answer_format(b"*/*", "application/json", offered) == "application/json"
    with pytest.raises(RequestError, match="the model answers application/json, application/jsonlines"):
        answer_format(b"text/csv", "application/json", offered)


def test_a_request_in_another_charset_is_refused() -> None:
    assert request_format(b"text/csv; charset=UTF-8; label_size=0") == "text/csv"
    with pytest.raises(RequestError, match="in UTF-8"):
        request_format(b"text/csv; charset=latin-1")
