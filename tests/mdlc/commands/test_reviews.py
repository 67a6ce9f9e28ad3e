"""mdlc reviews: start, describe, list, stop, wait, flow and template, over a service in this process."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from mdlc import labels
from mdlc.reviews import Client

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.mdlc.conftest import Mdlc
    from tests.mdlc.fake_aws import FakeAws

FLOW = "arn:aws:sagemaker:eu-west-1:111122223333:flow-definition/claims"
LOOP = {
    "HumanLoopName": "claim-17",
    "HumanLoopArn": "arn:aws:sagemaker:eu-west-1:111122223333:human-loop/claim-17",
    "HumanLoopStatus": "Completed",
    "CreationTime": 1_767_225_600,
    "FlowDefinitionArn": FLOW,
    "HumanLoopOutput": {"OutputS3Uri": "s3://data/labeling/reviews/claims/2026/01/01/00/00/00/claim-17/output.json"},
}
START = {
    "HumanLoopName": "claim-17",
    "FlowDefinitionArn": FLOW,
    "HumanLoopInput": {"InputContent": '{"taskObject": "a text"}'},
}


class Service:
    """Answers by operation; what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def invoke(self, request: dict[str, Any]) -> dict[str, Any]:
        assert request["FunctionName"] == "dev-reviews"
        event = json.loads(request["Payload"])
        self.asked.append((event["operation"], event["body"]))
        answer = self.answers[event["operation"]]
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def service(aws: FakeAws) -> Service:
    found = Service()
    aws.stacks["dev-labeling"] = {"ReviewFunctionName": "dev-reviews"}
    aws.answers["Invoke"] = found.invoke
    return found


def test_a_request_is_sent_as_it_is(service: Service, mdlc: Mdlc, tmp_path: Path) -> None:
    service.answers["StartHumanLoop"] = {"answer": {"HumanLoopArn": LOOP["HumanLoopArn"]}}
    (tmp_path / "loop.json").write_text(json.dumps(START))
    ran = mdlc("reviews", "start", str(tmp_path / "loop.json"), "--yes", "--json")
    assert (ran.code, json.loads(ran.stdout)) == (0, {"loop": "claim-17", "arn": LOOP["HumanLoopArn"]})
    assert service.asked == [("StartHumanLoop", START)]


def test_a_template_and_a_flow_are_made_of_files(service: Service, mdlc: Mdlc, tmp_path: Path) -> None:
    service.answers["CreateHumanTaskUi"] = {"answer": {"HumanTaskUiArn": "the ARN"}}
    service.answers["CreateFlowDefinition"] = {"answer": {"FlowDefinitionArn": FLOW}}
    (tmp_path / "page.html").write_text("<crowd-form></crowd-form>")
    (tmp_path / "flow.json").write_text('{"FlowDefinitionName": "claims"}')
    ran = mdlc("reviews", "template", "create", "page", str(tmp_path / "page.html"), "--yes", "--json")
    assert json.loads(ran.stdout) == {"template": "page", "arn": "the ARN"}
    ran = mdlc("reviews", "flow", "create", str(tmp_path / "flow.json"), "--yes", "--json")
    assert json.loads(ran.stdout) == {"flow": "claims", "arn": FLOW}
    assert service.asked == [
        ("CreateHumanTaskUi", {"HumanTaskUiName": "page", "UiTemplate": {"Content": "<crowd-form></crowd-form>"}}),
        ("CreateFlowDefinition", {"FlowDefinitionName": "claims"}),
    ]
    (tmp_path / "page.html").write_bytes(b"\xff")
    ran = mdlc("reviews", "template", "create", "page", str(tmp_path / "page.html"), "--yes")
    assert (ran.code, "is no UTF-8 at byte 0" in ran.stderr) == (2, True)


