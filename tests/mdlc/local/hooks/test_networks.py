"""Network interfaces and what is in use, against the running cloud."""

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
