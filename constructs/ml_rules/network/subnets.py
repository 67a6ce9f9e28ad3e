"""Rules of subnets, groups and endpoints that let through what is to get there.

Sources: VPC user guide, "Subnet CIDR blocks" and "Flow log records"; AWS PrivateLink guide; SageMaker developer guide,
"Connect Studio in a VPC to external resources"; ECR user guide, "Minimum Amazon S3 bucket permissions".
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations
from typing import Any, Final

from ml_rules import policies
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, number

Found = Iterator[tuple[Resource, str]]

_LEAST: Final = 27
"""The longest prefix of a subnet in which jobs run: /27 has 27 usable addresses."""
_NFS: Final = 2049
_MOST_PORTS: Final = 1_000
_TLS: Final = 443
_APPS: Final = (8192, 65535)
_RULES: Final = ("SecurityGroupIngress", "SecurityGroupEgress")


def _block(resource: Resource) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(str(resource.get("CidrBlock")), strict=False)
    except ValueError:
        return None


@rule
def subnet_fits(templates: Templates) -> Found:
    """A subnet lies in its VPC, beside the others, and has addresses for what runs in it."""
    subnets = [(each, block) for each in templates.of("AWS::EC2::Subnet") if (block := _block(each)) is not None]
    for subnet, block in subnets:
        vpc = templates.find(subnet.get("VpcId"))
        further = [
            found
            for each in templates.of("AWS::EC2::VPCCidrBlock")
            if templates.find(each.get("VpcId")) == vpc and (found := _block(each)) is not None
        ]
        whole = _block(vpc) if vpc is not None else None
        if whole is not None and not any(_within(block, each) for each in (whole, *further)):
            yield subnet, f"EC2 refuses it: {block} is not in {whole}."
        if isinstance(block, IPv4Network) and block.prefixlen > _LEAST:
            yield subnet, f"It has {block.num_addresses - 5} addresses: each app, job and endpoint takes one or more."
    for (one, block), (other, second) in combinations(subnets, 2):
        if one.get("VpcId") == other.get("VpcId") and _overlaps(block, second):
            yield other, f"EC2 refuses it: {second} overlaps with {block} of {one.logical_id}."


def _within(block: IPv4Network | IPv6Network, whole: IPv4Network | IPv6Network) -> bool:
    if isinstance(block, IPv4Network) and isinstance(whole, IPv4Network):
        return block.subnet_of(whole)
    return not isinstance(block, IPv6Network) or not isinstance(whole, IPv6Network) or block.subnet_of(whole)


def _overlaps(block: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return block.version == other.version and block.overlaps(other)


@rule
def subnets_apart(templates: Templates) -> Found:
    """The subnets of one VPC are not all in one zone."""
    by_vpc: dict[str, list[Resource]] = {}
    for subnet in templates.of("AWS::EC2::Subnet"):
        by_vpc.setdefault(f"{subnet.stack} {subnet.get('VpcId')}", []).append(subnet)
    for several in by_vpc.values():
        zones = {_zone(templates, each) for each in several}
        if len(several) > 1 and len(zones) == 1 and zones != {""}:
            yield several[-1], "All subnets are in one zone: what fails there stops everything."


def _zone(templates: Templates, subnet: Resource) -> str:
    body = templates.sources[subnet.stack].get("Resources", {}).get(subnet.logical_id, {})
    return str(get(body, "Properties.AvailabilityZone", get(body, "Properties.AvailabilityZoneId", "")))


def _rules(templates: Templates) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    for group in templates.of("AWS::EC2::SecurityGroup"):
        for direction in _RULES:
            for each in as_list(group.get(direction)):
                if isinstance(each, dict):
                    yield group, each
    for alone in templates.of("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        yield alone, alone.properties


@rule
def protocol_fits(templates: Templates) -> Found:
    """A rule for a port is of the protocol that is spoken there: file systems and HTTPS speak TCP."""
    for resource, each in _rules(templates):
        first, last = number(get(each, "FromPort", "")), number(get(each, "ToPort", ""))
        if str(get(each, "IpProtocol")).lower() in {"udp", "17"} and first == last == _NFS:
            yield resource, "No file system is mounted through it: NFS is TCP on 2049, and it is for UDP."


@rule
def apps_talk(templates: Templates) -> Found:
    """Apps of Studio reach each other on the ports of their kernels."""
    for resource in templates.of("AWS::EC2::SecurityGroupIngress"):
        group, source = resource.get("GroupId"), resource.get("SourceSecurityGroupId")
        first, last = number(resource.get("FromPort", "")), number(resource.get("ToPort", ""))
        told = f"{resource.logical_id} {group} {resource.get('Description', '')}"
        studio = re.search(r"studio|notebook|kernel", told, re.IGNORECASE)
        open_to_all = first == 0 or str(resource.get("IpProtocol")) == "-1" or first == last == _NFS
        narrow = first is not None and last is not None and (first > _APPS[0] or last < _APPS[1])
        if studio and group == source and not open_to_all and narrow:
            yield resource, "No kernel starts: apps of Studio talk to each other on 8192 to 65535."


@rule
def endpoint_listens(templates: Templates) -> Found:
    """The group of an endpoint admits HTTPS, which AWS's services speak there."""
    used = {
        found.path
        for endpoint in templates.of("AWS::EC2::VPCEndpoint")
        for name in as_list(endpoint.get("SecurityGroupIds"))
        if (found := templates.find(name)) is not None
    }
    for group in templates.of("AWS::EC2::SecurityGroup"):
        about = re.search(r"endpoint", f"{group.logical_id} {group.get('GroupDescription', '')}", re.IGNORECASE)
        own = [
            each
            for resource, each in _rules(templates)
            if resource == group or templates.find(get(each, "GroupId")) == group
        ]
        into = [each for each in own if "DestinationSecurityGroupId" not in each]
        into = [each for each in into if each not in as_list(group.get("SecurityGroupEgress"))]
        if (group.path in used or about) and into and not any(_admits(each, _TLS) for each in into):
            yield group, "No call gets through it: endpoints of AWS's services listen on 443, which it does not admit."


