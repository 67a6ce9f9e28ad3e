"""What reviews are made of: who is told of what, and the state that waits for a human loop."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Template

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings
from ml_constructs.labeling.reviews import Gate, HumanReviews
from ml_constructs.labeling.service import LabelingService, Reach
from ml_constructs.labeling.task_store import TaskStore
from ml_constructs.network.closed_network import Placement


@pytest.fixture
def reviews(stack: cdk.Stack, placement: Placement, logs: LogSettings, folder: Folder, key: kms.IKey) -> HumanReviews:
    store = TaskStore(stack, "Store", data=folder.bucket, key=key, removal_policy=cdk.RemovalPolicy.RETAIN)
    functions = FunctionSettings(logs=logs, placement=placement)
    reach = Reach(workteams=["birds"], patience=cdk.Duration.minutes(10))
    service = LabelingService(stack, "Service", store=store, reach=reach, functions=functions)
    gate = Gate(systems={"images": Folder(folder.bucket, ["seen", "images"])}, below=0.9, share=0.02, a_day=100)
    return HumanReviews(stack, "Reviews", store=store, service=service, functions=functions, gate=gate)


def policy(template: Template, role: str) -> list[dict[str, Any]]:
    """Return the statements of a role's policy."""
    (found,) = [
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in template.find_resources("AWS::IAM::Policy").items()
        if name.startswith(role)
    ]
    return list(found)


def actions(statements: list[dict[str, Any]]) -> set[str]:
    named = [each["Action"] for each in statements]
    return {action for each in named for action in ([each] if isinstance(each, str) else each)}


def test_who_tells_of_ends_has_no_right_on_tasks_and_is_outside_of_the_network(
    stack: cdk.Stack, reviews: HumanReviews
) -> None:
    template = Template.from_stack(stack)
    allowed = actions(policy(template, "ReviewsNewsRole"))
    assert {"events:PutEvents", "states:SendTaskSuccess", "states:SendTaskFailure"} <= allowed
    assert {each for each in allowed if each.startswith(("dynamodb:", "s3:"))} == {
        *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
    }
    functions = template.find_resources("AWS::Lambda::Function")
    (news,) = [each for name, each in functions.items() if name.startswith("ReviewsNews")]
    assert "VpcConfig" not in news["Properties"]
    assert reviews.news.function


def test_the_gate_deletes_predictions_alone(stack: cdk.Stack, reviews: HumanReviews) -> None:
    assert reviews.gate
    statements = policy(Template.from_stack(stack), "ReviewsGateRole")
    (deleted,) = [each for each in statements if "s3:DeleteObject" in actions([each])]
    assert json.dumps(deleted["Resource"]).endswith('/seen/images/*"]]}') or "/seen/images/*" in json.dumps(deleted)
    assert "labeling" not in json.dumps(deleted["Resource"])


def test_a_state_waits_for_a_loop_by_its_token(stack: cdk.Stack, reviews: HumanReviews) -> None:
    flow = "arn:aws:sagemaker:eu-west-1:111122223333:flow-definition/claims"
    step = reviews.step(
        stack,
        "Ask",
        name="{% $states.input.name %}",
        flow_definition=flow,
        content={"taskObject": "{% $states.input.uri %}", "labels": ["a", "b"]},
        heartbeat=cdk.Duration.hours(1),
    )
    machine = sfn.StateMachine(
        stack,
        "Machine",
        definition_body=sfn.DefinitionBody.from_chainable(step),
        query_language=sfn.QueryLanguage.JSONATA,
    )
    (made,) = Template.from_stack(stack).find_resources("AWS::StepFunctions::StateMachine").values()
    parts = made["Properties"]["DefinitionString"]["Fn::Join"][1]
    state = json.loads("".join(each if isinstance(each, str) else "X" for each in parts))["States"]["Ask"]
    assert state["Resource"].endswith(":states:::lambda:invoke.waitForTaskToken")
    assert state["HeartbeatSeconds"] == 3600
    assert state["Arguments"]["Payload"] == {
        "operation": "StartHumanLoop",
        "body": {
            "HumanLoopName": "{% $states.input.name %}",
            "FlowDefinitionArn": flow,
            "HumanLoopInput": {
                "InputContent": '{% $string({"taskObject": $states.input.uri, "labels": ["a", "b"]}) %}'
            },
        },
        "taskToken": "{% $states.context.Task.Token %}",
    }
    assert machine.state_machine_name
