"""An export has one stack, stays while it is imported, and is there when it is: user guide, "Fn::ImportValue"."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.conftest import settled

pytestmark = pytest.mark.slow
TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic"}
Create = Callable[..., dict[str, Any]]


def exporting(name: str, value: object = None) -> dict[str, Any]:
    exported = {"Value": value or {"Ref": "A"}, "Export": {"Name": name}}
    return {"Resources": {"A": TOPIC}, "Outputs": {"O": exported}}


def importing(name: str) -> dict[str, Any]:
    properties = {"Type": "String", "Value": {"Fn::ImportValue": name}}
    return {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": properties}}}


@pytest.fixture
def put(aws: Callable[..., Any]) -> Create:
    """Create or update a stack; its description, with the reasons of its events."""
    cloudformation = aws("cloudformation")

    def make(name: str, template: dict[str, Any], *, update: bool = False) -> dict[str, Any]:
        change = cloudformation.update_stack if update else cloudformation.create_stack
        change(StackName=name, TemplateBody=json.dumps(template))
        found = settled(cloudformation, name)
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return {**found, "Reasons": {event.get("ResourceStatusReason", "") for event in events}}

    return make


def test_an_export_has_one_stack(put: Create) -> None:
    assert put("first", exporting("only-once"))["StackStatus"] == "CREATE_COMPLETE"
    second = put("second", exporting("only-once"))
    assert second["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Export with name only-once is already exported by stack first." in second["Reasons"]


def test_an_export_stays_as_it_is_while_it_is_imported(put: Create, aws: Callable[..., Any]) -> None:
    put("gives", exporting("kept", "one"))
    assert put("takes", importing("kept"))["StackStatus"] == "CREATE_COMPLETE"
    for template, said in (
        ({"Resources": {"A": TOPIC}}, "Cannot delete export kept as it is in use by takes."),
        (exporting("kept", "two"), "Cannot update export kept as it is in use by takes."),
    ):
        changed = put("gives", template, update=True)
        assert changed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        assert said in changed["Reasons"]
    aws("cloudformation").delete_stack(StackName="takes")
    settled(aws("cloudformation"), "takes")
    assert put("gives", {"Resources": {"A": TOPIC}}, update=True)["StackStatus"] == "UPDATE_COMPLETE"


def test_an_export_that_there_is_not(put: Create) -> None:
    assert "No export named nowhere found" in put("lacks", importing("nowhere"))["Reasons"]
