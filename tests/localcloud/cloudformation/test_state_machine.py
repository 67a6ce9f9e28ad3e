"""AWS::StepFunctions::StateMachine against the running cloud: made, changed, refused and deleted.

Source: template reference of the type: its properties, `Ref`, `Fn::GetAtt`, and which changes replace it.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow
NO_JOB = "arn:aws:states:::sagemaker:createModel.sync"
DEFINITION = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${Word}", "End": True}}}


@pytest.fixture
def machine(role: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Resources of a stack with one state machine."""

    def make(**properties: Any) -> dict[str, Any]:
        given = {
            "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "DefinitionString": json.dumps(DEFINITION),
            "DefinitionSubstitutions": {"Word": "first"},
            **properties,
        }
        return {
            "Role": role("states.amazonaws.com"),
            "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": given},
        }

    return make


def own_tags(states: Any, arn: str) -> dict[str, str]:
    """Tags that are not CloudFormation's own."""
    tags = states.list_tags_for_resource(resourceArn=arn)["tags"]
    return {tag["key"]: tag["value"] for tag in tags if not tag["key"].startswith("aws:")}


def test_it_is_made_changed_and_deleted(
    aws: Callable[..., Any], deploy: Callable[..., Any], machine: Callable[..., Any]
) -> None:
    states, stack = aws("stepfunctions"), f"machine-{uuid4().hex[:8]}"
    outputs = {"Arn": {"Ref": "Machine"}, "Name": {"Fn::GetAtt": ["Machine", "Name"]}}
    made = deploy(machine(Tags=[{"Key": "a", "Value": "1"}]), stack, **outputs)
    assert made["StackStatus"] == "CREATE_COMPLETE", made["Failed"]
    arn = made["Outputs"]["Arn"]
    described = states.describe_state_machine(stateMachineArn=arn)
    assert json.loads(described["definition"])["States"]["A"]["Result"] == "first"
    assert (described["type"], described["loggingConfiguration"]["level"]) == ("STANDARD", "OFF")
    assert own_tags(states, arn) == {"a": "1"}
    group = f"arn:aws:logs:eu-west-1:111111111111:log-group:/aws/vendedlogs/states/{stack}:*"
    changed = machine(
        Definition=DEFINITION,
        DefinitionSubstitutions={"Word": "second"},
        LoggingConfiguration={
            "Level": "ALL",
            "IncludeExecutionData": "true",
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": group}}],
        },
        Tags=[{"Key": "b", "Value": "2"}],
    )
    del changed["Machine"]["Properties"]["DefinitionString"]
    updated = deploy(changed, stack, **outputs)
    assert updated["StackStatus"] == "UPDATE_COMPLETE", updated["Failed"]
    assert updated["Outputs"]["Arn"] == arn
    described = states.describe_state_machine(stateMachineArn=arn)
    assert json.loads(described["definition"])["States"]["A"]["Result"] == "second"
    assert described["loggingConfiguration"] == {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
    }
    assert own_tags(states, arn) == {"b": "2"}
    express = deploy(machine(StateMachineType="EXPRESS"), stack, **outputs)["Outputs"]["Arn"]
    assert express != arn
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        states.describe_state_machine(stateMachineArn=arn)


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ("not json", "INVALID_JSON_DESCRIPTION"),
        ('{"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}}', "Missing 'Next' target: B at /StartAt"),
        (
            json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": NO_JOB, "End": True}}}),
            "is not recognized",
        ),
    ],
)
def test_a_wrong_definition_fails_the_stack(
    deploy: Callable[..., Any], machine: Callable[..., Any], definition: str, reason: str
) -> None:
    """Source: localstack/localstack#11978; aws-cloudformation/cfn-lint#4077 for the words of the resource's handler."""
    stack = deploy(machine(DefinitionString=definition))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Invalid State Machine Definition" in stack["Failed"]["Machine"]
    assert reason in stack["Failed"]["Machine"]


def test_a_role_that_step_functions_may_not_assume_fails_the_stack(
    deploy: Callable[..., Any], machine: Callable[..., Any], role: Callable[..., Any]
) -> None:
    stack = deploy(machine() | {"Role": role("lambda.amazonaws.com")})
    assert "states.amazonaws.com" in stack["Failed"]["Machine"]
