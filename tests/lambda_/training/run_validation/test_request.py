"""Execution inputs, good and bad."""

import math
from typing import Any

import pytest

from run_validation.request import InvalidInput, parse

PREFIX = "dev-census-"
GOOD: dict[str, Any] = {
    "ExperimentName": "census",
    "PreprocessingJobName": "dev-census-1-prepare",
    "TrainingJobName": "dev-census-1-train",
    "EvaluationJobName": "dev-census-1-evaluate",
    "DataVersion": "0123456789abcdef",
    "ScriptVersion": "fedcba9876543210",
    "OutputPrefix": "1",
    "Comment": "smaller steps",
    "PreprocessingParameters": {"seed": 42, "test-fraction": 0.2},
    "Hyperparameters": {"eta": 0.1, "num_round": 10, "objective": "binary:logistic"},
}


def test_a_good_input_becomes_that_of_the_next_states() -> None:
    given = parse(GOOD, PREFIX).as_input()
    assert given["PreprocessingArguments"] == ["--seed", "42", "--test-fraction", "0.2"]
    assert given["Hyperparameters"] == {"eta": "0.1", "num_round": "10", "objective": "binary:logistic"}
    same = GOOD.keys() - {"PreprocessingParameters", "Hyperparameters"}
    assert {key: given[key] for key in same} == {key: GOOD[key] for key in same}


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(InvalidInput, match=f"The execution input lacks {key}\\."):
        parse({name: value for name, value in GOOD.items() if name != key}, PREFIX)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"Hyperparameter": {}}, "unknown key 'Hyperparameter'"),
        ({"TrainingJobName": "other-train"}, "TrainingJobName must begin with dev-census-, not be 'other-train'"),
        ({"TrainingJobName": "dev-census-_"}, "TrainingJobName must be 1 to 63 letters"),
        ({"TrainingJobName": "dev-census-" + "x" * 53}, "TrainingJobName must be 1 to 63 letters"),
        ({"TrainingJobName": 7}, "TrainingJobName must be a text, not a number"),
        ({"EvaluationJobName": "dev-census-1-PREPARE"}, "PreprocessingJobName and EvaluationJobName must differ"),
        ({"DataVersion": "latest"}, "DataVersion must be the 16 hexadecimal digits"),
        ({"ScriptVersion": "../secrets000000"}, "ScriptVersion must be the 16 hexadecimal digits"),
        ({"OutputPrefix": "../other"}, "OutputPrefix must be 1 to 100 letters"),
        ({"OutputPrefix": ""}, "OutputPrefix must be 1 to 100 letters"),
        ({"ExperimentName": "two words"}, "ExperimentName must be 1 to 120 letters"),
        ({"Comment": "x" * 1001}, "Comment has 1001 characters"),
        ({"PreprocessingParameters": {}}, "PreprocessingParameters is empty"),
        ({"PreprocessingParameters": {"--seed": 1}}, "the name '--seed'"),
        ({"PreprocessingParameters": {"seed": ""}}, "PreprocessingParameters.seed must have 1 to 256 characters"),
        ({"Hyperparameters": []}, "Hyperparameters must be an object of names and values, not a list"),
        ({"Hyperparameters": {"eta": None}}, "Hyperparameters.eta must be a text or a number, not null"),
        ({"Hyperparameters": {"eta": True}}, "Hyperparameters.eta must be a text or a number, not true or false"),
        ({"Hyperparameters": {"eta": math.nan}}, "not a number without a finite value"),
        ({"Hyperparameters": {"eta": {}}}, "Hyperparameters.eta must be a text or a number, not an object"),
        ({"Hyperparameters": {"eta": "x" * 2501}}, "Hyperparameters.eta is too long"),
        ({"Hyperparameters": {str(i): 1 for i in range(101)}}, "Hyperparameters has 101 members"),
        (  # SageMaker API, AppSpecification: 100 ContainerArguments
            {"PreprocessingParameters": {f"p{i}": 1 for i in range(51)}},
            "PreprocessingParameters has 51 members: a job takes 50 of them.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refused:
        parse({**GOOD, **change}, PREFIX)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("given", [None, [], "text", 1])
def test_what_is_no_object_is_refused(given: object) -> None:
    with pytest.raises(InvalidInput, match="must be a JSON object"):
        parse(given, PREFIX)