def _admits(each: Mapping[str, Any], port: int) -> bool:
    first, last = number(get(each, "FromPort", "")), number(get(each, "ToPort", ""))
    return str(get(each, "IpProtocol")) == "-1" or first is None or last is None or first <= port <= last


_NAMED: Final = re.compile(
    r"com\.amazonaws\.(x|[a-z]{2}(-[a-z]+)+-\d)\.[a-z0-9.-]+|aws\.[a-z]+\.(x|[a-z0-9-]+)\.[a-z-]+"
)
_KNOWN_APART: Final = re.compile(r"com\.amazonaws\.(vpce|s3-global)\..*|com\.amazonaws\..*\.vpce-svc-.*|x.*")
_SERVICES: Final = {
    "sagemaker": {"api", "runtime", "runtime-fips", "featurestore-runtime", "metrics", "api-fips", "partner-app"}
}


@rule
def endpoint_named(templates: Templates) -> Found:
    """An endpoint's service is named as AWS names it: Studio's and notebooks' begin with `aws.sagemaker`."""
    for endpoint in templates.of("AWS::EC2::VPCEndpoint"):
        name = policies.plain(str(endpoint.get("ServiceName", "")))
        service = re.sub(r"com\.amazonaws\.[^.]+\.", "", name)
        family, _, part = service.partition(".")
        unknown = family in _SERVICES and part not in _SERVICES[family]
        short = name.startswith("aws.sagemaker") and not re.fullmatch(
            r"aws\.sagemaker\.[^.]+\.(studio|notebook|experiments|partner-app)", name
        )
        malformed = not _NAMED.fullmatch(name) and not _KNOWN_APART.fullmatch(name)
        if name and (unknown or short or malformed):
            yield endpoint, f"There is no service of that name: {endpoint.get('ServiceName')}."


