"""EC2 of MiniStack: ranges and rules that EC2 refuses, in requests and in templates."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.services import ec2

from localcloud import address_ranges as ranges
from localcloud.address_ranges import RangeError
from localcloud.hooks.stacks import cloudformation

Properties = Mapping[str, Any]
Check = Callable[[Properties], None]
PEERS = {
    "IpRanges": ("CidrIp", "CidrIp"),
    "Ipv6Ranges": ("CidrIpv6", "CidrIpv6"),
    "PrefixListIds": ("PrefixListId", "SourcePrefixListId"),
    "UserIdGroupPairs": ("GroupId", "SourceSecurityGroupId"),
}
"""Where a request has whom a rule is about: its member, what names each of them, and what a template calls that."""


def refuse_wrong_ranges() -> None:
    """Refuse what EC2 refuses, where it is asked for and where a template has it."""
    for action, check in REQUESTS.items():
        ec2._ACTION_MAP[action] = _checking(ec2._ACTION_MAP[action], check)
    for kind, check in TYPES.items():
        cloudformation.before(kind, check)
    for kind, check in WHEN_MADE.items():
        cloudformation.before(kind, check, changes=False)


def _checking(act: Callable[[Properties], Any], check: Check) -> Callable[[Properties], Any]:
    def checked(parameters: Properties) -> Any:  # noqa: ANN401 - MiniStack's answer
        try:
            check(parameters)
        except RangeError as error:
            return ec2._error(error.code, str(error), 400)
        return act(parameters)

    return checked


def _network(properties: Properties) -> None:
    if block := properties.get("CidrBlock"):
        ranges.check_network(str(block))


def _subnet(properties: Properties) -> None:
    network, block = str(properties.get("VpcId", "")), properties.get("CidrBlock")
    if network not in ec2._vpcs:
        raise RangeError("InvalidVpcID.NotFound", f"The vpc ID '{network}' does not exist")
    if not block:
        return
    associated = [each["CidrBlock"] for each in ec2._vpcs[network].get("CidrBlockAssociationSet", ())]
    others = [each["CidrBlock"] for each in ec2._subnets.values() if each["VpcId"] == network and each.get("CidrBlock")]
    ranges.check_subnet(str(block), [ec2._vpcs[network]["CidrBlock"], *associated], others)


def _group(properties: Properties) -> None:
    ranges.check_group(str(properties.get("GroupDescription", "")))
    for member in ("SecurityGroupIngress", "SecurityGroupEgress"):
        for rule in properties.get(member) or ():
            ranges.check_rule(rule)


def _rule(properties: Properties) -> None:
    ranges.check_rule(properties)
    named = [properties.get(name) for name in ("GroupId", "SourceSecurityGroupId", "DestinationSecurityGroupId")]
    for group in filter(None, named):
        if group not in ec2._security_groups:
            raise RangeError("InvalidGroup.NotFound", f"The security group '{group}' does not exist")


def _ingress(properties: Properties) -> None:
    """Judge a rule, which must not be there already."""
    _rule(properties)
    group = ec2._security_groups.get(properties.get("GroupId"), {})
    mine = ranges.same_rule(properties)
    if any(ranges.same_rule(each) == mine for each in _rules(group.get("IpPermissions", ()))):
        protocol = ranges.WITH_PORTS.get(str(properties.get("IpProtocol")), "ALL")
        ports = f", from port: {properties['FromPort']}, to port: {properties['ToPort']}" if protocol != "ALL" else ""
        said = f"peer: {ranges.peer(properties)}, {protocol}{ports}, ALLOW"
        raise RangeError("InvalidPermission.Duplicate", f'the specified rule "{said}" already exists')


def _rules(permissions: Any) -> Iterator[Properties]:  # noqa: ANN401 - MiniStack's records
    """Yield rules as templates have them: one for each peer."""
    for each in permissions:
        common = {name: each[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in each}
        for member, (name, of_template) in PEERS.items():
            for item in each.get(member, ()):
                yield {**common, of_template: item.get(name, ""), "Description": item.get("Description", "")}


def _asked(check: Check) -> Check:
    """Return a check of a request with several rules at once."""

    def checked(parameters: Properties) -> None:
        group = ec2._p(parameters, "GroupId")
        for rule in _rules(ec2._parse_ip_permissions(parameters, "IpPermissions")):
            check({"GroupId": group, **rule})

    return checked


def _of_query(check: Check, *members: str) -> Check:
    return lambda parameters: check({name: ec2._p(parameters, name) for name in members if ec2._p(parameters, name)})


REQUESTS: Mapping[str, Check] = {
    "AuthorizeSecurityGroupEgress": _asked(_rule),
    "AuthorizeSecurityGroupIngress": _asked(_ingress),
    "CreateSecurityGroup": _of_query(_group, "GroupDescription"),
    "CreateSubnet": _of_query(_subnet, "VpcId", "CidrBlock"),
    "CreateVpc": _of_query(_network, "CidrBlock"),
}
TYPES: Mapping[str, Check] = {
    "AWS::EC2::SecurityGroup": _group,
    "AWS::EC2::SecurityGroupEgress": _rule,
    "AWS::EC2::VPC": _network,
}
WHEN_MADE: Mapping[str, Check] = {"AWS::EC2::SecurityGroupIngress": _ingress, "AWS::EC2::Subnet": _subnet}
"""What is compared with what is there, and would find itself when it is changed."""
