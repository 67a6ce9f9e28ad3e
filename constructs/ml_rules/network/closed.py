"""Rules of the closed network: no way in or out but what is named."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules import policies
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, named_values, number

Found = Iterator[tuple[Resource, str]]

LEAST_SUBNETS: Final = 2
HTTPS: Final = 443
LAST_PORT: Final = 65535
_WAYS_OUT: Final = {
    "AWS::EC2::CarrierGateway": "a gateway of a carrier",
    "AWS::EC2::ClientVpnEndpoint": "a door for clients of a VPN",
    "AWS::EC2::EgressOnlyInternetGateway": "an egress-only internet gateway",
    "AWS::EC2::EIP": "a public address",
    "AWS::EC2::EIPAssociation": "a public address",
    "AWS::EC2::InternetGateway": "an internet gateway",
    "AWS::EC2::NatGateway": "a NAT gateway",
    "AWS::EC2::TransitGateway": "a transit gateway",
    "AWS::EC2::TransitGatewayAttachment": "a transit gateway",
    "AWS::EC2::TransitGatewayVpcAttachment": "a transit gateway",
    "AWS::EC2::VPCGatewayAttachment": "a gateway",
    "AWS::EC2::VPCPeeringConnection": "a peering connection",
    "AWS::EC2::VPNConnection": "a connection of a VPN",
    "AWS::EC2::VPNGateway": "a gateway of a VPN",
    "AWS::GlobalAccelerator::Accelerator": "a public address",
}
_PUBLIC: Final = {
    "AmazonProvidedIpv6CidrBlock": "true",
    "AssignIpv6AddressOnCreation": "true",
    "AssignPublicIp": "enabled",
    "AssociatePublicIpAddress": "true",
    "EndpointPublicAccess": "true",
    "MapPublicIpOnLaunch": "true",
    "PubliclyAccessible": "true",
    "Scheme": "internet-facing",
}
"""Properties of any resource, and the value that gives it a public address."""
_OF_ONE_ZONE: Final = {"AWS::FSx::FileSystem"}
"""Types that may be made in one subnet alone."""
_LOAD_BALANCERS: Final = ("AWS::ElasticLoadBalancing::LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer")
_PRIVATE: Final = tuple(
    ipaddress.ip_network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7")
)
"""Addresses that no route of the internet leads to, and those of a machine itself."""
_GATEWAYS: Final = (
    *("NatGatewayId", "EgressOnlyInternetGatewayId", "CarrierGatewayId", "TransitGatewayId", "VpcPeeringConnectionId"),
    *("InstanceId", "NetworkInterfaceId", "LocalGatewayId", "CoreNetworkArn"),
)
_HALF: Final = 8
"""Bits of a block that is so wide that few of them are the whole internet."""
_REMOTE: Final = (22, 3389)
"""Ports by which people log in to machines (EC2.21)."""
_OF_SOMEBODY: Final = re.compile(r"\.vpce-svc-|\.vpce\.")
_BUCKET: Final = re.compile(r"arn:[^:]+:s3:::")
_LAYERS: Final = re.compile(r"arn:[^:]+:s3:::prod-[a-z0-9-]+-starport-layer-bucket/\*")
"""AWS's own buckets of images' layers. Source: Amazon ECR user guide, "Amazon ECR interface VPC endpoints"."""
_BOUND: Final = {"aws:principalaccount", "aws:principalorgid", "aws:resourceaccount", "aws:resourceorgid"}
_RESOURCE: Final = {"aws:resourceaccount", "aws:resourceorgid"}
_ENDPOINT: Final = {"aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid"}


@rule
def no_way_out(templates: Templates) -> Found:
    """A closed network has no gateway, public address, peer or route that leads to the internet."""
    for resource in templates.of(*_WAYS_OUT):
        if resource.environment.closed:
            yield resource, f"It is {_WAYS_OUT[resource.type]}."
    for resource in templates.resources:
        for name, value in named_values(resource.properties) if resource.environment.closed else ():
            if _PUBLIC.get(name) == str(value).lower():
                yield resource, f"{name} gives a public address."
    for balancer in templates.of(*_LOAD_BALANCERS):
        if balancer.environment.closed and balancer.get("Scheme") is None:
            yield balancer, "Without a Scheme it faces the internet."
    yield from _routes_out(templates)


def _routes_out(templates: Templates) -> Found:
    """Yield the routes of closed networks that lead everywhere, or to a gateway.

    In a template that is not ours, one to an endpoint may be inspected there: a firewall has one.
    """
    for route in templates.of("AWS::EC2::Route"):
        blocks = (route.get("DestinationCidrBlock"), route.get("DestinationIpv6CidrBlock"))
        anywhere = any(str(block).endswith(tuple(f"/{bits}" for bits in range(_HALF))) for block in blocks if block)
        gateway = any(map(route.get, _GATEWAYS)) or str(route.get("GatewayId")).startswith("igw-")
        if route.environment.closed and (anywhere or gateway):
            led = next((name for name in (*_GATEWAYS, "GatewayId") if route.get(name)), "nothing")
            inspected = not route.environment.name and route.get("VpcEndpointId")
            if not inspected:
                yield route, f"It leads everywhere, by {led}." if anywhere else "It leads out of the network."


@rule
def ingress_by_need(templates: Templates) -> Found:
    """A security group lets in other groups that it names: not everybody, not a whole VPC, not every port."""
    blocks = {str(vpc.get("CidrBlock")) for vpc in templates.of("AWS::EC2::VPC")}
    for group, ingress in _directions(templates, "Ingress"):
        for key in ("CidrIp", "CidrIpv6"):
            block = str(ingress.get(key) or "")
            if block and (_wide(block) or block in blocks or ".CidrBlock}" in block):
                yield group, f"It lets {block} in."
        if str(ingress.get("IpProtocol")) == "-1":
            yield group, "It lets every protocol in."
        source = templates.find(ingress.get("SourceSecurityGroupId"))
        among_its_own = source is not None and source in (group, templates.find(ingress.get("GroupId")))
        every_port = (number(ingress.get("FromPort")) or 0) <= 1 and number(ingress.get("ToPort")) == LAST_PORT
        if every_port and not among_its_own:
            yield group, "It lets every port in."


@rule
def access_list_by_need(templates: Templates) -> Found:
    """Where the network is closed, an access list of its subnets does not let everything in or out."""
    for entry in templates.of("AWS::EC2::NetworkAclEntry"):
        block = entry.get("CidrBlock") or entry.get("Ipv6CidrBlock")
        everything = str(entry.get("Protocol")) == "-1" and block in {"0.0.0.0/0", "::/0"}
        if str(entry.get("RuleAction")).lower() != "allow":
            continue
        if entry.environment.closed and everything:
            yield entry, f"It lets everything {'out to' if is_true(entry.get('Egress')) else 'in from'} {block}."
        first, last = number(entry.get("PortRange.From")), number(entry.get("PortRange.To"))
        inward = not is_true(entry.get("Egress")) and block in {"0.0.0.0/0", "::/0"}
        if inward and first is not None and last is not None and any(first <= port <= last for port in _REMOTE):
            yield entry, f"It lets everybody log in: ports {first:g} to {last:g} are open to {block}."


@rule
def egress_by_need(templates: Templates) -> Found:
    """A security group lets out HTTPS, and else only what goes to a group that it names."""
    for group, egress in _directions(templates, "Egress"):
        target = str(egress.get("CidrIp") or egress.get("CidrIpv6") or "")
        ports = {number(egress.get("FromPort")), number(egress.get("ToPort"))}
        discarded = target == "255.255.255.255/32"  # how the CDK writes that nothing goes out
        https = ports == {HTTPS} and str(egress.get("IpProtocol")).lower() in {"tcp", "6"}
        if target and not discarded and _wide(target) and not https:
            yield group, f"It lets {egress.get('IpProtocol')} out to {target}."
    for group in templates.of("AWS::EC2::SecurityGroup"):
        lone = not any(templates.find(e.get("GroupId")) == group for e in templates.of("AWS::EC2::SecurityGroupEgress"))
        if not as_list(group.get("SecurityGroupEgress")) and lone:
            yield group, "It says nothing of what goes out, so that EC2 lets everything out."


@rule
def flow_logs(templates: Templates) -> Found:
    """Every VPC writes flow logs, of all traffic."""
    for vpc in templates.of("AWS::EC2::VPC"):
        logs = [log for log in templates.of("AWS::EC2::FlowLog") if templates.find(log.get("ResourceId")) == vpc]
        if not any(log.get("TrafficType") == "ALL" for log in logs):
            yield vpc, "It has no flow log of all traffic."


@rule
def endpoint_policy(templates: Templates) -> Found:
    """A VPC endpoint lets through what its policy says: principals of the account, or resources that are named."""
    for endpoint in templates.of("AWS::EC2::VPCEndpoint"):
        document = endpoint.get("PolicyDocument")
        if document is None:
            yield endpoint, "Without a policy of its own it lets everything through."
        for statement in policies.read(document):
            limited = statement.resources and all(map(policies.is_named, statement.resources))
            if endpoint.environment.account and not all(map(_tells_account, statement.resources)):
                limited = set(statement.actions) == {"s3:GetObject"} and all(map(_is_layer, statement.resources))
            bound = _BOUND & set(statement.required)
            open_to = statement.allows and "*" in statement.resources and not _RESOURCE & set(statement.condition_keys)
            if open_to and bound and endpoint.environment.account:
                yield endpoint, "Own credentials reach other accounts' resources: aws:ResourceAccount is missing."
            if statement.allows and statement.anonymous and not bound and not limited:
                yield endpoint, "It lets other accounts' principals reach other accounts' resources."


@rule
def endpoint_of_aws(templates: Templates) -> Found:
    """An endpoint leads to a service of AWS through a group of its own, and nobody unnamed reaches ours."""
    for endpoint in templates.of("AWS::EC2::VPCEndpoint"):
        kind = endpoint.get("VpcEndpointType", "Gateway")
        if _OF_SOMEBODY.search(str(endpoint.get("ServiceName"))) or kind in {
            "Resource",
            "ServiceNetwork",
            "GatewayLoadBalancer",
        }:
            yield endpoint, f"It leads to what somebody else offers: {endpoint.get('ServiceName', kind)}."
        if kind == "Interface" and not endpoint.get("SecurityGroupIds"):
            yield endpoint, "It has the security group of the whole VPC."
        for name in ("ServiceNetworkArn", "ResourceConfigurationArn", "ServiceRegion"):
            if endpoint.get(name):
                yield endpoint, f"{name} leads out of the network."
    for service in templates.of("AWS::EC2::VPCEndpointService"):
        if str(service.get("AcceptanceRequired", True)).lower() == "false":
            yield service, "Whoever is permitted connects without being asked."
    for permission in templates.of("AWS::EC2::VPCEndpointServicePermissions"):
        if any("*" in str(name) for name in as_list(permission.get("AllowedPrincipals"))):
            yield permission, "Every account may connect to it."


def _is_whole(statement: policies.Statement) -> bool:
    """Return whether a statement is about everything that could be asked of a bucket and of what is in it."""
    objects = {name.endswith("/*") for name in statement.resources}
    return bool({"s3:*", "*"} & set(statement.actions)) and (objects == {True, False} or "*" in statement.resources)


def _tells_account(resource: str) -> bool:
    """Return whether it is told whose `resource` is: the ARN of a bucket tells none, unless it is one of ours."""
    return not _BUCKET.match(policies.plain(resource)) or "${" in resource.partition(":::")[2].partition("/")[0]


def _is_layer(resource: str) -> bool:
    return bool(_LAYERS.fullmatch(policies.plain(resource)))


@rule
def bound_data(templates: Templates) -> Found:
    """A bucket with a key, in a closed environment, refuses what does not come through an endpoint that it names."""
    for bucket in templates.of("AWS::S3::Bucket"):
        keyed = "aws:kms" in str(bucket.get("BucketEncryption"))
        if not (bucket.environment.name and bucket.environment.closed and keyed):
            continue
        bound = any(
            not statement.allows
            and _ENDPOINT & set(statement.condition_keys)
            and _is_whole(statement)
            and _holds_for_roles(templates, statement)
            for policy in templates.of("AWS::S3::BucketPolicy")
            if templates.find(policy.get("Bucket")) == bucket
            for statement in policies.read(policy.get("PolicyDocument"))
        )
        if not bound:
            yield bucket, "Credentials that leave the network read it from anywhere: its policy names no VPC endpoint."


_INSIDE: Final = ("AWS::SageMaker::Domain", "AWS::SageMaker::Pipeline", "AWS::StepFunctions::StateMachine")


def _is_used(templates: Templates) -> bool:
    """Return whether anything works inside of a network; where nothing does, no role has a tag for it."""
    functions = templates.of("AWS::Lambda::Function")
    return any(function.get("VpcConfig") for function in functions) or any(templates.of(*_INSIDE))


def _holds_for_roles(templates: Templates, statement: policies.Statement) -> bool:
    """Return whether what a statement asks besides is true of roles: a tag that some have, and that no service asks."""
    tags = {
        (str(get(tag, "Key")).lower(), get(tag, "Value"))
        for role in templates.of("AWS::IAM::Role")
        for tag in as_list(role.get("Tags"))
    }
    for key, values in statement.condition_keys.items():
        if key == "aws:viaawsservice" and values != ["false"]:
            return False
        if (
            key.startswith("aws:principaltag/")
            and tags
            and _is_used(templates)
            and (key.partition("/")[2], values[0]) not in tags
        ):
            return False
    return True


@rule
def private_names(templates: Templates) -> Found:
    """An interface endpoint answers under its service's own name, so that no client goes round it."""
    for endpoint in templates.of("AWS::EC2::VPCEndpoint"):
        if endpoint.get("VpcEndpointType") == "Interface" and not is_true(endpoint.get("PrivateDnsEnabled")):
            yield endpoint, "PrivateDnsEnabled is not on."
    for vpc in templates.of("AWS::EC2::VPC"):
        for name in ("EnableDnsHostnames", "EnableDnsSupport"):
            if not is_true(vpc.get(name, name == "EnableDnsSupport")):  # EC2's own defaults
                yield vpc, f"{name} is not on."


