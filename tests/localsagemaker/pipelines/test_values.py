"""Parameters, expressions and conditions."""

from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.pipelines import conditions, paths
from localsagemaker.pipelines.expressions import (
    ParameterReference,
    PropertyFileReference,
    StepFailedError,
    StepReference,
    VariableReference,
    evaluate,
)
from localsagemaker.pipelines.parameters import Parameter, bind

PARAMETERS = (
    Parameter("Name", "String"),
    Parameter("Count", "Integer", 1),
    Parameter("Rate", "Float", 0.5),
    Parameter("Fast", "Boolean", False),  # noqa: FBT003 - a default
    Parameter("Status", "String", "A", ("A", "B")),
)


class FakeValues:
    """Every parameter is 5, and every file holds the same document."""

    document = b'{"a": {"b": [1, {"c": 0.25}]}, "nan": NaN, "text": "NaN", "dotted.key": 7}'

    def value(self, reference: ParameterReference | VariableReference | StepReference) -> int:
        del reference
        return 5

    def property_file(self, reference: PropertyFileReference) -> bytes:
        del reference
        return self.document

    def read(self, uri: str) -> bytes:
        return f'{{"uri": "{uri}"}}'.encode()


def json_get(path: str) -> dict[str, Any]:
    return {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.S.PropertyFiles.F"}, "Path": path}}


def test_parameters_are_typed() -> None:
    given = {"Name": "5", "Count": "7", "Rate": "1e-3", "Fast": "True", "Status": "B"}
    values = bind(PARAMETERS, [{"Name": name, "Value": value} for name, value in given.items()])
    assert values == {"Name": "5", "Count": 7, "Rate": 0.001, "Fast": True, "Status": "B"}


def test_parameters_have_defaults() -> None:
    assert bind(PARAMETERS, [{"Name": "Name", "Value": "x"}])["Count"] == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Parameters without a value: Name"),
        ({"Name": "x", "Unknown": "1"}, r"Unknown parameter \[Unknown\]: the pipeline's are Name, Count"),
        ({"Name": ""}, r'string "" is too short \(length: 0, required minimum: 1\)'),  # aws/sagemaker-python-sdk#4016
        ({"Name": "x", "Count": "1_0"}, "parameter Count is '1_0', which is not of type Integer"),
        ({"Name": "x", "Count": " 5"}, "parameter Count is ' 5', which is not of type Integer"),
        ({"Name": "x", "Count": "1.5"}, "parameter Count is '1.5', which is not of type Integer"),
        ({"Name": "x", "Rate": "NaN"}, "parameter Rate is 'NaN', which is not of type Float"),
        ({"Name": "x", "Rate": "inf"}, "not of type Float"),
        ({"Name": "x", "Fast": "yes"}, "not of type Boolean"),
        ({"Name": "x", "Status": "C"}, "parameter Status is 'C': it must be one of A, B"),
    ],
)
def test_parameters_that_are_refused(given: dict[str, str], words: str) -> None:
    with pytest.raises(ServiceError, match=words) as refused:
        bind(PARAMETERS, [{"Name": name, "Value": value} for name, value in given.items()])
    assert refused.value.code == "ValidationException"


def test_a_parameter_is_given_once() -> None:
    with pytest.raises(ServiceError, match="given twice"):
        bind(PARAMETERS, [{"Name": "Name", "Value": "x"}] * 2)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"Get": "Parameters.P"}, 5),
        ({"A": [{"Get": "Parameters.P"}, "literal", None]}, {"A": [5, "literal", None]}),
        ({"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Parameters.P"}, 0.5, True]}}, "s3://5/0.5/true"),
        ({"Std:Join": {"On": "", "Values": [{"Std:Join": {"On": "-", "Values": ["a", "b"]}}]}}, "a-b"),
        (json_get("a.b[1].c"), 0.25),
        (json_get("$.a.b[0]"), 1),
        (json_get("['dotted.key']"), 7),
        ({"Std:JsonGet": {"S3Uri": {"Std:Join": {"On": "", "Values": ["s3://b/", "k"]}}, "Path": "uri"}}, "s3://b/k"),
    ],
)
def test_expressions(expression: object, value: object) -> None:
    assert evaluate(expression, FakeValues()) == value


@pytest.mark.parametrize("path", ["a.x", "a.b[9]", "text.more", "a['b'].x"])
def test_json_get_names_a_path_that_is_not_there(path: str) -> None:
    with pytest.raises(StepFailedError) as failed:
        evaluate(json_get(path), FakeValues())
    assert str(failed.value).startswith(f"Failed to evaluate JsonGet: {path} is not in property file F of step S")


def test_json_get_names_a_file_that_is_not_json() -> None:
    values = FakeValues()
    values.document = b"<html>"
    with pytest.raises(StepFailedError, match="property file F of step S is not JSON"):
        evaluate(json_get("a"), values)


@pytest.mark.parametrize("text", ["", "a..b", "a[", "a[x]", "a b"])
def test_paths_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        paths.parse(text)


def comparison(kind: str, left: object, right: object) -> dict[str, Any]:
    return {"Type": kind, "LeftValue": left, "RightValue": right}


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        (comparison("Equals", "a", "a"), True),
        (comparison("Equals", 1, 1.0), True),
        (comparison("Equals", left=True, right=False), False),
        (comparison("GreaterThan", 1, 1), False),
        (comparison("GreaterThanOrEqualTo", 1, 1), True),
        (comparison("GreaterThanOrEqualTo", json_get("a.b[1].c"), 0.25), True),
        (comparison("LessThan", 1, 2.5), True),
        (comparison("LessThanOrEqualTo", 3, 2), False),
        ({"Type": "In", "QueryValue": "b", "Values": ["a", "b"]}, True),
        ({"Type": "In", "QueryValue": 5, "Values": [{"Get": "Parameters.P"}]}, True),
        ({"Type": "In", "QueryValue": "c", "Values": ["a", "b"]}, False),
        ({"Type": "Not", "Condition": comparison("Equals", 1, 2)}, True),
        ({"Type": "Or", "Conditions": [comparison("Equals", 1, 2), comparison("Equals", 2, 2)]}, True),
        ({"Type": "Or", "Conditions": [comparison("Equals", 1, 2)]}, False),
    ],
)
def test_conditions(condition: dict[str, Any], outcome: bool) -> None:  # noqa: FBT001 - a parameter of the table
    conditions.check(condition)
    assert conditions.holds(condition, FakeValues()) is outcome


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (comparison("GreaterThanOrEqualTo", json_get("nan"), 0.7), "nan is not a number"),
        ({"Type": "Not", "Condition": comparison("LessThan", json_get("nan"), 0.7)}, "nan is not a number"),
        (comparison("GreaterThanOrEqualTo", json_get("text"), 0.7), "'NaN' is not a number"),
        (comparison("LessThan", left=True, right=1), "True is not a number"),
        (comparison("Equals", "1", 1), "cannot be compared"),
    ],
)
def test_conditions_never_decide_on_what_cannot_be_compared(condition: dict[str, Any], words: str) -> None:
    with pytest.raises(StepFailedError, match=words):
        conditions.holds(condition, FakeValues())
