"""Address ranges of networks, and rules of security groups, that EC2 refuses.

Sources: VPC user guide, "VPC CIDR blocks", "Subnet CIDR blocks" and "Security group rules"; EC2 API reference, "Error
codes"; the words are those that hashicorp/terraform-provider-aws and users of CloudFormation quote.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

LARGEST, SMALLEST = 16, 28
"""Bits of the prefix of the largest and the smallest range of a network, and of a subnet."""
LAST_PORT: Final = 65535
WITH_PORTS: Final = {"tcp": "TCP", "6": "TCP", "udp": "UDP", "17": "UDP"}
_DESCRIPTION: Final = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
Network = ipaddress.IPv4Network


class RangeError(ValueError):
    """A range or a rule that EC2 does not take; `code` as EC2 names the error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_network(block: str) -> None:
    """Raise `RangeError` for what is no range of a network."""
    _sized(block, "InvalidVpc.Range")


def check_subnet(block: str, networks: Iterable[str], subnets: Iterable[str]) -> None:
    """Raise `RangeError` for a range outside of those of its network, or within another subnet's."""
    found = _sized(block, "InvalidSubnet.Range")
    if not any(found.subnet_of(_parsed(each)) for each in networks):
        raise RangeError("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.")
    if any(found.overlaps(_parsed(each)) for each in subnets):
        raise RangeError("InvalidSubnet.Conflict", f"The CIDR '{block}' conflicts with another subnet")


def check_rule(rule: Mapping[str, Any]) -> None:
    """Raise `RangeError` for what is no rule of a security group; it has the members that templates have."""
    for member, family in (("CidrIp", 4), ("CidrIpv6", 6)):
        if member in rule and not _is_range(str(rule[member]), family):
            raise RangeError("InvalidParameterValue", f"CIDR block {rule[member]} is malformed")
    if not _DESCRIPTION.fullmatch(str(rule.get("Description") or "")):
        raise RangeError(
            "InvalidParameterValue",
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: "
            " a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        )
    if str(rule.get("IpProtocol", "")).lower() in WITH_PORTS:
        _check_ports(rule)


def check_group(description: str) -> None:
    """Raise `RangeError` for what is no description of a security group."""
    if not _DESCRIPTION.fullmatch(description):
        message = f"Value ({description}) for parameter GroupDescription is invalid."
        raise RangeError("InvalidParameterValue", f"{message} Character sets beyond ASCII are not supported.")


def same_rule(rule: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what two rules that are one have in common: protocol, ports and peer."""
    protocol = str(rule.get("IpProtocol", "")).lower()
    ports = tuple(str(rule[name]) if protocol in WITH_PORTS else "" for name in ("FromPort", "ToPort") if name in rule)
    return WITH_PORTS.get(protocol, protocol), ports, peer(rule)


def peer(rule: Mapping[str, Any]) -> str:
    """Return whom a rule lets in or out: a range, a list of prefixes, or a security group."""
    names = ("CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId", "SourceSecurityGroupName")
    return next((str(rule[name]) for name in names if rule.get(name)), "")


def _check_ports(rule: Mapping[str, Any]) -> None:
    ports = [int(rule[name]) for name in ("FromPort", "ToPort") if name in rule]
    if len(ports) != 2:  # noqa: PLR2004 - both of them
        message = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
        raise RangeError("InvalidParameterValue", message)
    for port in ports:
        if not 0 <= port <= LAST_PORT:
            raise RangeError(
                "InvalidParameterValue", f"Invalid value '{port}' for portRange: TCP/UDP port out of range"
            )
    if ports[0] > ports[1]:
        raise RangeError("InvalidParameterValue", f"Invalid TCP/UDP port range ({ports[0]}:{ports[1]})")


def _sized(block: str, code: str) -> Network:
    try:
        found = _parsed(block)
    except ValueError:
        message = f"Value ({block}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        raise RangeError("InvalidParameterValue", message) from None
    if not LARGEST <= found.prefixlen <= SMALLEST:
        raise RangeError(code, f"The CIDR '{block}' is invalid.")
    return found


def _parsed(block: str) -> Network:
    """Return a range; bits of its host are dropped, as EC2 does it."""
    return ipaddress.IPv4Network(block, strict=False)


def _is_range(block: str, family: int) -> bool:
    if "/" not in block:
        return False
    try:
        return ipaddress.ip_network(block, strict=False).version == family
    except ValueError:
        return False
