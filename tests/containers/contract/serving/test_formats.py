"""Media types: names, parameters and the choice of an answer."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.serving.csv_body import read_csv
from contract.serving.formats import answer_format, media_parameter, numbers, request_format
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


cell = st.none() | st.integers(-9, 9) | st.floats(-1e6, 1e6)


@settings(deadline=None)
@given(st.lists(st.lists(cell, min_size=2, max_size=2), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_empty_cells_are_missing_values_where_a_model_has_them(rows: list[list[float | None]], end: str) -> None:
    rows[-1][-1] = 1.0  # what is after the last comma is a cell, unless nothing and a blank are told apart
    text = end.join(",".join("" if value is None else repr(value) for value in row) for row in rows)
    expected = [[math.nan if value is None else float(value) for value in row] for row in rows]
    np.testing.assert_array_equal(read_csv(text.encode(), 2, with_missing=True), expected)
    np.testing.assert_array_equal([numbers(row, 1, 2, with_missing=True) for row in rows], expected)


@pytest.mark.parametrize("body", [b"1,", b",1", b"1,,2", b"1, ,2", b"1,2\n,3"])
def test_empty_cells_are_refused_where_a_model_has_none(body: bytes) -> None:
    width = body.partition(b"\n")[0].count(b",") + 1
    with pytest.raises(RequestError, match="has nothing where a number is expected"):
        read_csv(body, width)
    found = read_csv(body, width, with_missing=True)
    assert any(math.isnan(value) for row in found for value in row)


def test_null_is_refused_where_a_model_has_no_missing_values() -> None:
    with pytest.raises(RequestError, match="Row 4, column 2 has null where a number is expected"):
        numbers([1, None], 4, 2)
    with pytest.raises(RequestError, match='Row 4, column 2 has "1" where a number is expected'):
        numbers([None, "1"], 4, 2, with_missing=True)
