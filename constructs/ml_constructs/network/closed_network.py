"""A VPC without a way to the internet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.bucket import INSIDE
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.foundation.roles import service_role
from ml_constructs.network.endpoint_services import DYNAMODB, S3, Caller, needed_endpoints

HTTPS = ec2.Port.tcp(443)
ESP = ec2.Port(protocol=ec2.Protocol.ESP, string_representation="ESP")  # a protocol without ports
BETWEEN_INSTANCES = {
    "Instances of one job": ec2.Port.all_tcp(),
    "Key exchange between instances of one job": ec2.Port.udp(500),
    "Encrypted traffic between instances of one job": ESP,
}
"""Source: SageMaker developer guide, "Protect Communications Between ML Compute Instances in a Distributed Training
Job"."""
BETWEEN_APPS = {
    "File system of Studio": ec2.Port.tcp(2049),
    "Apps of Studio": ec2.Port.tcp_range(8192, 65535),
}
"""Source: SageMaker developer guide, "Connect Studio in a VPC to External Resources"."""


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a workload's network interfaces are: its subnets, and what it may talk to."""

    vpc: ec2.IVpc
    security_group: ec2.ISecurityGroup
    callers: list[Caller] = field(default_factory=list, compare=False)
    """Roles that were admitted to the network: its endpoints are for them."""

    def admit(
        self, role: iam.Role, *, made_by_service: Mapping[str, str] | None = None, own_resources: Sequence[str] = ()
    ) -> None:
        """Run code here as `role`: the network gets an endpoint of every service that its policies let it call.

        Whoever runs the code does `made_by_service` itself, each action for a reason, and all that is done with the
        `own_resources`. Code that is isolated from the network calls nothing, so that its role is not admitted.
        """
        self.callers.append(
            Caller(role=role, made_by_service=made_by_service or {}, own_resources=frozenset(own_resources))
        )
        self.bind(role)

    def bind(self, role: iam.IRole) -> None:
        """Let `role` reach the platform's buckets from inside the network alone; see `PrivateBucket`."""
        cdk.Tags.of(role).add(*INSIDE)

    @property
    def subnet_ids(self) -> list[str]:
        """The isolated subnets, one in each zone."""
        return self.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids

    @property
    def vpc_config(self) -> Mapping[str, Sequence[str]]:
        """`VpcConfig` of SageMaker's requests."""
        return {"SecurityGroupIds": [self.security_group.security_group_id], "Subnets": self.subnet_ids}

    def grant_sagemaker_interfaces(self, grantee: iam.IGrantable) -> None:
        """Let SageMaker, in the role of a job or model, keep network interfaces here.

        Source: SageMaker developer guide, "CreateTrainingJob API: Execution Role Permissions".
        """
        stack = cdk.Stack.of(self.vpc)
        interfaces = stack.format_arn(service="ec2", resource="network-interface", resource_name="*")
        subnets = [stack.format_arn(service="ec2", resource="subnet", resource_name=id_) for id_ in self.subnet_ids]
        group = stack.format_arn(
            service="ec2", resource="security-group", resource_name=self.security_group.security_group_id
        )
        iam.Grant.add_to_principal(
            grantee=grantee, actions=["ec2:CreateNetworkInterface"], resource_arns=[interfaces, group, *subnets]
        )
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            resource_arns=[interfaces],
        )
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            resource_arns=["*"],
        )

    def grant_lambda_interfaces(self, grantee: iam.IGrantable) -> None:
        """Let Lambda, in the role of a function, keep network interfaces here.

        Source: AWS Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC": deleting
        has to be allowed on every resource of the account and region, describing on all.
        """
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:UnassignPrivateIpAddresses",
            ],
            resource_arns=[cdk.Stack.of(self.vpc).format_arn(service="ec2", resource="*", resource_name="*")],
        )
        iam.Grant.add_to_principal(
            grantee=grantee, actions=["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], resource_arns=["*"]
        )


class ClosedNetwork(Construct):
    """A VPC of isolated subnets, one a zone: no internet gateway, no NAT, only the AWS services that roles in it call.

    Which these are is known when all roles have their rights: `connect` has to be called last. Requests of other
    accounts, or about what other accounts own, do not pass the endpoints. S3 is open for `buckets`, for reading in
    `read_buckets`, and for the layers of ECR images alone, DynamoDB for the tables of this account and region. Neither
    the answers of custom resources, which run outside, nor Python packages of CodeArtifact need another bucket of
    AWS's: CodeArtifact user guide, "Create the Amazon S3 gateway endpoint". With `endpoint_zones`, services have their
    addresses in these zones alone, for all subnets. Nothing is put into the default security group, which stays as AWS
    makes it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cidr: str,
        zones: Sequence[str],
        buckets: Sequence[s3.IBucket],
        read_buckets: Sequence[s3.IBucket] = (),
        logs: LogSettings,
        endpoint_zones: Sequence[str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._endpoint_zones = endpoint_zones or zones
        self._callers: list[Caller] = []
        self._services: list[ec2.InterfaceVpcEndpointAwsService] = []
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(cidr),
            availability_zones=list(zones),
            nat_gateways=0,
            create_internet_gateway=False,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
            ],
        )
        acknowledge(
            self.vpc,
            W3010="The environment names its zones, so that synthesis looks nothing up and never moves a subnet.",
            VPCDefaultSecurityGroupClosed="Nothing is put into the default security group, and to close it takes a "
            "function that may change every group of the account.",
        )
        self._flow_logs(logs)
        self._s3_endpoint(buckets, read_buckets)
        self._endpoints_group = ec2.SecurityGroup(
            self, "Endpoints", vpc=self.vpc, description="VPC endpoints", allow_all_outbound=False
        )

    def placement(
        self, construct_id: str, *, description: str, among: Mapping[str, ec2.Port] | None = None
    ) -> Placement:
        """Return a place for one kind of workload, in a security group of its own.

        It reaches HTTPS addresses, of which there are only the endpoints. What is in it talks to each other on the
        ports of `among` alone.
        """
        group = ec2.SecurityGroup(self, construct_id, vpc=self.vpc, description=description, allow_all_outbound=False)
        group.add_egress_rule(ec2.Peer.any_ipv4(), HTTPS, "VPC endpoints; no route leads further")
        for why, port in (among or {}).items():
            group.connections.allow_internally(port, why)
        self._endpoints_group.add_ingress_rule(group, HTTPS, description)
        return Placement(vpc=self.vpc, security_group=group, callers=self._callers)

    def need(self, *services: ec2.InterfaceVpcEndpointAwsService) -> None:
        """Add endpoints of `services` too, which AWS itself calls from inside the network without a role."""
        self._services += services

    def connect(self) -> None:
        """Make the endpoints of the services that are needed, no others; raise `NoEndpointError` if one has none."""
        out = needed_endpoints(self._callers, self._services, {S3})
        if DYNAMODB in out.gateways:
            self._dynamodb_endpoint()
        for service in out.services:
            self._interface_endpoint(service)

    def _flow_logs(self, logs: LogSettings) -> None:
        stack = cdk.Stack.of(self)
        role = service_role(
            self,
            "FlowLogRole",
            service="vpc-flow-logs.amazonaws.com",
            description="Writes the flow logs of the network",
            source=stack.format_arn(service="ec2", resource="vpc-flow-log", resource_name="*"),
        )
        group = logs.group(self, "FlowLogs")
        self.vpc.add_flow_log("All", destination=ec2.FlowLogDestination.to_cloud_watch_logs(group, role))

    def _s3_endpoint(self, buckets: Sequence[s3.IBucket], read_buckets: Sequence[s3.IBucket]) -> None:
        endpoint = self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        stack = cdk.Stack.of(self)
        arns = [bucket.bucket_arn for bucket in buckets]
        endpoint.add_to_policy(
            iam.PolicyStatement(
                sid="OwnBuckets",
                principals=[iam.StarPrincipal()],
                actions=[
                    "s3:AbortMultipartUpload",
                    "s3:DeleteObject",
                    "s3:GetBucketLocation",
                    "s3:GetObject",
                    "s3:GetObjectVersion",
                    "s3:ListBucket",
                    "s3:ListMultipartUploadParts",
                    "s3:PutObject",
                ],
                resources=[*arns, *(f"{arn}/*" for arn in arns)],
                conditions={"StringEquals": {"aws:PrincipalAccount": stack.account}},
            )
        )
        if read := [bucket.bucket_arn for bucket in read_buckets]:
            endpoint.add_to_policy(
                iam.PolicyStatement(
                    sid="ReadBuckets",
                    principals=[iam.StarPrincipal()],
                    actions=["s3:GetObject", "s3:ListBucket"],
                    resources=[*read, *(f"{arn}/*" for arn in read)],
                    conditions={"StringEquals": {"aws:PrincipalAccount": stack.account}},
                )
            )
        endpoint.add_to_policy(
            iam.PolicyStatement(
                sid="ImageLayers",
                principals=[iam.StarPrincipal()],
                actions=["s3:GetObject"],
                resources=[f"arn:{stack.partition}:s3:::prod-{stack.region}-starport-layer-bucket/*"],
            )
        )

    def _dynamodb_endpoint(self) -> None:
        endpoint = self.vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
        stack = cdk.Stack.of(self)
        tables = stack.format_arn(service="dynamodb", resource="table", resource_name="*")
        endpoint.add_to_policy(
            iam.PolicyStatement(
                sid="OwnTables",
                principals=[iam.StarPrincipal()],
                actions=[
                    f"dynamodb:{action}"
                    for action in ("ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
                ],
                resources=[tables],
                conditions={"StringEquals": {"aws:PrincipalAccount": stack.account}},
            )
        )

    def _interface_endpoint(self, service: ec2.InterfaceVpcEndpointAwsService) -> None:
        endpoint = self.vpc.add_interface_endpoint(
            "".join(part.capitalize() for part in service.short_name.replace("-", ".").split(".")),
            service=service,
            security_groups=[self._endpoints_group],
            subnets=ec2.SubnetSelection(
                subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, availability_zones=list(self._endpoint_zones)
            ),
            open=False,
        )
        account = cdk.Stack.of(self).account
        endpoint.add_to_policy(
            iam.PolicyStatement(
                sid="OwnAccount",
                principals=[iam.StarPrincipal()],
                actions=["*"],
                resources=["*"],
                conditions={
                    "StringEquals": {"aws:PrincipalAccount": account},
                    "StringEqualsIfExists": {"aws:ResourceAccount": account},  # what is listed is no one's yet
                },
            )
        )