@rule
def subnets_of_two_zones(templates: Templates) -> Found:
    """What is in a VPC names its subnets; in production two or more, and the VPC has two zones or more."""
    for resource in templates.resources:
        for name, subnets in named_values(resource.properties) if resource.type not in _OF_ONE_ZONE else ():
            if name not in {"SubnetIds", "Subnets"} or not isinstance(subnets, list):
                continue
            if resource.environment.closed and not subnets:
                yield resource, f"{name} is empty: it is outside the network."
            if resource.environment.production and subnets and len(set(map(str, subnets))) < LEAST_SUBNETS:
                yield resource, "It is in one subnet."
    for vpc in templates.of("AWS::EC2::VPC"):
        zones = {
            str(s.get("AvailabilityZone"))
            for s in templates.of("AWS::EC2::Subnet")
            if templates.find(s.get("VpcId")) == vpc
        }
        if vpc.environment.production and zones and len(zones) < LEAST_SUBNETS:
            yield vpc, f"Its subnets are in {len(zones)} zones."


@rule
def studio_idle(templates: Templates) -> Found:
    """What people leave running in Studio ends: applications that a domain offers are shut down when they are idle."""
    for domain in templates.of("AWS::SageMaker::Domain"):
        hidden = as_list(domain.get("DefaultUserSettings.StudioWebPortalSettings.HiddenAppTypes"))
        for application in ("JupyterLab", "CodeEditor"):
            path = (
                f"DefaultUserSettings.{application}AppSettings.AppLifecycleManagement.IdleSettings.LifecycleManagement"
            )
            if application not in hidden and domain.get(path) != "ENABLED":
                yield domain, f"{application} runs on when nobody uses it."
    for resource in templates.of("AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile", "AWS::SageMaker::Space"):
        if any(
            name == "LifecycleManagement" and value == "DISABLED" for name, value in named_values(resource.properties)
        ):
            yield resource, "LifecycleManagement is DISABLED."


