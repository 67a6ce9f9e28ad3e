"""Macros. Source: user guide of CloudFormation, "Perform custom processing on CloudFormation templates with template
macros": what a function gets, the order, and its answers.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.template.macros import expand
from tests.localcloud.conftest import settled
from tests.localcloud.keyed import fresh

FUNCTION = (
    "import json\n"
    "def handler(event, context):\n"
    "    if event['params'].get('Fail'):\n"
    "        return {'requestId': event['requestId'], 'status': 'failure', 'errorMessage': event['params']['Fail']}\n"
    "    text = json.dumps(event['fragment']).replace('<color>', event['templateParameterValues']['Color'])\n"
    "    return {'requestId': event['requestId'], 'status': 'success', 'fragment': json.loads(text)}\n"
)


def test_the_innermost_comes_first_and_the_section_last() -> None:
    calls = []

    def call(name: str, fragment: Any, parameters: Any) -> Any:
        calls.append((name, parameters))
        return {**fragment, name: True}

    properties = {"A": 1, "Fn::Transform": {"Name": "Inner", "Parameters": {"P": {"Ref": "Color"}}}}
    template = {
        "Transform": ["Last", "AWS::LanguageExtensions"],
        "Resources": {"R": {"Type": "T", "Properties": properties, "Fn::Transform": ["Outer", "Next"]}},
    }
    found = expand(template, {"Color": "red"}, call)
    assert calls == [("Inner", {"P": "red"}), ("Outer", {}), ("Next", {}), ("Last", {})]
    assert found == {
        "Resources": {"R": {"Type": "T", "Properties": {"A": 1, "Inner": True}, "Outer": True, "Next": True}},
        "Last": True,
        "Transform": "AWS::LanguageExtensions",
    }


@pytest.mark.slow
def test_a_template_is_changed_by_its_macro(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    cloudformation, macro = aws("cloudformation"), fresh("Macro").replace("-", "")
    properties = {"Name": macro, "FunctionName": {"Fn::GetAtt": ["Fn", "Arn"]}}
    stack = deploy(
        {
            "Role": role("lambda.amazonaws.com"),
            "Fn": function(FUNCTION, "Role"),
            "Macro": {"Type": "AWS::CloudFormation::Macro", "Properties": properties},
        },
        Macro={"Ref": "Macro"},
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    assert stack["Outputs"]["Macro"] == macro
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "<color>"}}
    template = {
        "Transform": macro,
        "Parameters": {"Color": {"Type": "String"}},
        "Resources": {"Parameter": parameter},
        "Outputs": {"Value": {"Value": {"Fn::GetAtt": ["Parameter", "Value"]}}},
    }
    asked: dict[str, Any] = {
        "StackName": fresh("expanded"),
        "TemplateBody": json.dumps(template),
        "Parameters": [{"ParameterKey": "Color", "ParameterValue": "red"}],
    }
    with pytest.raises(ClientError, match="CAPABILITY_AUTO_EXPAND"):
        cloudformation.create_stack(**asked)
    cloudformation.create_stack(**asked, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    assert settled(cloudformation, asked["StackName"])["Outputs"]["Value"] == "red"
    cloudformation.delete_stack(StackName=asked["StackName"])
    failing = {**template, "Transform": {"Name": macro, "Parameters": {"Fail": "no color"}}}
    asked |= {"StackName": fresh("failing"), "TemplateBody": json.dumps(failing)}
    with pytest.raises(ClientError, match=f"Transform 111111111111::{macro} failed with: no color"):
        cloudformation.create_stack(**asked, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    absent = {**template, "Transform": "Absent"}
    asked |= {"StackName": fresh("absent"), "TemplateBody": json.dumps(absent)}
    with pytest.raises(ClientError, match="No transform named 111111111111::Absent found"):
        cloudformation.create_stack(**asked, Capabilities=["CAPABILITY_AUTO_EXPAND"])
