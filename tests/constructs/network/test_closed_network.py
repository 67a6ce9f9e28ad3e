import dataclasses
import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Match, Template

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.network.closed_network import BETWEEN_APPS, BETWEEN_INSTANCES, ClosedNetwork, Placement
from ml_constructs.network.endpoint_services import NoEndpointError


def test_s3_is_open_for_the_named_buckets_and_image_layers_alone(
    stack: cdk.Stack, folder: Folder, logs: LogSettings
) -> None:
    ClosedNetwork(
        stack,
        "Network",
        cidr="10.0.0.0/20",
        zones=["eu-west-1a", "eu-west-1b"],
        buckets=[folder.bucket],
        logs=logs,
    ).connect()
    template = Template.from_stack(stack)
    (gateway,) = template.find_resources(
        "AWS::EC2::VPCEndpoint", {"Properties": {"VpcEndpointType": "Gateway"}}
    ).values()
    own, layers = gateway["Properties"]["PolicyDocument"]["Statement"]
    assert own["Resource"] == ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
    assert own["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}
    assert layers["Action"] == "s3:GetObject"
    assert layers["Resource"] == "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"
    template.has_resource_properties(
        "AWS::EC2::FlowLog",
        {"TrafficType": "ALL", "LogDestinationType": "cloud-watch-logs", "LogGroupName": Match.any_value()},
    )


@pytest.fixture
def network(stack: cdk.Stack, logs: LogSettings) -> ClosedNetwork:
    """A closed network that leads nowhere yet."""
    return ClosedNetwork(
        stack, "Network", cidr="10.0.0.0/20", zones=["eu-west-1a", "eu-west-1b"], buckets=[], logs=logs
    )


@pytest.fixture
def function(stack: cdk.Stack, network: ClosedNetwork, logs: LogSettings) -> PythonFunction:
    """A function in that network, with no rights but those that Lambda uses itself."""
    letters = sqs.Queue(stack, "Letters")
    return PythonFunction(
        stack,
        "Function",
        handler="run_validation.handler.handler",
        description="A function",
        environment={},
        timeout=cdk.Duration.seconds(3),
        settings=FunctionSettings(
            logs=dataclasses.replace(logs, dead_letters=letters),
            placement=network.placement("Functions", description="Functions"),
        ),
    )


def allow(function: PythonFunction, *actions: str, resource: str = "arn:aws:x:::y") -> None:
    iam.Grant.add_to_principal(grantee=function.role, actions=list(actions), resource_arns=[resource])


def endpoints(stack: cdk.Stack) -> set[str]:
    found = Template.from_stack(stack).find_resources("AWS::EC2::VPCEndpoint").values()
    return {json.dumps(each["Properties"]["ServiceName"]).strip('"]}').rpartition("eu-west-1.")[2] for each in found}


def test_what_lambda_does_for_a_function_needs_no_endpoint(
    stack: cdk.Stack, network: ClosedNetwork, function: PythonFunction
) -> None:
    """Logs, traces, network interfaces and dead letters; and what services do in its name."""
    allow(function, "kms:Decrypt", "kms:GenerateDataKey", "iam:PassRole", "cloudwatch:PutMetricAlarm")
    network.connect()
    assert len(endpoints(stack)) == 1, "the gateway of S3"


def test_every_service_that_a_role_may_call_has_an_endpoint(
    stack: cdk.Stack, network: ClosedNetwork, function: PythonFunction
) -> None:
    """Also of rights that it is given after it was admitted, and of those that Lambda has no part in."""
    allow(function, "sagemaker:InvokeEndpoint", "sagemaker:PutRecord", "logs:GetLogEvents", "s3:GetObject")
    sqs.Queue(stack, "Work").grant_send_messages(function.role)
    network.need(ec2.InterfaceVpcEndpointAwsService.STS)
    network.connect()
    assert endpoints(stack) >= {"sagemaker.runtime", "sagemaker.featurestore-runtime", "logs", "sqs", "sts"}
    assert len(endpoints(stack)) == 6, "and the gateway of S3"


def test_a_service_that_has_no_endpoint_is_named_together_with_the_role(
    network: ClosedNetwork, function: PythonFunction
) -> None:
    allow(function, "textract:DetectDocumentText")
    with pytest.raises(
        NoEndpointError,
        match=r"test/Function/Role may do textract:DetectDocumentText, but .* no VPC endpoint .* textract\.",
    ):
        network.connect()


def test_dynamodb_is_open_for_the_tables_of_this_account_alone(
    stack: cdk.Stack, network: ClosedNetwork, function: PythonFunction
) -> None:
    allow(function, "dynamodb:GetItem")
    network.connect()
    found = Template.from_stack(stack).find_resources("AWS::EC2::VPCEndpoint").values()
    (gateway,) = [e["Properties"] for e in found if "dynamodb" in str(e["Properties"]["ServiceName"])]
    assert gateway["VpcEndpointType"] == "Gateway"
    assert len(gateway["RouteTableIds"]) == 2, "one for each isolated subnet"
    (own,) = gateway["PolicyDocument"]["Statement"]
    assert own["Resource"] == "arn:aws:dynamodb:eu-west-1:111122223333:table/*"
    assert own["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}
    assert all(action.startswith("dynamodb:") and "Table" not in action for action in own["Action"])


def test_a_function_keeps_interfaces_in_its_own_account_and_region(
    stack: cdk.Stack, placement: Placement, logs: LogSettings
) -> None:
    """What the Lambda developer guide says of each action: all resources for describing, all of the account else."""
    PythonFunction(
        stack,
        "Function",
        handler="run_validation.handler.handler",
        description="A function",
        environment={},
        timeout=cdk.Duration.seconds(3),
        settings=FunctionSettings(logs=logs, placement=placement),
    )
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    given = {
        action: statement["Resource"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        if action.startswith("ec2:")
    }
    assert given == {
        "ec2:DescribeNetworkInterfaces": "*",
        "ec2:DescribeSubnets": "*",
        **{
            f"ec2:{action}": "arn:aws:ec2:eu-west-1:111122223333:*/*"
            for action in (
                "AssignPrivateIpAddresses",
                "CreateNetworkInterface",
                "DeleteNetworkInterface",
                "UnassignPrivateIpAddresses",
            )
        },
    }


@pytest.mark.parametrize(
    ("among", "ports"),
    [
        (BETWEEN_INSTANCES, {("tcp", 0, 65535), ("udp", 500, 500), ("50", None, None)}),
        (BETWEEN_APPS, {("tcp", 2049, 2049), ("tcp", 8192, 65535)}),
    ],
    ids=["instances of one job", "apps of Studio"],
)
def test_what_is_in_one_place_talks_to_itself_on_the_ports_that_it_needs(
    among: dict[str, ec2.Port], ports: set[tuple[str, int | None, int | None]], stack: cdk.Stack, network: ClosedNetwork
) -> None:
    """IKE and ESP, which SageMaker's encryption between containers needs; NFS and the ports of Studio's apps."""
    network.placement("Place", description="Place", among=among)
    template = Template.from_stack(stack)
    for kind in ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        rules = [
            resource["Properties"]
            for resource in template.find_resources(kind).values()
            if resource["Properties"]["Description"] in among
        ]
        assert {(r["IpProtocol"], r.get("FromPort"), r.get("ToPort")) for r in rules} == ports
        for rule in rules:
            assert rule["GroupId"] == rule.get("SourceSecurityGroupId", rule.get("DestinationSecurityGroupId"))
