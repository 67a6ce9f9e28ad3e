import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Match, Template

from ml_constructs.folder import Folder
from ml_constructs.function import PythonFunction
from ml_constructs.logs import LogSettings
from ml_constructs.network import ClosedNetwork, Placement


def test_s3_is_open_for_the_named_buckets_and_image_layers_alone(
    stack: cdk.Stack, folder: Folder, logs: LogSettings
) -> None:
    ClosedNetwork(
        stack,
        "Network",
        cidr="10.0.0.0/20",
        zones=["eu-west-1a", "eu-west-1b"],
        services=[ec2.InterfaceVpcEndpointAwsService.SAGEMAKER_RUNTIME],
        buckets=[folder.bucket],
        logs=logs,
    )
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


def test_dynamodb_is_open_for_the_tables_of_this_account_alone(stack: cdk.Stack, logs: LogSettings) -> None:
    ClosedNetwork(
        stack,
        "Network",
        cidr="10.0.0.0/20",
        zones=["eu-west-1a", "eu-west-1b"],
        services=[],
        buckets=[],
        logs=logs,
        tables=True,
    )
    endpoints = Template.from_stack(stack).find_resources("AWS::EC2::VPCEndpoint").values()
    (gateway,) = [e["Properties"] for e in endpoints if "dynamodb" in str(e["Properties"]["ServiceName"])]
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
        logs=logs,
        placement=placement,
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


def test_instances_of_one_job_talk_encrypted(stack: cdk.Stack, logs: LogSettings) -> None:
    """IKE and ESP, which SageMaker's encryption between containers needs beside the job's own ports."""
    network = ClosedNetwork(
        stack, "Network", cidr="10.0.0.0/20", zones=["eu-west-1a", "eu-west-1b"], services=[], buckets=[], logs=logs
    )
    network.placement("Jobs", description="Jobs", talks_to_itself=True)
    template = Template.from_stack(stack)
    for kind in ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        rules = [
            resource["Properties"]
            for resource in template.find_resources(kind).values()
            if "instances of one job" in resource["Properties"]["Description"].lower()
        ]
        assert {(r["IpProtocol"], r.get("FromPort")) for r in rules} == {("tcp", 0), ("udp", 500), ("50", None)}
        for rule in rules:
            assert rule["GroupId"] == rule.get("SourceSecurityGroupId", rule.get("DestinationSecurityGroupId"))
