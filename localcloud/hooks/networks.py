"""EC2 and EFS of MiniStack: what AWS's services put into a customer's network, and what it holds there."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ministack.services import ec2, efs
from ministack.services.cloudformation import provisioners

from account.hosts import OF_SAGEMAKER, endpoints, service_name
from account.regions import zones
from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation

Parameters = dict[str, Any]
_FILTERS: Mapping[str, Callable[[Mapping[str, Any]], Sequence[str]]] = {
    "network-interface-id": lambda found: [found["NetworkInterfaceId"]],
    "subnet-id": lambda found: [found["SubnetId"]],
    "vpc-id": lambda found: [found["VpcId"]],
    "description": lambda found: [found["Description"]],
    "status": lambda found: [found["Status"]],
    "interface-type": lambda found: [found["InterfaceType"]],
    "group-id": lambda found: [group["GroupId"] for group in found["Groups"]],
}


class NetworkError(Exception):
    """What EC2 or EFS refuses, in their own words."""


def attach_interface(subnet: str, groups: Sequence[str], description: str) -> str:
    """Put a network interface that is in use into a subnet, and return its id."""
    if subnet not in ec2._subnets:
        raise NetworkError(f"The subnet ID '{subnet}' does not exist")
    for group in groups:
        if group not in ec2._security_groups:
            raise NetworkError(f"The security group '{group}' does not exist")
    members = {f"SecurityGroupId.{number}": [group] for number, group in enumerate(groups, 1)}
    _, _, body = ec2._create_network_interface({"SubnetId": [subnet], "Description": [description], **members})
    made = _first(body, "networkInterfaceId")
    ec2._network_interfaces[made]["Status"] = "in-use"
    return made


def release_interface(interface: str) -> None:
    """Take a network interface away; nothing when there is none."""
    ec2._network_interfaces.pop(interface, None)


def create_group(name: str, vpc: str) -> str:
    """Make a security group without rules in a VPC, and return its id."""
    _, _, body = ec2._create_security_group({"GroupName": [name], "GroupDescription": [name], "VpcId": [vpc]})
    return _first(body, "groupId")


def delete_group(name: str, vpc: str) -> None:
    """Delete the security group of that name in a VPC; nothing when there is none."""
    for identifier, group in list(ec2._security_groups.items()):
        if (group["GroupName"], group["VpcId"]) == (name, vpc):
            del ec2._security_groups[identifier]


def create_file_system(token: str, kms_key: str, tags: Mapping[str, str]) -> str:
    """Make an encrypted file system, and return its id."""
    body = {
        "CreationToken": token,
        "Encrypted": True,
        "KmsKeyId": kms_key,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    efs._create_file_system(body)
    return next(str(name) for name, found in efs._file_systems.items() if found["CreationToken"] == token)


def mount(file_system: str, subnet: str, group: str) -> None:
    """Give a file system its mount target in a subnet."""
    status, _, body = efs._create_mount_target(
        {"FileSystemId": file_system, "SubnetId": subnet, "SecurityGroups": [group]}
    )
    if status >= 400:  # noqa: PLR2004 - an HTTP error
        raise NetworkError(_text(body))


def delete_file_system(file_system: str) -> None:
    """Delete a file system with its mount targets; nothing when there is none."""
    for identifier, target in list(efs._mount_targets.items()):
        if target["FileSystemId"] == file_system:
            efs._delete_mount_target(identifier)
    efs._delete_file_system(file_system)


def filter_interfaces() -> None:
    """Let `DescribeNetworkInterfaces` keep to its filters, which MiniStack passes over."""
    describe = ec2._ACTION_MAP["DescribeNetworkInterfaces"]

    def filtered(parameters: Parameters) -> Any:  # noqa: ANN401 - MiniStack's answer
        wanted = ec2._parse_filters(parameters)
        if unknown := wanted.keys() - _FILTERS.keys():
            return ec2._error("InvalidParameterValue", f"The filter '{min(unknown)}' is not provided locally.", 400)
        named = set(ec2._parse_member_list(parameters, "NetworkInterfaceId"))
        kept = [
            identifier
            for identifier, found in ec2._network_interfaces.items()
            if (not named or identifier in named)
            and all(
                any(ec2._glob_match(pattern, value) for pattern in patterns for value in _FILTERS[name](found))
                for name, patterns in wanted.items()
            )
        ]
        numbered = {f"NetworkInterfaceId.{number}": [name] for number, name in enumerate(kept or ["none"], 1)}
        return describe(numbered)

    ec2._ACTION_MAP["DescribeNetworkInterfaces"] = filtered


def keep_what_is_in_use(patience: float) -> None:
    """Refuse to delete subnets and security groups that a network interface or a mount target uses.

    CloudFormation waits for them to be free, `patience` seconds at most.
    """
    for action, member in (("DeleteSecurityGroup", "GroupId"), ("DeleteSubnet", "SubnetId")):
        ec2._ACTION_MAP[action] = _refusing(ec2._ACTION_MAP[action], member)
    for name in ("AWS::EC2::SecurityGroup", "AWS::EC2::Subnet"):
        handler = provisioners._RESOURCE_HANDLERS[name]
        handler["delete"] = _waiting(handler["delete"], patience)
        cloudformation.run_on_worker(name)


def _refusing(delete: Callable[[Parameters], Any], member: str) -> Callable[[Parameters], Any]:
    def refuse(parameters: Parameters) -> Any:  # noqa: ANN401 - MiniStack's answer
        identifier = ec2._p(parameters, member)
        if _is_used(identifier):
            return ec2._error("DependencyViolation", f"resource {identifier} has a dependent object", 400)
        return delete(parameters)

    return refuse


def _waiting(delete: Callable[[str, Parameters], None], patience: float) -> Callable[[str, Parameters], None]:
    def wait(physical_id: str, properties: Parameters) -> None:
        end = time.monotonic() + patience
        while _is_used(physical_id):
            if time.monotonic() > end:
                raise NetworkError(f"resource {physical_id} has a dependent object (Error Code: DependencyViolation)")
            time.sleep(0.05)
        delete(physical_id, properties)

    return wait


def _text(body: bytes | str) -> str:
    return body.decode() if isinstance(body, bytes) else body


def _first(body: bytes | str, tag: str) -> str:
    """Return the content of the first element of that name in an answer of EC2's."""
    return _text(body).split(f"<{tag}>", 1)[1].split("<", 1)[0]


