from typing import Any

import pytest

from ml_constructs.foundation.values import expressions, render
from ml_constructs.pipelines import ExecutionVariable, Join, JsonGet, Parameter, PipelineError, StepProperty


def test_references_are_written_as_the_schema_says() -> None:
    assert render(Parameter.string("A")) == {"Get": "Parameters.A"}
    assert render(ExecutionVariable("PipelineExecutionId")) == {"Get": "Execution.PipelineExecutionId"}
    assert render(StepProperty("Train", "ModelArtifacts.S3ModelArtifacts")) == {
        "Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"
    }
    assert render(JsonGet("Evaluate", "Report", "classification_metrics.roc_auc.value")) == {
        "Std:JsonGet": {
            "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Report"},
            "Path": "classification_metrics.roc_auc.value",
        }
    }


def test_a_join_writes_its_operands_out() -> None:
    joined = Join(["s3://bucket", Parameter.string("Prefix"), 1], on="/")
    assert render({"S3Uri": [joined]}) == {
        "S3Uri": [{"Std:Join": {"On": "/", "Values": ["s3://bucket", {"Get": "Parameters.Prefix"}, 1]}}]
    }


def test_a_number_becomes_text_by_a_join_of_itself() -> None:
    assert render(Parameter.integer("Rounds").text) == {
        "Std:Join": {"On": "", "Values": [{"Get": "Parameters.Rounds"}]}
    }


def test_expressions_are_found_at_any_depth() -> None:
    inner, outer = Parameter.string("Inner"), StepProperty("A", "B")
    found = list(expressions({"x": [1, {"y": Join(["a", inner])}], "z": outer}))
    assert inner in found
    assert outer in found


@pytest.mark.parametrize(
    ("parameter", "declaration"),
    [
        (Parameter.string("A"), {"Name": "A", "Type": "String"}),
        (
            Parameter.string("A", "x", allowed=("x", "y")),
            {"Name": "A", "Type": "String", "DefaultValue": "x", "EnumValues": ["x", "y"]},
        ),
        (Parameter.integer("A", 0), {"Name": "A", "Type": "Integer", "DefaultValue": 0}),
        (Parameter.number("A", 0.5), {"Name": "A", "Type": "Float", "DefaultValue": 0.5}),
        (Parameter.boolean("A", default=False), {"Name": "A", "Type": "Boolean", "DefaultValue": False}),
    ],
)
def test_parameters_are_declared(parameter: Parameter, declaration: dict[str, Any]) -> None:
    assert parameter.declaration() == declaration


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("a b", "String"), "'a b' cannot name a parameter"),
        (("A", "Integer", "1"), "The parameter A is of type Integer, and '1' is not."),
        (("A", "Integer", True), "The parameter A is of type Integer, and True is not."),
        (("A", "String", 1), "The parameter A is of type String, and 1 is not."),
        (("A", "Boolean", 1), "The parameter A is of type Boolean, and 1 is not."),
        (("A", "String", "z", ("x",)), "The parameter A defaults to 'z', which it does not allow."),
    ],
)
def test_impossible_parameters_are_refused(arguments: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(PipelineError, match=sentence):
        Parameter(*arguments)


def test_what_has_no_place_in_json_is_refused() -> None:
    with pytest.raises(TypeError, match="no place in a pipeline definition"):
        render({"when": object()})
