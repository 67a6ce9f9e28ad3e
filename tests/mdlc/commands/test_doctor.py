"""mdlc doctor: what an account has or lacks that the templates do not go with."""

import json
from pathlib import Path
from typing import Any

import pytest

from mdlc.checkup import stale_text
from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import FakeAws

MONITOR = "arn:aws:ce::111111111111:anomalymonitor/0a1b2c3d-0000-0000-0000-000000000000"
OTHER_ROLE = "arn:aws:iam::111111111111:role/sandbox-api-GatewayRole"
SERVICE = "com.amazonaws.eu-west-1.sagemaker.api"
RESOURCES: dict[str, Any] = {
    "Monitor": ("AWS::CE::AnomalyMonitor", {"MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}),
    "Account": ("AWS::ApiGateway::Account", {"CloudWatchRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}),
    "Subnet": ("AWS::EC2::Subnet", {"AvailabilityZone": "eu-west-1b"}),
    "Endpoint": ("AWS::EC2::VPCEndpoint", {"ServiceName": SERVICE, "SubnetIds": [{"Ref": "Subnet"}]}),
    "Builder": (
        "AWS::CodeBuild::Project",
        {"Environment": {"Type": "LINUX_CONTAINER", "ComputeType": "BUILD_GENERAL1_SMALL"}},
    ),
    "Logs": ("Custom::LogGroups", {"Names": "/aws/sagemaker/TrainingJobs,/aws/sagemaker/studio"}),
    "End": ("Custom::EndpointEnd", {"LogGroupName": "/aws/sagemaker/Endpoints/dev-fraud"}),
    "Stage": ("AWS::ApiGateway::Stage", {"MethodSettings": [{"ThrottlingRateLimit": 500}]}),
}
ENOUGH = {"Concurrently running builds for Linux/Small environment": 1.0, "Concurrent executions": 25.0}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Write a cdk.out with an environment of one stack."""
    place = tmp_path / "cdk.out" / "assembly-dev"
    place.mkdir(parents=True)
    template = {name: {"Type": kind, "Properties": properties} for name, (kind, properties) in RESOURCES.items()}
    (place / "core.template.json").write_text(json.dumps({"Resources": template}))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111111111111/eu-west-1",
        "properties": {"stackName": "dev-core", "templateFile": "core.template.json"},
    }
    (place / "manifest.json").write_text(json.dumps({"artifacts": {"dev-core": stack}}))
    return str(place.parent)


@pytest.fixture
def account(aws: FakeAws) -> FakeAws:
    """Return an account that nothing is wrong with."""
    quotas = [{"QuotaName": name, "Value": value} for name, value in ENOUGH.items()]
    details = [{"ServiceName": SERVICE, "AvailabilityZones": ["eu-west-1a", "eu-west-1b"]}]
    zones = [{"ZoneName": f"eu-west-1{letter}"} for letter in "abc"]
    aws.answers |= {
        "ListServiceQuotas": lambda _: {"Quotas": quotas},
        "GetAnomalyMonitors": lambda _: {"AnomalyMonitors": []},
        "GetAccount": lambda _: {},
        "DescribeAvailabilityZones": lambda _: {"AvailabilityZones": zones},
        "DescribeVpcEndpointServices": lambda _: {"ServiceNames": [], "ServiceDetails": details},
    }
    return aws


@pytest.mark.usefixtures("account")
def test_an_account_that_lacks_nothing_is_told_so(mdlc: Mdlc, folder: str) -> None:
    ran = mdlc("doctor", "dev", "--assembly", folder)
    assert (ran.code, "Nothing in" in ran.stdout) == (0, True), ran.stderr


def test_what_stops_a_deployment_ends_with_1(mdlc: Mdlc, account: FakeAws, folder: str) -> None:
    account.answers |= {
        "ListServiceQuotas": lambda _: {"Quotas": [{"QuotaName": name, "Value": 1.0} for name in ENOUGH]},
        "GetAnomalyMonitors": lambda _: {
            "AnomalyMonitors": [
                {
                    "MonitorArn": MONITOR,
                    "MonitorName": "Default-Services-Monitor",
                    "MonitorType": "DIMENSIONAL",
                    "MonitorDimension": "SERVICE",
                }
            ]
        },
        "DescribeAvailabilityZones": lambda _: {"AvailabilityZones": [{"ZoneName": "eu-west-1a"}]},
        "DescribeVpcEndpointServices": lambda _: {
            "ServiceDetails": [{"ServiceName": SERVICE, "AvailabilityZones": ["eu-west-1a"]}]
        },
    }
    ran = mdlc("doctor", "dev", "--assembly", folder)
    assert ran.code == 1
    assert "The account is not ready for dev: 'Concurrent executions' needs 25 and the account has 1" in ran.stderr
    assert f"name {MONITOR} in Spending(monitor=...) of dev" in ran.stdout
    assert "the account has no zone eu-west-1b: it has eu-west-1a" in ran.stdout
    assert f"{SERVICE} has no address in eu-west-1b: choose among eu-west-1a" in ran.stdout


def test_who_has_an_old_value_is_told_how_to_get_the_new_one() -> None:
    place = {"account": "111111111111", "region": "eu-west-1"}
    read = {"stack": "dev-api", "of": "dev-network", "output": "GroupId", "deployed_with": "sg-1", "now": "sg-2"}
    gone = {**read, "stack": "dev-studio", "now": ""}
    assert stale_text([{**place, **read}, {**place, **gone}]) == (
        "dev-api, dev-studio: deployed before an output changed that they read. dev-api has sg-1, and GroupId of"
        " dev-network is sg-2: cdk deploy --tags deployed=again dev-api dev-studio"
    )


def test_what_would_be_left_or_replaced_is_a_note(mdlc: Mdlc, account: FakeAws, folder: str) -> None:
    account.stacks = {"dev-core": {}, "dev-studio": {}, "devices-core": {}}
    account.answers |= {
        "ListStackResources": lambda _: {"StackResourceSummaries": []},
        "GetAccount": lambda _: {"cloudwatchRoleArn": OTHER_ROLE},
    }
    ran = mdlc("doctor", "dev", "--assembly", folder)
    assert ran.code == 0
    assert "dev-studio is deployed, and the templates have no such stack" in ran.stdout
    assert "devices-core" not in ran.stdout
    assert f"as {OTHER_ROLE}, which dev replaces" in ran.stdout


def test_the_stack_s_own_monitor_and_role_are_in_nobody_s_way(mdlc: Mdlc, account: FakeAws, folder: str) -> None:
    account.stacks = {"dev-core": {}}
    own = {"Monitor": MONITOR, "Role": "sandbox-api-GatewayRole"}
    account.answers |= {
        "ListStackResources": lambda _: {
            "StackResourceSummaries": [
                {"LogicalResourceId": name, "PhysicalResourceId": identifier} for name, identifier in own.items()
            ]
        },
        "GetAnomalyMonitors": lambda _: {"AnomalyMonitors": [{"MonitorArn": MONITOR, "MonitorDimension": "SERVICE"}]},
        "GetAccount": lambda _: {"cloudwatchRoleArn": OTHER_ROLE},
    }
    ran = mdlc("doctor", "dev", "--assembly", folder)
    assert (ran.code, "Nothing in" in ran.stdout) == (0, True), ran.stderr


@pytest.mark.parametrize("deployed", [True, False])
def test_log_groups_without_a_key_or_an_end_are_named(
    mdlc: Mdlc, account: FakeAws, folder: str, *, deployed: bool
) -> None:
    account.stacks = {"dev-core": {}, **({"dev-storage": {}} if deployed else {})}
    groups: dict[str, dict[str, Any]] = {
        "/aws/sagemaker/TrainingJobs": {},
        "/aws/sagemaker/studio": {"kmsKeyId": "arn:aws:kms:eu-west-1:111111111111:key/1", "retentionInDays": 30},
        "/aws/sagemaker/Endpoints/dev-fraud": {"retentionInDays": 30},
        "/aws/sagemaker/Endpoints/staging-fraud": {},
    }
    account.answers |= {
        "ListStackResources": lambda _: {"StackResourceSummaries": []},
        "DescribeLogGroups": lambda _: {"logGroups": [{"logGroupName": name, **each} for name, each in groups.items()]},
    }
    ran = mdlc("doctor", "dev", "--assembly", folder)
    assert ran.code == 0, ran.stderr
    told = [line for line in ran.stdout.splitlines() if line.startswith("· logs: ")]
    assert [line.split()[2:5] for line in told] == [
        *([["/aws/sagemaker/TrainingJobs", "has", "no"]] * deployed),
        *([["/aws/sagemaker/TrainingJobs", "never", "ends:"]] * deployed),
        *([["/aws/sagemaker/Endpoints/dev-fraud", "has", "no"]] * deployed),
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, 1), ({"EnableTerminationProtection": False}, 0), ({"StackName": "prod-core"}, 0)],
)
def test_a_protected_stack_that_was_taken_back_is_in_the_way(
    mdlc: Mdlc, account: FakeAws, folder: str, changes: dict[str, Any], code: int
) -> None:
    taken_back = {"StackName": "dev-core", "StackStatus": "ROLLBACK_COMPLETE", "EnableTerminationProtection": True}
    account.answers |= {
        "DescribeStacks": lambda _: {"Stacks": [taken_back | changes]},
        "ListStackResources": lambda _: {"StackResourceSummaries": []},
    }
    ran = mdlc("doctor", "dev", "--assembly", folder)
    assert ran.code == code, ran.stderr
    assert ("update-termination-protection" in ran.stdout) == bool(code)
