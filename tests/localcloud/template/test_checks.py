"""What CloudFormation refuses in a template before it touches anything.

The right answers are those of the faults that users reported: localstack/localstack#9521 and #1909, aws/aws-cdk#28145,
#2825 and #28579, and the user guide's "Template anatomy" and "Intrinsic function reference".
"""

from typing import Any

import pytest

from localcloud.template.checks import TemplateError, as_texts, check, check_keys, check_parameters, check_written
from localcloud.template.conditions import evaluate

TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic"}


def topic(name: object) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": name}}


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ({}, "At least one Resources member must be defined"),
        ({"Resources": {}}, "At least one Resources member must be defined"),
        ({"Resources": {"A": TOPIC}, "Foo": {}}, r"Invalid template property or properties \[Foo\]"),
        ({"Resources": {"P-1": TOPIC}}, "Resource name P-1 is non alphanumeric"),
        ({"Resources": {"A": "x"}}, "^Template format error: Any Resources member must be an object.$"),
        ({"Resources": {"A": {}}}, r"\[/Resources/A\] Every Resources object must contain a Type member"),
        ({"Resources": {"A": {**TOPIC, "Colour": "red"}}}, "Invalid template resource property 'Colour'"),
        ({"Resources": {"A": topic({"Ref": "Nope"})}}, r"dependencies \[Nope\] in the Resources block"),
        ({"Resources": {"A": topic({"Fn::Sub": "x-${Nope}"})}}, r"dependencies \[Nope\] in the Resources block"),
        ({"Resources": {"A": topic({"Fn::Sub": ["${B}-${Nope.Arn}", {"B": 1}]})}}, r"dependencies \[Nope\.Arn\]"),
        ({"Resources": {"A": topic({"Fn::Join": ["", [{"Ref": "Nope"}]]})}}, r"dependencies \[Nope\]"),
        ({"Resources": {"A": topic({"Fn::GetAtt": ["Nope", "Arn"]})}}, "references undefined resource Nope"),
        ({"Resources": {"A": topic({"Fn::GetAtt": "Nope.Arn"})}}, "references undefined resource Nope"),
        ({"Resources": {"A": {**TOPIC, "DependsOn": "Nope"}}}, r"dependencies \[Nope\] in the Resources block"),
        ({"Resources": {"A": {**TOPIC, "DependsOn": ["A", "Nope"]}}}, r"dependencies \[Nope\]"),
        ({"Resources": {"A": {**TOPIC, "DependsOn": [5]}}}, "DependsOn of A must be a string or list of strings"),
        ({"Resources": {"A": {**TOPIC, "Condition": "Nope"}}}, "Unresolved condition dependency Nope in the Resources"),
        ({"Resources": {"A": topic({"Fn::If": ["Nope", "a", "b"]})}}, "Unresolved condition dependency Nope"),
        ({"Resources": {"A": {**TOPIC, "DeletionPolicy": "Keep"}}}, "Unrecognized DeletionPolicy Keep for resource A"),
        (
            {"Resources": {"A": {**TOPIC, "UpdateReplacePolicy": "RetainExceptOnCreate"}}},
            "Unrecognized UpdateReplacePolicy RetainExceptOnCreate for resource A",
        ),
        ({"Resources": {"A": {**TOPIC, "DeletionPolicy": "Snapshot"}}}, "SNS::Topic does not support deletion policy"),
        ({"Resources": {"A": TOPIC}, "AWSTemplateFormatVersion": "2011-01-01"}, "unsupported value for AWSTemplate"),
        ({"Resources": {"A": TOPIC}, "Parameters": {"P": {}}}, "Every Parameters object must contain a Type member"),
        ({"Resources": {"A": TOPIC}, "Parameters": {"P": {"Type": "Strin"}}}, "Unrecognized parameter type: Strin"),
        (
            {"Resources": {"A": TOPIC}, "Parameters": {"P": {"Type": "String", "Defaul": "a"}}},
            "Invalid template parameter property 'Defaul'",
        ),
        (
            {"Resources": {"A": TOPIC}, "Conditions": {"C": {"Fn::Equals": [{"Ref": "A"}, "x"]}}},
            r"Unresolved dependencies \[A\]. Cannot reference resources in the Conditions block",
        ),
        ({"Resources": {"A": topic({"Fn::Join": ["", "a"]})}}, "every Fn::Join object requires two parameters"),
        (
            {"Resources": {"A": TOPIC}, "Outputs": {"O": {"Value": {"Ref": "Nope"}}}},
            r"dependencies \[Nope\] in the Outputs block",
        ),
        (
            {"Resources": {"A": TOPIC}, "Outputs": {"O": {"Value": "x", "Condition": "Nope"}}},
            "Unresolved condition dependency Nope in the Outputs block",
        ),
    ],
)
def test_a_template_that_aws_refuses(template: dict[str, Any], words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        check(template)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ({"Parameters": [], "Resources": {"A": TOPIC}}, r"\[/Parameters\] is no map"),
        ({"Conditions": ["C"], "Resources": {"A": TOPIC}}, r"\[/Conditions\] is no map"),
        ({"Resources": [TOPIC]}, r"\[/Resources\] is no map"),
        ({"Mappings": "x", "Resources": {"A": TOPIC}}, r"\[/Mappings\] is no map"),
        ({"Outputs": None, "Resources": {"A": TOPIC}}, r"\[/Outputs\] 'null' values are not allowed in templates"),
        ({"Resources": {"A": {**TOPIC, "Properties": None}}}, r"\[/Resources/A/Properties\] 'null' values are not"),
    ],
)
def test_a_template_of_another_form(template: dict[str, Any], words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        check_written(template)


def test_a_macro_may_take_nulls() -> None:
    check_written({"Transform": "AWS::Serverless-2016-10-31", "Parameters": None, "Resources": {"A": {"Role": None}}})


def test_a_policy_is_called_for_with_the_language_extensions_alone() -> None:
    written = {"Resources": {"A": {**TOPIC, "DeletionPolicy": {"Ref": "P"}}}}
    with pytest.raises(TemplateError, match="Every DeletionPolicy member must be a string"):
        check_written(written)
    check_written({**written, "Transform": ["AWS::LanguageExtensions"]})


def test_a_template_that_aws_takes() -> None:
    check(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": {"P": {"Type": "String"}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
            "Resources": {
                "A": topic({"Fn::Sub": "${P}-${AWS::Region}-${!Literal}-${B.TopicName}"}),
                "B": {**topic({"Fn::If": ["C", {"Ref": "P"}, {"Ref": "AWS::NoValue"}]}), "Condition": "C"},
                "D": {**topic({"Fn::GetAtt": ["B", "TopicName"]}), "DependsOn": ["A", "B"]},
            },
            "Outputs": {"O": {"Value": {"Ref": "A"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-a"}}}},
        }
    )


def test_parameters_that_the_template_lacks_or_that_have_no_value() -> None:
    template = {"Parameters": {"P": {"Type": "String"}, "Q": {"Type": "String", "Default": "q"}}}
    check_parameters(template, {"P": {}})
    with pytest.raises(TemplateError, match=r"^Parameters: \[Z\] do not exist in the template$"):
        check_parameters(template, {"P": {}, "Z": {}})
    with pytest.raises(TemplateError, match=r"^Parameters: \[P\] must have values$"):
        check_parameters(template, {"Q": {}})


def test_values_of_parameters_are_texts() -> None:
    written = {"P": {"Type": "String", "Default": True, "AllowedValues": [True, False, 1]}}
    assert as_texts(written) == {"P": {"Type": "String", "Default": "true", "AllowedValues": ["true", "false", 1]}}


def test_a_key_that_is_no_text_is_named() -> None:
    with pytest.raises(TemplateError, match=r"\[/Resources\] the key True is no text"):
        check_keys({"Resources": {True: TOPIC}})


REGION = {"Ref": "AWS::Region"}
PSEUDO = {"AWS::Region": "eu-west-1", "AWS::Partition": "aws"}


def resolve(value: Any) -> Any:
    return PSEUDO[value["Ref"]] if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"Fn::Equals": [REGION, "eu-west-1"]}, True),
        ({"Fn::Equals": [REGION, "us-east-1"]}, False),
        ({"Fn::Not": [{"Fn::Equals": [REGION, "us-east-1"]}]}, True),
        ({"Fn::And": [{"Condition": "Here"}, {"Fn::Not": [{"Condition": "There"}]}]}, True),
        ({"Fn::Or": [{"Condition": "There"}, {"Condition": "Here"}]}, True),
        ({"Fn::Equals": [True, "true"]}, True),
        ({"Fn::Equals": [1, "1"]}, True),
        ({"Fn::Equals": [{"Fn::If": ["There", "a", "b"]}, "b"]}, True),
    ],
)
def test_conditions(condition: dict[str, Any], *, holds: bool) -> None:
    written = {
        "Asked": condition,
        "Here": {"Fn::Equals": [REGION, "eu-west-1"]},
        "There": {"Fn::Equals": [REGION, "us-east-1"]},
    }
    assert evaluate(written, resolve)["Asked"] is holds


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"A": {"Condition": "Nope"}}, "Unresolved condition dependency Nope in the Conditions block"),
        ({"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}}, r"Circular dependency .*\[A, B\]"),
        ({"A": {"Fn::Equals": ["a"]}}, "every Fn::Equals object requires its own list of parameters"),
        ({"A": "true"}, "must be a condition, not 'true'"),
    ],
)
def test_conditions_that_aws_refuses(written: dict[str, Any], words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        evaluate(written, resolve)
