"""Raw fields to features: the same for a table's rows and for a record of a request."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabular.encoding import LARGEST, Encoding, EncodingError, number, one_hot, ordinal

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
    ],
)
def test_records_are_encoded_by_hand_worked_rules(record: dict[str, object], row: list[float]) -> None:
    assert SMALL.encode(record) == row


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"age": None}, "field age must be a number, not empty"),
        ({"age": " "}, "field age must be a number, not ' '"),
        ({"age": "old"}, "field age must be a number, not the text 'old'"),
        ({"age": True}, "field age must be a number, not True"),
        ({"age": [1]}, "field age must be a number, not [1]"),
        ({"age": math.inf}, "field age must be a finite number, not inf"),
        ({"age": "nan"}, "field age must be a finite number, not 'nan'"),
        ({"grade": "mid"}, "field grade has the unknown category 'mid': it must be one of low, high"),
        ({"grade": ""}, "field grade is empty: it must be one of low, high"),
        ({"grade": 2}, "field grade has the unknown category 2: it must be one of low, high"),
        ({"gender": {}}, "field gender has the unknown category {}: it must be one of Female, Male, Unkown"),
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


def test_categories_that_share_a_feature_name_are_refused() -> None:
    with pytest.raises(EncodingError, match="field type has categories that become the same feature name: A/B, AB"):
        one_hot("type", ["A/B", "AB"])
