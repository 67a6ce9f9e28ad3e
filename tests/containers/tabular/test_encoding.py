"""Raw fields to features: the same for a table's rows and for a record of a request."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabular.encoding import LARGEST, Encoding, EncodingError, Gaps, distinct, number, one_hot, ordinal
from tabular.recipes import Bias

if TYPE_CHECKING:
    from pathlib import Path

    from contract.paths import Paths

SMALL = Encoding(
    label="fraud",
    columns=(
        number("age"),
        ordinal("grade", {"low": 0, "high": 2}),
        one_hot("gender", ["Male", "Female", "Unkown"], frozenset({"gender_unkown"})),
    ),
    ignored=frozenset({"policy_id", "fraud"}),
)


def test_features_are_named_by_column_and_category_in_order() -> None:
    assert SMALL.features == ("age", "grade", "gender_female", "gender_male")


@pytest.mark.parametrize(
    ("record", "row"),
    [
        ({"age": 40, "grade": "high", "gender": "Male"}, [40, 2, 0, 1]),
        ({"age": "40.5", "grade": "low", "gender": "Female"}, [40.5, 0, 1, 0]),
        ({"age": 0, "grade": "low", "gender": "Unkown"}, [0, 0, 0, 0]),
        ({"Age": 1, " GRADE ": "low", "gender": "Male", "policy_id": 7, "fraud": 1}, [1, 0, 0, 1]),
        ({"age": " 7 ", "grade": " high ", "gender": "Female "}, [7, 2, 1, 0]),
    ],
)
def test_records_are_encoded_by_hand_worked_rules(record: dict[str, object], row: list[float]) -> None:
    gaps = Gaps()
    assert SMALL.encode(record, gaps) == row
    assert not gaps


NAN = math.nan


@pytest.mark.parametrize(
    ("change", "row", "gaps"),
    [
        ({"age": None}, [NAN, 0, 0, 1], Gaps(missing=["age"])),
        ({"age": " "}, [NAN, 0, 0, 1], Gaps(missing=["age"])),
        ({"grade": ""}, [1, NAN, 0, 1], Gaps(missing=["grade"])),
        ({"grade": "mid"}, [1, NAN, 0, 1], Gaps(unseen=["grade"])),
        ({"grade": 2}, [1, NAN, 0, 1], Gaps(unseen=["grade"])),
        ({"gender": None}, [1, 0, 0, 0], Gaps(missing=["gender"])),
        ({"gender": "Robot", "age": ""}, [NAN, 0, 0, 0], Gaps(missing=["age"], unseen=["gender"])),
    ],
)
def test_what_is_missing_or_unseen_is_told_and_is_no_error(
    change: dict[str, object], row: list[float], gaps: Gaps
) -> None:
    found = Gaps()
    encoded = SMALL.encode({"age": 1, "grade": "low", "gender": "Male", **change}, found)
    np.testing.assert_array_equal(encoded, row)
    assert found == gaps


def test_categories_keep_the_letters_of_every_language() -> None:
    """Hindi's vowels are marks, which no letter is without; ASCII's other signs go, as they went in published data."""
    column = one_hot("city", ["Москва", "Zürich", "北京", "New York", "दिल्ली", "A/B-1"])
    assert set(column.features) == {
        "city_москва",
        "city_zürich",
        "city_北京",
        "city_new_york",
        "city_दिल्ली",
        "city_ab1",
    }


def test_missing_values_have_a_feature_of_their_own_where_training_had_them() -> None:
    column = one_hot("plan", ["a", "", "b"])
    assert column.features == ("plan_missing", "plan_a", "plan_b")
    encoding = Encoding("y", (column,), frozenset())
    assert encoding.encode({"plan": None}) == encoding.encode({"plan": " "}) == [1, 0, 0]
    assert encoding.encode({"plan": "c"}) == [0, 0, 0]


@pytest.mark.parametrize(("value", "category"), [(3, "3"), (3.0, "3"), ("3.0", "3"), (2.5, "2.5"), (True, "true")])
def test_numbers_and_truth_values_of_json_are_the_categories_of_a_table(value: object, category: str) -> None:
    assert one_hot("code", ["3", "2.5", "true"]).encode(value) == one_hot("code", ["3", "2.5", "true"]).encode(category)
    assert 1 in one_hot("code", ["3", "2.5", "true"]).encode(value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"age": "old"}, "field age must be a number, not the text 'old'"),
        ({"age": True}, "field age must be a number, not True"),
        ({"age": [1]}, "field age must be a number, not a list"),
        ({"age": math.inf}, "field age must be a finite number, not inf"),
        ({"age": "nan"}, "field age must be a finite number, not 'nan'"),
        ({"grade": [2]}, "field grade must be a text, not a list"),
        ({"gender": {}}, "field gender must be a text, not an object"),
        ({"zip": 1}, "field zip is unknown"),
    ],
)
def test_what_cannot_be_encoded_is_named(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(EncodingError) as caught:
        SMALL.encode({"age": 1, "grade": "low", "gender": "Male", **change})
    assert str(caught.value) == sentence


def test_a_missing_field_is_named() -> None:
    with pytest.raises(EncodingError, match=r"^field grade is missing$"):
        SMALL.encode({"age": 1, "gender": "Male"})


def test_the_file_gives_the_same_encoding_back() -> None:
    assert Encoding.from_json(SMALL.to_json()) == SMALL


@settings(deadline=None)
@given(
    age=st.floats(-LARGEST, LARGEST) | st.integers(-(2**53), 2**53),
    grade=st.sampled_from(["low", "high"]),
    gender=st.sampled_from(["Male", "Female", "Unkown"]),
)
def test_a_record_of_json_types_equals_the_row_of_a_csv(age: float, grade: str, gender: str) -> None:
    typed = SMALL.encode({"age": age, "grade": grade, "gender": gender})
    assert typed == SMALL.encode({"age": repr(age), "grade": grade, "gender": gender})
    assert len(typed) == len(SMALL.features)


def test_every_raw_record_of_a_data_set_has_its_row_in_the_prepared_tables(finished: Paths, dataset: Path) -> None:
    encoding = Encoding.from_json((finished.processing_output("features") / "features.json").read_text())
    merged: dict[str, dict[str, object]] = {}
    for file in ("claims.csv", "customers.csv"):
        with (dataset / file).open(newline="") as lines:
            for fields in csv.DictReader(lines):
                merged.setdefault(fields["policy_id"], {}).update(fields)
    encoded = sorted([float(str(record["fraud"])), *encoding.encode(record)] for record in merged.values())
    prepared = sorted(
        [float(cell) for cell in line.split(",")]
        for name in ("train", "validation", "test")
        for line in (finished.processing_output(name) / f"{name}.csv").read_text().splitlines()
    )
    assert encoded == prepared


def test_features_of_one_name_are_numbered() -> None:
    columns = distinct([one_hot("type", ["A/B", "AB", "+", "-"]), number("type_ab"), number("size_[cm]")])
    assert [name for column in columns for name in column.features] == [
        "type_",
        "type__2",
        "type_ab",
        "type_ab_2",
        "type_ab_3",
        "size_(cm)",
    ]


def test_a_file_of_before_has_a_binary_label() -> None:
    old = {"label": "y", "features": ["x"], "ignored": [], "columns": json.loads(SMALL.to_json())["columns"]}
    encoding = Encoding.from_json(json.dumps(old))
    assert (encoding.objective, encoding.classes, encoding.bias) == ("binary", ("0", "1"), None)


@pytest.mark.parametrize("favorable", [("a", "b"), 2.5])
def test_the_file_has_the_objective_and_the_question_of_bias(favorable: tuple[str, ...] | float) -> None:
    bias = Bias("gender", "Male", favorable)
    encoding = replace(SMALL, objective="multiclass", classes=("a", "b", "c"), bias=bias)
    assert Encoding.from_json(encoding.to_json()) == encoding