def test_a_conflict_is_told_in_its_own_sentence_and_raised_as_boto3_does(service: Service, mdlc: Mdlc) -> None:
    refused = {"Code": "ResourceNotFoundException", "Message": "There is no human loop claim-17."}
    service.answers["DescribeHumanLoop"] = {"error": refused}
    ran = mdlc("reviews", "describe", "claim-17")
    assert (ran.code, ran.stderr.strip()) == (2, "mdlc: There is no human loop claim-17.")
    for client in (Client("dev"), labels.Client("dev")):
        with pytest.raises(ClientError) as found:
            client.describe_human_loop(HumanLoopName="claim-17")
        assert (found.value.operation_name, found.value.response["Error"]) == ("DescribeHumanLoop", refused)


def test_loops_of_every_page_are_listed_with_boto3s_times(service: Service, mdlc: Mdlc) -> None:
    service.answers["DescribeFlowDefinition"] = {"answer": {"FlowDefinitionArn": FLOW, "CreationTime": 0}}
    service.answers["ListHumanLoops"] = {"answer": {"HumanLoopSummaries": [LOOP]}}
    assert "claim-17  Completed  2026-01-01 00:00:00" in mdlc("reviews", "list", "claims").stdout
    (found,) = Client("dev").loops("claims")
    assert found["CreationTime"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert service.asked[-1] == ("ListHumanLoops", {"FlowDefinitionArn": FLOW})


@pytest.mark.parametrize(
    ("status", "members", "code", "says"),
    [
        ("Completed", {}, 0, ""),
        ("Stopped", {}, 1, "claim-17 is Stopped: it was stopped, or its time was over"),
        ("Failed", {"FailureReason": "No Liquid."}, 1, "claim-17 is Failed: No Liquid."),
    ],
)
def test_waiting_fails_unless_all_have_answered(  # noqa: PLR0913, PLR0917 - cases
    service: Service, mdlc: Mdlc, status: str, members: dict[str, str], code: int, says: str
) -> None:
    service.answers["DescribeHumanLoop"] = {"answer": {**LOOP, "HumanLoopStatus": status, **members}}
    ran = mdlc("reviews", "wait", "claim-17")
    assert (ran.code, says in ran.stderr) == (code, True)


@pytest.mark.parametrize(
    ("command", "operation", "body"),
    [
        (("stop", "claim-17"), "StopHumanLoop", {"HumanLoopName": "claim-17"}),
        (("flow", "delete", "claims"), "DeleteFlowDefinition", {"FlowDefinitionName": "claims"}),
        (("template", "delete", "page"), "DeleteHumanTaskUi", {"HumanTaskUiName": "page"}),
    ],
)
def test_what_ends_something_names_it(
    service: Service, mdlc: Mdlc, command: tuple[str, ...], operation: str, body: dict[str, str]
) -> None:
    service.answers[operation] = {"answer": {}}
    assert mdlc("reviews", *command, "--yes").code == 0
    assert service.asked == [(operation, body)]


def test_flows_and_templates_are_listed(service: Service, mdlc: Mdlc) -> None:
    summary = {"FlowDefinitionName": "claims", "FlowDefinitionArn": FLOW, "CreationTime": 1_767_225_600}
    service.answers["ListFlowDefinitions"] = {"answer": {"FlowDefinitionSummaries": [summary]}}
    service.answers["ListHumanTaskUis"] = {"answer": {"HumanTaskUiSummaries": []}}
    assert "claims  2026-01-01 00:00:00" in mdlc("reviews", "flow", "list").stdout
    assert mdlc("reviews", "template", "list").stdout.strip() == "There is no worker template of reviews."
    people = {"TaskCount": 2, "WorkteamArn": "arn/birds", "TaskTitle": "What is it?"}
    described = {**summary, "HumanLoopConfig": people, "OutputConfig": {"S3OutputPath": "s3://data/labeling/reviews/"}}
    service.answers["DescribeFlowDefinition"] = {"answer": described}
    said = mdlc("reviews", "flow", "describe", "claims").stdout
    assert "claims asks 2 of birds: What is it?." in said
    assert "s3://data/labeling/reviews/claims/" in said


def test_pictures_are_added_to_no_table(service: Service, mdlc: Mdlc) -> None:
    ran = mdlc("reviews", "publish", "claims", "fraud", "--yes")
    assert (ran.code, service.asked) == (2, [])
    assert "pictures can be added to none" in ran.stderr
