"""Findings of other people's tools: which may stay, and what the tools are given to read."""

import dataclasses
import json
import subprocess
from pathlib import Path

import pytest

from checks import tools
from checks.__main__ import _judge as judge_gate
from checks.__main__ import judge
from checks.gates import Found, Gate
from checks.synthesis import short
from ml_rules import policies
from tests.environments import DEV

SENTENCE = "It asks the control plane alone."
EXPLANATIONS = tools.Explanations({("api/Function/Resource", "LambdaInsideVPC"): SENTENCE})


@pytest.mark.parametrize(
    ("tool", "rule", "path", "explained"),
    [
        ("checkov", "CKV_AWS_117", "dev/api/Function/Resource", True),  # acknowledged there
        ("checkov", "CKV_AWS_117", "dev/api/Other/Resource", False),  # and nowhere else
        ("checkov", "CKV_AWS_115", "dev/api/Other/Resource", True),  # LambdaConcurrency is not adopted
        ("checkov", "CKV_AWS_116", "dev/api/Other/Resource", False),
        ("checkov", "CKV_AWS_27", "dev/api/Other/Resource", True),  # not adopted, for a reason
        ("checkov", "CKV_AWS_999", "dev/api/Other/Resource", False),
        ("cfn-lint", "W3005", "", True),
        ("cfn-lint", "CKV_AWS_27", "", False),
    ],
)
def test_a_finding_may_stay_where_its_reason_holds(tool: str, rule: str, path: str, explained: bool) -> None:  # noqa: FBT001
    assert bool(EXPLANATIONS.of(tool, rule, path)) is explained


def test_a_gate_passes_when_every_finding_is_explained() -> None:
    explained, unexplained = Found("R", "here", "said", explained=SENTENCE), Found("R", "there", "said")
    assert Gate("g", 1.0, [explained]).status == "passed"
    assert Gate("g", 1.0, [explained, unexplained]).open == [unexplained]
    assert Gate("g", 1.0, [unexplained]).as_json()["status"] == "failed"
    assert Gate("g", 1.0, failure="no answer").as_json()["status"] == "error"


def test_a_tool_that_hangs_is_a_gate_that_could_not_judge() -> None:
    def judge() -> list[Found]:
        raise subprocess.TimeoutExpired(["python", "-m", "checks.access"], tools.TIMEOUT)

    gate = judge_gate("access matrix", judge)
    assert gate.status == "error"
    assert gate.failure == ("It was ended after 1800 seconds: run make check again when the machine has less to do.")


def test_tools_read_an_import_where_they_do_not_know_the_reference(tmp_path: Path) -> None:
    output = {"Fn::GetStackOutput": {"StackName": "keys", "Region": "eu-west-1", "OutputName": "KeyArn"}}
    tools.write({"app": {"Resources": {"R": {"Properties": {"Key": [output]}}}}}, tmp_path)
    written = json.loads((tmp_path / "app.template.json").read_text())
    assert written["Resources"]["R"]["Properties"]["Key"] == [{"Fn::ImportValue": "keys-KeyArn"}]


def test_every_template_is_linted_in_the_region_of_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, ...]] = []

    def run(tool: str, *arguments: str) -> list[object]:
        ran.append((tool, *arguments))
        return []

    monkeypatch.setattr(tools, "_json", run)
    tools.write({"dev-api": {}, "prod-api": {}}, tmp_path)
    assert list(tools.cfn_lint(tmp_path, EXPLANATIONS)) == []
    [(_, *options, _, dev, prod)] = ran
    assert options[-2:] == ["--regions", DEV.region]
    assert (Path(dev).name, Path(prod).name) == ("dev-api.template.json", "prod-api.template.json")
    far = dataclasses.replace(DEV, name="far", region="us-east-1", zones=("us-east-1a", "us-east-1b"))
    files = [Path("dev-api.template.json"), Path("far-api.template.json")]
    assert tools.in_regions(files, (DEV, far)) == {DEV.region: files[:1], "us-east-1": files[1:]}


def test_statements_are_read_together() -> None:
    document = {
        "Statement": [
            {"Effect": "Allow", "Action": "sagemaker:CreateEndpoint", "Resource": "arn:aws:sagemaker:r:1:endpoint/e"},
        ]
    }
    lack = {"action": "sagemaker:CreateEndpoint", "required_format": "arn:*:sagemaker:*:*:endpoint/*"}
    assert tools.named_elsewhere([lack], policies.read(document))
    anything = {"Statement": [document["Statement"][0] | {"Resource": "arn:aws:sagemaker:r:1:*/*"}]}
    assert tools.named_elsewhere([lack], policies.read(anything))
    other = lack | {"required_format": "arn:*:sagemaker:*:*:endpoint-config/*"}
    assert not tools.named_elsewhere([lack, other], policies.read(document))


def test_what_two_actions_lack_is_explained_for_each_by_itself() -> None:
    express = {"action": "states:DescribeExecution", "required_format": "arn:*:states:*:*:express:*:*:*"}
    mapped = {"action": "states:ListExecutions", "required_format": "arn:*:states:*:*:mapRun:*/*:*"}
    found = list(tools.issues_of({"issue": "RESOURCE_MISMATCH", "detail": [mapped, express]}))
    assert found == [
        ("RESOURCE_MISMATCH states:DescribeExecution", [express]),
        ("RESOURCE_MISMATCH states:ListExecutions", [mapped]),
    ]


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("NIST.800.53.R5-LambdaDLQ", "LambdaDLQ"),
        ("Serverless-LambdaDLQ", "LambdaDLQ"),
        ("AwsSolutions-S1", "S1"),
        ("AwsSolutions-SQS3", "SQSRedrivePolicy"),
        ("star-resource", "star-resource"),
        ("SageMaker.16", "SageMaker.16"),
    ],
)
def test_a_rule_is_known_without_its_pack(rule: str, name: str) -> None:
    assert short(rule) == name


def test_templates_of_any_origin_are_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "other.template.json"
    file.write_text(json.dumps({"Resources": {"Door": {"Type": "AWS::EC2::InternetGateway"}}}))
    assert judge([str(file)]) == 1
    assert "no-way-out other/Door" in capsys.readouterr().out
    file.write_text(json.dumps({"Resources": {}}))
    assert judge([str(file)]) == 0


def test_what_is_no_template_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "other.yaml"
    file.write_text("Resources: {}")
    assert judge([str(file)]) == 2
    assert "is no template in JSON" in capsys.readouterr().out
