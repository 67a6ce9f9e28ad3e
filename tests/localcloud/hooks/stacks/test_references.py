"""Weak references: a stack keeps the value that it was deployed with, whatever becomes of the output."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.lifecycle import LocalCloud

pytestmark = pytest.mark.slow


def template(value: dict[str, Any], kind: str = "AWS::SSM::Parameter") -> str:
    properties = {"Type": "String", "Value": value}
    return json.dumps({"Resources": {"Kept": {"Type": kind, "Properties": properties}}})


def test_a_consumer_that_was_not_deployed_again_is_named(cloud: LocalCloud, aws: Callable[..., Any]) -> None:
    cloudformation = aws("cloudformation")

    def produce(name: str) -> dict[str, Any]:
        topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}
        body = {"Resources": {"Topic": topic}, "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Topic", "TopicName"]}}}}
        return {"StackName": "producer", "TemplateBody": json.dumps(body)}

    def settle(stack: str) -> None:
        (shown,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        assert shown["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}, shown

    reference = {"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "Name"}}
    consumer = {"StackName": "consumer", "TemplateBody": template(reference)}
    for request in (produce("first"), consumer):
        cloudformation.create_stack(**request)
        settle(request["StackName"])
    assert cloud.stale() == []
    cloudformation.update_stack(**produce("second"))
    settle("producer")
    (found,) = cloud.stale()
    assert (found["stack"], found["of"], found["output"]) == ("consumer", "producer", "Name")
    assert (found["deployed_with"], found["now"]) == ("first", "second")
    changed = json.loads(consumer["TemplateBody"])
    changed["Resources"]["Kept"]["Properties"]["Description"] = "deployed again"
    cloudformation.update_stack(StackName="consumer", TemplateBody=json.dumps(changed))
    settle("consumer")
    assert cloud.stale() == []
    for stack in ("consumer", "producer"):
        cloudformation.delete_stack(StackName=stack)
