"""The core says what Python says, to the last bit, or nothing at all."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tabular.native.core import Core, lay_out
from tests.containers.tabular.native.bodies import WIDTH
from tests.containers.tabular.native.both import agree

if TYPE_CHECKING:
    from pathlib import Path

    from tabular.forest import Forest
    from tabular.trees import Node


FLOATS = st.one_of(
    st.floats(-3, 3),
    st.floats(-3, 3).map(lambda value: round(value, 3)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**22), 10**22),
    st.floats(width=32, allow_nan=False, allow_infinity=False),
)
PIECES = st.sampled_from(
    [
        "0",
        "7",
        "-",
        "+",
        ".",
        "e",
        "E",
        ",",
        "\n",
        "\r\n",
        "\r",
        " ",
        "\t",
        "00",
        "1e5",
        "1e400",
        "nan",
        "null",
        '"',
        "x",
        "1.5",
        "-0",
        "[",
        "]",
        "{",
        "}",
        ":",
        '"instances"',
        '"features"',
        '{"instances":[[',
        "\ufeff",
        "\x00",
        "é",
        "1_0",
    ]
)
NUMBERS = st.one_of(FLOATS.map(repr), FLOATS.map(lambda value: f"{value:.20e}"), FLOATS.map(lambda value: f"{value:g}"))
ROWS = st.lists(st.lists(NUMBERS, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=20)


@settings(deadline=None, max_examples=400)
@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n"]))
def test_tables_of_numbers_are_scored_alike(
    core: Core, forest: Forest, rows: list[list[str]], end: str, last: str
) -> None:
    agree(core, forest, (end.join(map(",".join, rows)) + last).encode(), is_json=False)
    agree(core, forest, ('{"instances": [[' + "], [".join(map(",".join, rows)) + "]]}").encode(), is_json=True)
    named = ", ".join('{"features": [' + " , ".join(row) + "]}" for row in rows)
    agree(core, forest, ('{ "instances":[' + named + "] }").encode(), is_json=True)


@settings(deadline=None, max_examples=1500)
@given(text=st.lists(PIECES, max_size=14).map("".join), is_json=st.booleans())
@example(text="", is_json=False)
@example(text='{"instances":[[1,2,3]]}x', is_json=True)
@example(text='{"instances":[[1,2,3]],"instances":[[1,2,3]]}', is_json=True)
@example(text='{"instances":[[1,2,3],]}', is_json=True)
@example(text='{"instances":[]}', is_json=True)
@example(text="1,2,3\n\n1,2,3", is_json=False)
@example(text="1,2,3,4", is_json=False)
@example(text="1,2", is_json=False)
def test_whatever_is_sent_is_answered_alike_or_left_to_python(
    core: Core, forest: Forest, *, text: str, is_json: bool
) -> None:
    agree(core, forest, text.encode(), is_json=is_json)


@pytest.mark.parametrize("digits", range(1, 18))
def test_plain_numbers_are_answered_by_the_core(core: Core, forest: Forest, digits: int) -> None:
    values = np.random.default_rng(digits).normal(size=(200, WIDTH)).tolist()
    body = "\n".join(",".join(f"{value:.{digits}g}" for value in row) for row in values).encode()
    assert agree(core, forest, body, is_json=False)


@settings(deadline=None, max_examples=1000)
@given(st.integers(0, 2**31 - 1), st.integers(-3, 3), st.sampled_from(["repr", "long"]))
def test_a_number_next_to_the_border_of_two_floats_is_never_the_wrong_one(
    library: Path, bits: int, apart: int, form: str
) -> None:
    """A tree of one split at a float: the number lies around the middle between it and the float below."""
    (threshold,) = struct.unpack("<f", struct.pack("<i", bits))
    if not math.isfinite(threshold) or threshold == 0:
        return
    below = float(np.nextafter(np.float32(threshold), np.float32(-np.inf)))
    value = (threshold + below) / 2
    for _ in range(abs(apart)):
        value = math.nextafter(value, math.copysign(math.inf, apart))
    trees = lay_out([(0, threshold, -1.0, 1.0, False)])
    assert trees is not None
    text = repr(value) if form == "repr" else f"{value:.18e}"
    found = Core(library, trees, 0.0, 1, is_logistic=False).scores(text.encode(), is_json=False)
    (narrow,) = struct.unpack("<f", struct.pack("<f", float(text)))
    assert found in (None, [-1.0 if narrow < threshold else 1.0])


def test_more_rows_than_fit_into_a_block_keep_their_order(core: Core, forest: Forest) -> None:
    table = np.random.default_rng(2).normal(size=(1001, WIDTH)).round(4).tolist()
    assert agree(core, forest, "\n".join(",".join(map(repr, row)) for row in table).encode(), is_json=False)


def test_a_model_that_two_bytes_cannot_count_is_left_to_python() -> None:
    leaf: Node = 1.0
    assert lay_out([(1 << 16, 0.0, leaf, leaf, True)]) is None
    deep: Node = leaf
    for _ in range(14):
        deep = (0, 0.5, deep, deep, False)
    assert lay_out([(0, 0.5, deep, leaf, False)]) is not None
    assert lay_out([(0, 0.5, (0, 0.5, deep, deep, False), leaf, False)]) is None
