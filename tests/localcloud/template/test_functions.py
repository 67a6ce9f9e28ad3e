"""Arguments of intrinsic functions, by the user guide's "Intrinsic function reference"."""

import pytest

from localcloud.template.functions import calls, wrong_call


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("Ref", "A"),
        ("Fn::And", [{"Condition": "A"}, {"Condition": "B"}]),
        ("Fn::Base64", "text"),
        ("Fn::Base64", {"Fn::Sub": "text"}),
        ("Fn::Cidr", [{"Ref": "Block"}, 6]),
        ("Fn::Cidr", ["10.0.0.0/16", "6", "5"]),
        ("Fn::Equals", ["a", {"Ref": "A"}]),
        ("Fn::FindInMap", ["Map", {"Ref": "AWS::Region"}, "key"]),
        ("Fn::FindInMap", ["Map", "a", "b", {"DefaultValue": ["c"]}]),
        ("Fn::GetAZs", ""),
        ("Fn::GetAZs", {"Ref": "AWS::Region"}),
        ("Fn::GetAtt", "A.Arn"),
        ("Fn::GetAtt", ["A", "Outputs.Name"]),
        ("Fn::GetAtt", ["A", {"Ref": "Attribute"}]),
        ("Fn::If", ["Condition", {"Ref": "AWS::NoValue"}, ["a"]]),
        ("Fn::Join", ["", ["a", {"Ref": "A"}]]),
        ("Fn::Join", [",", {"Ref": "List"}]),
        ("Fn::Not", [{"Condition": "A"}]),
        ("Fn::Or", [{"Condition": "A"}] * 10),
        ("Fn::Select", ["0", {"Fn::GetAZs": ""}]),
        ("Fn::Select", [{"Ref": "Index"}, ["a"]]),
        ("Fn::Split", [",", {"Fn::ImportValue": "x"}]),
        ("Fn::Sub", "${A}"),
        ("Fn::Sub", ["${B}", {"B": {"Ref": "A"}}]),
        ("Fn::Transform", {"Name": "AWS::Include"}),
        ("Fn::GetStackOutput", {"StackName": "s", "OutputName": "o"}),
    ],
)
def test_calls_that_are_right(name: str, argument: object) -> None:
    assert not wrong_call(name, argument)


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("Ref", ["A"]),
        ("Ref", {"Fn::Sub": "A"}),
        ("Fn::And", [{"Condition": "A"}]),
        ("Fn::Base64", ["text"]),
        ("Fn::Cidr", ["10.0.0.0/16"]),
        ("Fn::Equals", ["a"]),
        ("Fn::FindInMap", ["Map", "key"]),
        ("Fn::GetAZs", ["a"]),
        ("Fn::GetAtt", "A"),
        ("Fn::GetAtt", ["A"]),
        ("Fn::GetAtt", ["A", ""]),
        ("Fn::GetAtt", [{"Ref": "A"}, "Arn"]),
        ("Fn::If", ["Condition", "a"]),
        ("Fn::If", [{"Ref": "Condition"}, "a", "b"]),
        ("Fn::Join", "a"),
        ("Fn::Join", [["a"]]),
        ("Fn::Join", [{"Ref": "Delimiter"}, ["a"]]),
        ("Fn::Join", [",", ["a"], "b"]),
        ("Fn::Not", []),
        ("Fn::Or", [{"Condition": "A"}] * 11),
        ("Fn::Select", ["x", ["a"]]),
        ("Fn::Select", ["0"]),
        ("Fn::Split", [","]),
        ("Fn::Sub", ["${B}"]),
        ("Fn::Sub", {"B": "a"}),
        ("Fn::Sub", ["${B}", {}, "c"]),
    ],
)
def test_calls_that_are_not(name: str, argument: object) -> None:
    assert wrong_call(name, argument).startswith("Template error: ")
    assert name.removeprefix("Fn::") in wrong_call(name, argument) or name == "Ref"


def test_a_function_that_there_is_not() -> None:
    assert wrong_call("Fn::Nope", "a") == "Template error: Fn::Nope is no intrinsic function"


def test_calls_are_found_in_lists_and_in_arguments() -> None:
    value = {"a": [{"Fn::Join": ["", [{"Ref": "A"}]]}, {"Ref": "B", "other": 1}], "b": {"Fn::GetAtt": ["C", "Arn"]}}
    assert [name for name, _ in calls(value)] == ["Fn::Join", "Ref", "Fn::GetAtt"]
