"""Descriptions of stacks; recorded by localstack/localstack, tests/aws/services/cloudformation (Apache-2.0)."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.conftest import Deploy, settled

pytestmark = pytest.mark.slow


def test_a_stack_is_described_without_what_it_has_not(aws: Callable[..., Any], deploy: Deploy) -> None:
    """Recorded: test_references_to_disabled_resources."""
    topic = {"Type": "AWS::SNS::Topic"}
    name = deploy({"Topic": topic})["StackName"]
    (bare,) = aws("cloudformation").describe_stacks(StackName=name)["Stacks"]
    assert (bare["NotificationARNs"], bare["RollbackConfiguration"], bare["Tags"]) == ([], {}, [])
    assert not {"Description", "StackStatusReason", "Outputs", "Parameters"} & set(bare)
    name = deploy({"Topic": topic}, Name={"Fn::GetAtt": ["Topic", "TopicName"]})["StackName"]
    told = aws("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    assert [set(output) for output in told] == [{"OutputKey", "OutputValue"}]


def test_a_parameter_of_parameter_store_is_told_by_its_name_and_value(aws: Callable[..., Any]) -> None:
    """Recorded: test_create_stack_with_ssm_parameters. API reference, "Parameter": ParameterValue is the key there."""
    cloudformation, name = aws("cloudformation"), f"test-{uuid.uuid4().hex[:8]}"
    aws("ssm").put_parameter(Name=f"/{name}/version", Value="21 & more", Type="String")
    template = {
        "Parameters": {
            "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": f"/{name}/version"},
            "Plain": {"Type": "String", "Default": "21 & more"},
        },
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Version"}}}},
    }
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    told = settled(cloudformation, name)
    cloudformation.delete_stack(StackName=name)
    shown = {each.pop("ParameterKey"): each for each in told["Parameters"]}
    assert shown == {
        "Version": {"ParameterValue": f"/{name}/version", "ResolvedValue": "21 & more"},
        "Plain": {"ParameterValue": "21 & more"},
    }


def test_an_update_tells_what_it_deletes(aws: Callable[..., Any], deploy: Deploy) -> None:
    """Recorded: test_requires_replacement, the events of its queue; here with one that leaves the template, too."""
    end = uuid.uuid4().hex[:8]

    def queue(name: str) -> dict[str, Any]:
        return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{name}-{end}"}}

    stack = deploy({"Replaced": queue("old"), "Left": queue("left")})
    deploy({"Replaced": queue("new")}, stack=stack["StackName"])
    told = aws("cloudformation").describe_stack_events(StackName=stack["StackName"])["StackEvents"]
    events = [
        (each["LogicalResourceId"], each["PhysicalResourceId"].rpartition("/")[2], each["ResourceStatus"])
        for each in reversed(told)
        if each["ResourceStatus"] in {"DELETE_IN_PROGRESS", "DELETE_COMPLETE"}
    ]
    assert events == [
        ("Replaced", f"old-{end}", "DELETE_IN_PROGRESS"),
        ("Replaced", f"old-{end}", "DELETE_COMPLETE"),
        ("Left", f"left-{end}", "DELETE_IN_PROGRESS"),
        ("Left", f"left-{end}", "DELETE_COMPLETE"),
    ]
