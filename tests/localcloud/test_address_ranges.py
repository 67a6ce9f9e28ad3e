"""Ranges and rules that EC2 refuses, at both sides of each limit (VPC user guide, "VPC CIDR blocks")."""

from collections.abc import Mapping
from typing import Any

import pytest

from localcloud import address_ranges as ranges
from localcloud.address_ranges import RangeError

TCP: Mapping[str, Any] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}


@pytest.mark.parametrize("block", ["10.0.0.0/16", "10.0.0.0/28", "100.68.0.18/18"])
def test_ranges_of_a_network(block: str) -> None:
    ranges.check_network(block)


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("10.0.0.0/15", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("10.0.0.300/16", "InvalidParameterValue"),
        ("ten", "InvalidParameterValue"),
    ],
)
def test_ranges_that_no_network_has(block: str, code: str) -> None:
    with pytest.raises(RangeError) as refused:
        ranges.check_network(block)
    assert refused.value.code == code


@pytest.mark.parametrize("block", ["10.0.1.0/24", "10.0.0.128/25", "10.1.0.0/28"])
def test_a_subnet_lies_within_its_network_and_beside_the_others(block: str) -> None:
    ranges.check_subnet(block, ["10.0.0.0/16", "10.1.0.0/16"], ["10.0.0.0/25"])


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("10.2.0.0/24", "InvalidSubnet.Range"),
        ("10.0.0.0/15", "InvalidSubnet.Range"),
        ("10.0.9.0/29", "InvalidSubnet.Range"),
        ("10.0.0.64/26", "InvalidSubnet.Conflict"),
        ("10.0.0.0/24", "InvalidSubnet.Conflict"),
    ],
)
def test_ranges_that_no_subnet_has(block: str, code: str) -> None:
    with pytest.raises(RangeError) as refused:
        ranges.check_subnet(block, ["10.0.0.0/16"], ["10.0.0.0/25"])
    assert refused.value.code == code


@pytest.mark.parametrize(
    "differs",
    [
        {},
        {"FromPort": 0, "ToPort": 65535},
        {"FromPort": "443", "ToPort": "443"},
        {"CidrIp": "0.0.0.0/0"},
        {"IpProtocol": "-1", "FromPort": -1, "ToPort": -1},
        {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1},
        {"Description": "a" * 255},
        {"CidrIpv6": "::/0"},
    ],
)
def test_rules_of_a_security_group(differs: dict[str, Any]) -> None:
    ranges.check_rule({**TCP, **differs})


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({"CidrIp": "10.0.0.0/33"}, "CIDR block 10.0.0.0/33 is malformed"),
        ({"CidrIp": "10.0.0.0"}, "CIDR block 10.0.0.0 is malformed"),
        ({"CidrIp": "::/0"}, "CIDR block ::/0 is malformed"),
        ({"FromPort": 444}, r"Invalid TCP/UDP port range \(444:443\)"),
        ({"ToPort": 65536}, "port out of range"),
        ({"FromPort": -1}, "port out of range"),
        ({"Description": "a" * 256}, "Invalid rule description"),
        ({"Description": "für alle"}, "Invalid rule description"),
    ],
)
def test_what_is_no_rule(differs: dict[str, Any], words: str) -> None:
    with pytest.raises(RangeError, match=words):
        ranges.check_rule({**TCP, **differs})
    with pytest.raises(RangeError, match="Must specify both from and to ports"):
        ranges.check_rule({"IpProtocol": "udp", "FromPort": 53, "CidrIp": "10.0.0.0/8"})


def test_rules_are_one_by_protocol_ports_and_peer() -> None:
    again = {**TCP, "IpProtocol": "6", "FromPort": "443", "Description": "said otherwise"}
    assert ranges.same_rule(TCP) == ranges.same_rule(again)
    assert ranges.same_rule(TCP) != ranges.same_rule({**TCP, "ToPort": 444})
    assert ranges.same_rule(TCP) != ranges.same_rule({**TCP, "CidrIp": "10.0.0.0/9"})


def test_a_description_of_a_group() -> None:
    ranges.check_group("Lambda functions (all of them)")
    with pytest.raises(RangeError, match="Character sets beyond ASCII are not supported"):
        ranges.check_group("für Funktionen")