def _is_used(identifier: str) -> bool:
    """Return whether a network interface or a mount target is in that subnet or security group."""
    places: list[set[str]] = [
        {found["SubnetId"], *(group["GroupId"] for group in found["Groups"])}
        for found in ec2._network_interfaces.values()
    ]
    places += [{target["SubnetId"], *target["SecurityGroups"]} for target in efs._mount_targets.values()]
    return any(identifier in place for place in places)


def list_endpoint_services() -> None:
    """List the services that have an interface endpoint, those of SageMaker under its own name too."""
    describe = ec2._describe_vpc_endpoint_services
    ec2._VPCE_INTERFACE_SERVICES = sorted({*ec2._VPCE_INTERFACE_SERVICES, *endpoints()})

    def described(parameters: Parameters) -> Any:  # noqa: ANN401 - MiniStack's answer
        region = identity.request_scope()[1]
        status, headers, body = describe(parameters)
        text = _text(body)
        for endpoint in OF_SAGEMAKER:
            text = text.replace(f">com.amazonaws.{region}.{endpoint}<", f">{service_name(endpoint, region)}<")
        return status, headers, text.encode()

    ec2._ACTION_MAP["DescribeVpcEndpointServices"] = described


def refuse_unknown_zones() -> None:
    """Refuse a subnet of a template in a zone that the region does not have, in EC2's words.

    Source of the words: github:hashicorp/terraform-provider-aws, errors of CreateSubnet (InvalidParameterValue).
    """

    def check(properties: Mapping[str, Any]) -> None:
        zone, there = properties.get("AvailabilityZone"), zones().get(identity.request_scope()[1], ())
        if zone and there and zone not in there:
            raise ValueError(
                f"Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in"
                f" the following availability zones: {', '.join(there)}."
            )

    cloudformation.before("AWS::EC2::Subnet", check)
