"""Network interfaces and what is in use, against the running cloud."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow


def test_interfaces_are_filtered(aws: Callable[..., Any]) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24")["Subnet"]["SubnetId"] for number in range(2)
    ]
    group = ec2.create_security_group(GroupName="apps", Description="apps", VpcId=vpc)["GroupId"]
    first, second = (
        ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description=f"of {subnet}")["NetworkInterface"][
            "NetworkInterfaceId"
        ]
        for subnet in subnets
    )

    def found(**filters: str) -> list[str]:
        wanted = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
        shown = ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]
        return [interface["NetworkInterfaceId"] for interface in shown]

    assert found(group_id=group) == found(vpc_id=vpc) == [first, second]
    assert found(group_id=group, subnet_id=subnets[0]) == [first]
    assert found(description=f"*{subnets[1]}") == [second]
    assert found(group_id="sg-none") == []
    with pytest.raises(ClientError, match="filter 'tag:a' is not provided locally"):
        found(**{"tag:a": "b"})

    for interface, delete in (
        (first, partial(ec2.delete_subnet, SubnetId=subnets[0])),
        (second, partial(ec2.delete_security_group, GroupId=group)),
    ):
        with pytest.raises(ClientError, match="DependencyViolation"):
            delete()
        ec2.delete_network_interface(NetworkInterfaceId=interface)
        delete()
    ec2.delete_subnet(SubnetId=subnets[1])
    ec2.delete_vpc(VpcId=vpc)


def test_cloudformation_waits_for_a_group_that_an_interface_is_in(
    aws: Callable[..., Any], deploy: Callable[..., Any]
) -> None:
    vpc = {"VpcId": {"Ref": "Vpc"}}
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.10.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {**vpc, "CidrBlock": "10.10.1.0/24"}},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {**vpc, "GroupDescription": "apps"}},
    }
    stack = deploy(resources, Subnet={"Ref": "Subnet"}, Group={"Fn::GetAtt": ["Group", "GroupId"]})
    made, ec2, cloudformation = stack["Outputs"], aws("ec2"), aws("cloudformation")
    interface = ec2.create_network_interface(SubnetId=made["Subnet"], Groups=[made["Group"]])["NetworkInterface"]
    cloudformation.delete_stack(StackName=stack["StackName"])

    def deleting() -> list[str]:
        events = cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        return [e["LogicalResourceId"] for e in events if e["ResourceStatus"] == "DELETE_IN_PROGRESS"]

    while not {"Group", "Subnet"} & set(deleting()):
        time.sleep(0.02)
    assert ec2.describe_security_groups(GroupIds=[made["Group"]])["SecurityGroups"]
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=stack["StackId"], WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )


def test_services_of_endpoints_are_listed_with_their_zones(aws: Callable[..., Any]) -> None:
    pages = aws("ec2").get_paginator("describe_vpc_endpoint_services").paginate()
    offered = {each["ServiceName"]: each["AvailabilityZones"] for page in pages for each in page["ServiceDetails"]}
    named = {"com.amazonaws.eu-west-1.sagemaker.api", "com.amazonaws.eu-west-1.states", "com.amazonaws.eu-west-1.s3"}
    assert named | {"aws.sagemaker.eu-west-1.studio"} <= offered.keys()
    assert offered["com.amazonaws.eu-west-1.sagemaker.api"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
