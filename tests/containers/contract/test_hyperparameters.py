"""Strings to typed hyperparameters, and sentences for everything else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import pytest

from contract.errors import InputError
from contract.hyperparameters import Bounds, parse_hyperparameters, read_hyperparameters

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Sample:
    rounds: Annotated[int, Bounds(at_least=1, at_most=10)] = 5
    rate: Annotated[float, Bounds(above=0)] = 0.5
    loss: Annotated[str, Bounds(choices=("a", "b"))] = "a"
    verbose: bool = False


def test_strings_become_typed_values() -> None:
    values = {"rounds": " 7 ", "rate": "1e-3", "loss": "b", "verbose": "True"}
    assert parse_hyperparameters(Sample, values) == Sample(7, 0.001, "b", verbose=True)


def test_nothing_given_means_the_defaults(tmp_path: Path) -> None:
    assert read_hyperparameters(Sample, tmp_path / "absent.json") == Sample()


def test_the_json_strings_of_the_sdks_are_unwrapped() -> None:
    assert parse_hyperparameters(Sample, {"loss": '"b"'}).loss == "b"


def test_what_the_service_and_the_sdks_add_is_left_aside() -> None:
    added = {"sagemaker_program": "x.py", "_tuning_objective_metric": "auc"}
    assert parse_hyperparameters(Sample, added) == Sample()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("rounds", "7.5", "rounds must be a whole number, not '7.5'"),
        ("rounds", "0", "rounds must be at least 1, not '0'"),
        ("rounds", "11", "rounds must be at most 10, not '11'"),
        ("rate", "0", "rate must be above 0, not '0'"),
        ("rate", "nan", "rate must be a number, not 'nan'"),
        ("rate", "inf", "rate must be a number, not 'inf'"),
        ("loss", "c", "loss must be one of a, b, not 'c'"),
        ("loss", '"b', "loss must be a text"),
        ("verbose", "yes", "verbose must be true or false, not 'yes'"),
        ("depth", "1", "depth is unknown: there are loss, rate, rounds, verbose"),
    ],
)
def test_a_wrong_one_is_named_with_what_it_must_be(name: str, text: str, sentence: str) -> None:
    with pytest.raises(InputError, match="hyperparameter") as caught:
        parse_hyperparameters(Sample, {name: text})
    assert sentence in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"rounds": 5})])
def test_a_file_that_is_no_object_of_strings_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "hyperparameters.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"hyperparameters\.json"):
        read_hyperparameters(Sample, file)


@dataclass(frozen=True)
class Demanding:
    depth: int
    rate: float = 0.1


def test_one_without_a_default_must_be_given() -> None:
    assert parse_hyperparameters(Demanding, {"depth": "3"}) == Demanding(3)
    with pytest.raises(InputError, match="hyperparameter depth is missing: it has no default"):
        parse_hyperparameters(Demanding, {})


@pytest.mark.parametrize(("text", "depth"), [('"3"', 3), ("3", 3)])
def test_a_number_in_the_quotes_of_json_is_one(text: str, depth: int) -> None:
    """Source: the training toolkit decodes every hyperparameter as JSON, and aws/sagemaker-python-sdk#3487."""
    assert parse_hyperparameters(Demanding, {"depth": text}) == Demanding(depth)


@pytest.mark.parametrize("text", ["1_0", '"1_0"', "\u0663", '"3', "[3]"])
def test_what_only_python_takes_for_a_number_is_none(text: str) -> None:
    with pytest.raises(InputError, match="hyperparameter depth must be a whole number"):
        parse_hyperparameters(Demanding, {"depth": text})
