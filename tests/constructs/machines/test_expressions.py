"""Values of the execution in a state's parameters."""

import pytest

from ml_constructs.foundation.values import ExecutionVariable, Join
from ml_constructs.machines.expressions import Path, StateError, render


def test_computed_members_get_a_name_that_ends_in_dollar() -> None:
    request = {
        "Name": Path("$.TrainingJobName"),
        "Output": {"S3Uri": Join(["s3://bucket/runs", Path("$.OutputPrefix"), "model"], on="/"), "Count": 1},
        "Inputs": [{"Uri": Path("$.Training.Model")}],
        "Arguments": ["--seed", Path("$.Seed")],
        "Plain": ["a", "b"],
    }
    assert render(request) == {
        "Name.$": "$.TrainingJobName",
        "Output": {"S3Uri.$": "States.Format('s3://bucket/runs/{}/model', $.OutputPrefix)", "Count": 1},
        "Inputs": [{"Uri.$": "$.Training.Model"}],
        "Arguments.$": "States.Array('--seed', $.Seed)",
        "Plain": ["a", "b"],
    }


@pytest.mark.parametrize("reference", ["", "Name", "$", "$.", "$.a b", "$.a[0]", "$..a"])
def test_what_is_no_path_is_refused(reference: str) -> None:
    with pytest.raises(StateError, match="no path"):
        Path(reference)


@pytest.mark.parametrize("text", ["it's", "a{b", "back\\slash"])
def test_text_that_an_expression_would_misread_is_refused(text: str) -> None:
    with pytest.raises(StateError, match="cannot stand in an expression"):
        render({"Name": Join([text, Path("$.Name")])})


def test_what_only_pipelines_know_is_refused() -> None:
    with pytest.raises(StateError, match="pipelines of SageMaker only"):
        render({"Name": ExecutionVariable("PipelineExecutionId")})
    with pytest.raises(StateError, match="state machines only"):
        Path("$.Name").render()
    with pytest.raises(StateError, match="no place"):
        render({"Name": None})