@rule
def studio_closed(templates: Templates) -> Found:
    """Studio is in the VPC alone; a notebook instance has version 2 of the metadata service."""
    for domain in templates.of("AWS::SageMaker::Domain"):
        if domain.environment.closed and domain.get("AppNetworkAccessType") != "VpcOnly":
            yield domain, f"AppNetworkAccessType is {domain.get('AppNetworkAccessType', 'not set')}."
        if domain.environment.closed and not domain.get("DefaultUserSettings.SecurityGroups"):
            yield domain, "Its applications have no security group of their own."
    for notebook in templates.of("AWS::SageMaker::NotebookInstance"):
        version = notebook.get("InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion")
        if str(version) != "2":
            yield notebook, "It answers version 1 of the instance metadata service."


def _directions(templates: Templates, direction: str) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    for group in templates.of("AWS::EC2::SecurityGroup"):
        for item in as_list(group.get(f"SecurityGroup{direction}")):
            yield group, item
    for item in templates.of(f"AWS::EC2::SecurityGroup{direction}"):
        yield item, item.properties


def _wide(block: str) -> bool:
    """Return whether `block` is more than a private network of /16."""
    try:
        network = ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False
    private = any(network.version == other.version and network.subnet_of(other) for other in _PRIVATE)  # type: ignore[arg-type]
    return not private or network.prefixlen < 16  # noqa: PLR2004 - the largest VPC


RULES: Final = (
    no_way_out,
    ingress_by_need,
    access_list_by_need,
    egress_by_need,
    flow_logs,
    endpoint_policy,
    endpoint_of_aws,
    bound_data,
    private_names,
    subnets_of_two_zones,
    studio_idle,
    studio_closed,
)
