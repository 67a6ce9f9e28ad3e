"""Ranges and rules that EC2 refuses, in requests and in templates."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow
Aws = Callable[..., Any]
TCP = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2}


@pytest.fixture
def network(aws: Aws) -> str:
    made: str = aws("ec2").create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    return made


def test_requests(aws: Aws, network: str) -> None:
    ec2 = aws("ec2")
    with pytest.raises(ClientError, match=r"InvalidVpc.Range.*The CIDR '10.0.0.0/8' is invalid."):
        ec2.create_vpc(CidrBlock="10.0.0.0/8")
    ec2.create_subnet(VpcId=network, CidrBlock="10.7.0.0/24")
    with pytest.raises(ClientError, match=r"InvalidSubnet.Conflict.*conflicts with another subnet"):
        ec2.create_subnet(VpcId=network, CidrBlock="10.7.0.0/25")
    with pytest.raises(ClientError, match=r"InvalidSubnet.Range"):
        ec2.create_subnet(VpcId=network, CidrBlock="10.8.0.0/24")
    with pytest.raises(ClientError, match=r"InvalidVpcID.NotFound.*The vpc ID 'vpc-none' does not exist"):
        ec2.create_subnet(VpcId="vpc-none", CidrBlock="10.7.0.0/24")
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=network)["GroupId"]
    rule = {**TCP, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    said = r'InvalidPermission.Duplicate.*"peer: 10.0.0.0/8, TCP, from port: 1, to port: 2, ALLOW" already exists'
    with pytest.raises(ClientError, match=said):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    with pytest.raises(ClientError, match=r"InvalidGroup.NotFound.*The security group 'sg-none' does not exist"):
        ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[{**TCP, "UserIdGroupPairs": [{"GroupId": "sg-none"}]}]
        )


def test_templates(deploy: Callable[..., dict[str, Any]]) -> None:
    def resource(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": f"AWS::EC2::{kind}", "Properties": properties}

    network = resource("VPC", CidrBlock="10.9.0.0/16")
    first = resource("Subnet", VpcId={"Ref": "Net"}, CidrBlock="10.9.0.0/24")
    second = {**resource("Subnet", VpcId={"Ref": "Net"}, CidrBlock="10.9.0.128/25"), "DependsOn": "First"}
    stack = deploy({"Net": network, "First": first, "Second": second})
    assert stack["Failed"]["Second"] == "The CIDR '10.9.0.128/25' conflicts with another subnet"
    ingress = [{**TCP, "CidrIp": "10.0.0.0/99"}]
    group = resource("SecurityGroup", VpcId={"Ref": "Net"}, GroupDescription="d", SecurityGroupIngress=ingress)
    stack = deploy({"Net": network, "Group": group})
    assert stack["Failed"]["Group"] == "CIDR block 10.0.0.0/99 is malformed"


def test_a_subnet_does_not_meet_itself_when_it_changes(deploy: Callable[..., dict[str, Any]]) -> None:
    def resources(*, public: bool) -> dict[str, Any]:
        subnet = {"VpcId": {"Ref": "Net"}, "CidrBlock": "10.9.0.0/24", "MapPublicIpOnLaunch": public}
        return {
            "Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": subnet},
        }

    assert deploy(resources(public=False), "a-subnet")["StackStatus"] == "CREATE_COMPLETE"
    assert deploy(resources(public=True), "a-subnet")["StackStatus"] == "UPDATE_COMPLETE"
