"""What EC2 keeps of networks."""

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.readback.reading import Ask, Reader, only, renamed


def vpc(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a VPC with its two attributes."""
    del properties
    found = only(ask("ec2", "describe_vpcs", VpcIds=[name])["Vpcs"], VpcId=name)

    def attribute(name_: str, member: str) -> object:
        answer = ask("ec2", "describe_vpc_attribute", VpcId=name, Attribute=name_)
        return answer.get(member, {}).get("Value")

    return {
        **found,
        "EnableDnsSupport": attribute("enableDnsSupport", "EnableDnsSupport"),
        "EnableDnsHostnames": attribute("enableDnsHostnames", "EnableDnsHostnames"),
    }


def subnet(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a subnet."""
    del properties
    return dict(only(ask("ec2", "describe_subnets", SubnetIds=[name])["Subnets"], SubnetId=name))


def security_group(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a security group with its rules; those of other resources count only where the template has none."""
    del properties
    found = only(ask("ec2", "describe_security_groups", GroupIds=[name])["SecurityGroups"], GroupId=name)
    return {
        **renamed(found, GroupDescription="Description"),
        "SecurityGroupIngress": [rule for each in found.get("IpPermissions", ()) for rule in _rules(each, "Source")],
        "SecurityGroupEgress": [
            rule for each in found.get("IpPermissionsEgress", ()) for rule in _rules(each, "Destination")
        ],
    }


def _rules(permission: Mapping[str, Any], other: str) -> list[dict[str, Any]]:
    """Return one rule for each address, group or list of addresses that EC2 has together."""
    ports = {name: permission[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in permission}
    sources: Sequence[tuple[str, str, str]] = (
        ("IpRanges", "CidrIp", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
        ("UserIdGroupPairs", "GroupId", f"{other}SecurityGroupId"),
        ("PrefixListIds", "PrefixListId", f"{other}PrefixListId"),
    )
    return [
        {**ports, member: each[api], **({"Description": each["Description"]} if each.get("Description") else {})}
        for held, api, member in sources
        for each in permission.get(held, ())
    ]


def route_table(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a route table."""
    del properties
    return dict(only(ask("ec2", "describe_route_tables", RouteTableIds=[name])["RouteTables"], RouteTableId=name))


def endpoint(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an endpoint of a service."""
    del properties
    found = only(ask("ec2", "describe_vpc_endpoints", VpcEndpointIds=[name])["VpcEndpoints"], VpcEndpointId=name)
    return {**found, "SecurityGroupIds": [group["GroupId"] for group in found.get("Groups", ())]}


READERS: Mapping[str, Reader] = {
    "AWS::EC2::VPC": vpc,
    "AWS::EC2::Subnet": subnet,
    "AWS::EC2::SecurityGroup": security_group,
    "AWS::EC2::RouteTable": route_table,
    "AWS::EC2::VPCEndpoint": endpoint,
}