@rule
def layers_let_through(templates: Templates) -> Found:
    """Where images are pulled through an endpoint, that of S3 lets their layers through."""
    endpoints = list(templates.of("AWS::EC2::VPCEndpoint"))
    pulls = {each.stack for each in endpoints if ".ecr." in str(each.get("ServiceName"))}
    for endpoint in endpoints:
        if not str(endpoint.get("ServiceName")).endswith(".s3") or endpoint.stack not in pulls:
            continue
        own = [each for each in policies.read(endpoint.get("PolicyDocument")) if each.allows]
        whole = [each for each in own if not each.condition_keys and "*" in each.resources]
        layers = any("starport-layer-bucket" in name for each in own for name in each.resources)
        spared = any(
            "*" in each.resources and not any("account" in key or "org" in key for key in each.condition_keys)
            for each in own
        )
        if own and not whole and not layers and not spared:
            yield endpoint, "No image gets through: its layers lie in prod-REGION-starport-layer-bucket."


@rule
def subnet_routed(templates: Templates) -> Found:
    """A new subnet is tied to the route table that is made beside it."""
    ties = list(templates.of("AWS::EC2::SubnetRouteTableAssociation"))
    tied = {found.path for each in ties if (found := templates.find(each.get("SubnetId"))) is not None}
    stray = [each for each in ties if templates.find(each.get("SubnetId")) is None]
    for subnet in templates.of("AWS::EC2::Subnet"):
        if subnet.path not in tied and any(each.stack == subnet.stack for each in stray):
            yield subnet, f"It has the VPC's main routes: {stray[0].logical_id} ties another subnet to those made here."


_DIRECT: Final = re.compile(r"\$\{(pkt-)?(src|dst)addr\}")


@rule
def flow_log_tells(templates: Templates) -> Found:
    """A flow log says between whom traffic went, in every environment."""
    for log in templates.of("AWS::EC2::FlowLog"):
        form = str(log.get("LogFormat", ""))
        if form and {match[2] for match in _DIRECT.finditer(form)} != {"src", "dst"}:
            yield log, "It does not say between whom traffic went: srcaddr and dstaddr are missing."
        if log.attributes.get("Condition") and templates.find(log.get("ResourceId")) is None:
            yield log, "It is made in some environments alone: the others' traffic leaves no trace."


@rule
def way_out_named(templates: Templates) -> Found:
    """A rule of its own that lets a group out names where to: not any host."""
    for resource in templates.of("AWS::EC2::SecurityGroupEgress"):
        where = resource.get("CidrIp", resource.get("CidrIpv6"))
        if where in {"0.0.0.0/0", "::/0"}:
            yield resource, f"It lets out to any host: {where}."


@rule
def ports_narrow(templates: Templates) -> Found:
    """A group lets others in at the ports of what listens, and not at a thousand more."""
    for group in templates.of("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"):
        rules = as_list(group.get("SecurityGroupIngress")) if group.type.endswith("Group") else [group.properties]
        for each in rules:
            if get(each, "SourceSecurityGroupId") and get(each, "SourceSecurityGroupId") == group.get("GroupId"):
                continue  # instances of one job talk to each other on whatever port they like
            first, last = number(get(each, "FromPort", "")), number(get(each, "ToPort", ""))
            if first is not None and last is not None and last - first >= _MOST_PORTS:
                yield group, f"It lets in {last - first + 1:g} ports: {first:g} to {last:g}."


@rule
def endpoint_attached(templates: Templates) -> Found:
    """A gateway has route tables, since nothing else leads to it, and a flow log has the role that writes it."""
    for endpoint in templates.of("AWS::EC2::VPCEndpoint"):
        if endpoint.get("VpcEndpointType", "Gateway") == "Gateway" and not as_list(endpoint.get("RouteTableIds")):
            yield endpoint, "No route leads to it: it has no RouteTableIds."
    for log in templates.of("AWS::EC2::FlowLog"):
        written = log.get("LogDestinationType", "cloud-watch-logs") == "cloud-watch-logs"
        if written and not log.get("DeliverLogsPermissionArn"):
            yield log, "Nobody may write it: it has no DeliverLogsPermissionArn."


RULES: Final = (
    subnet_fits,
    subnets_apart,
    protocol_fits,
    apps_talk,
    endpoint_listens,
    endpoint_named,
    layers_let_through,
    subnet_routed,
    flow_log_tells,
    way_out_named,
    ports_narrow,
    endpoint_attached,
)
