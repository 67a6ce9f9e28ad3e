"""Finds the VPC endpoints that a closed network needs for the calls of its roles."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from account.hosts import host_of
from account.sessions import by_service

Service = ec2.InterfaceVpcEndpointAwsService

S3: Final = "s3"
DYNAMODB: Final = "dynamodb"
GATEWAYS: Final = frozenset({S3, DYNAMODB})
"""Services that a route leads to, at no price."""
INTERFACES: Final[Mapping[str, ec2.InterfaceVpcEndpointAwsService]] = {
    "application-autoscaling": Service.APPLICATION_AUTOSCALING,
    "athena": Service.ATHENA,
    "cloudformation": Service.CLOUDFORMATION,
    "cloudwatch": Service.CLOUDWATCH_MONITORING,
    "codeartifact": Service.CODEARTIFACT_API,
    "codeartifact:ReadFromRepository": Service.CODEARTIFACT_REPOSITORIES,
    "codebuild": Service.CODEBUILD,
    "cognito-idp": Service.COGNITO_IDP,
    "ec2": Service.EC2,
    "ecr": Service.ECR,
    "ecr:BatchGetImage": Service.ECR_DOCKER,
    "ecr:GetDownloadUrlForLayer": Service.ECR_DOCKER,
    "ecr:PutImage": Service.ECR_DOCKER,
    "elasticfilesystem": Service.ELASTIC_FILESYSTEM,
    "events": Service.EVENTBRIDGE,
    "execute-api": Service.APIGATEWAY,
    "glue": Service.GLUE,
    "lambda": Service.LAMBDA_,
    "logs": Service.CLOUDWATCH_LOGS,
    "sagemaker": Service.SAGEMAKER_API,
    "sagemaker-mlflow": Service.SAGEMAKER_EXPERIMENTS,
    "sagemaker:BatchGetMetrics": Service.SAGEMAKER_METRICS,
    "sagemaker:BatchGetRecord": Service.SAGEMAKER_FEATURESTORE_RUNTIME,
    "sagemaker:BatchPutMetrics": Service.SAGEMAKER_METRICS,
    "sagemaker:DeleteRecord": Service.SAGEMAKER_FEATURESTORE_RUNTIME,
    "sagemaker:GetRecord": Service.SAGEMAKER_FEATURESTORE_RUNTIME,
    "sagemaker:InvokeEndpoint": Service.SAGEMAKER_RUNTIME,
    "sagemaker:InvokeEndpointAsync": Service.SAGEMAKER_RUNTIME,
    "sagemaker:InvokeEndpointWithResponseStream": Service.SAGEMAKER_RUNTIME,
    "sagemaker:PutRecord": Service.SAGEMAKER_FEATURESTORE_RUNTIME,
    "secretsmanager": Service.SECRETS_MANAGER,
    "servicecatalog": Service.SERVICE_CATALOG,
    "sns": Service.SNS,
    "sqs": Service.SQS,
    "ssm": Service.SSM,
    "states": Service.STEP_FUNCTIONS,
    "states:StartSyncExecution": Service.STEP_FUNCTIONS_SYNC,
    "sts": Service.STS,
    "xray": Service.XRAY,
}
"""The VPC endpoint of a service, and of those actions that have another one. Source: PrivateLink guide, "AWS services
that integrate"; SageMaker developer guide, "Connect to SageMaker AI within your VPC"."""
NO_CALLS: Final[Mapping[str, str]] = {
    **by_service(),
    "iam:CreateServiceLinkedRole": "The service that uses the role makes it in the caller's name.",
    "iam:PassRole": "The service that the role is passed to checks it; nothing is called.",
    "kms": "The services that keep something encrypted use the key in the caller's name.",
}
"""What is allowed without anything of the role's own being sent, and who does it instead."""
NOT_INSIDE: Final[Mapping[str, str]] = {
    "sagemaker:CallMlflowAppApi": "AWS documents no endpoint of MLflow apps: runs are read from outside.",
}
"""What a role may do, and not from inside: the host that its clients call has no private name."""
BY_LAMBDA: Final[Mapping[str, str]] = {
    **dict.fromkeys(("logs:CreateLogStream", "logs:PutLogEvents"), "Lambda writes the log."),
    **dict.fromkeys(("xray:PutTraceSegments", "xray:PutTelemetryRecords"), "Lambda sends the traces."),
    **dict.fromkeys(
        (
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        ),
        "Lambda keeps the network interfaces.",
    ),
}
"""What Lambda does in a function's name on paths of its own."""


class NoEndpointError(ValueError):
    """A role inside a closed network may call a service that the network cannot reach."""

    def __init__(self, role: str, action: str) -> None:
        super().__init__(
            f"{role} may do {action}, but from inside the closed network no VPC endpoint leads to "
            f"{action.partition(':')[0]}. Name its endpoint in constructs/ml_constructs/network/endpoint_services.py "
            "and the host that its clients call in account/hosts.csv, or give the action to a role whose code runs "
            "outside of the network."
        )


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A role whose code runs inside a closed network.

    Whoever runs the code does `made_by_service` itself, each action for a reason, and all that is done with the
    `own_resources`.
    """

    role: iam.Role
    made_by_service: Mapping[str, str] = field(default_factory=dict)
    own_resources: frozenset[str] = frozenset()

    def actions(self) -> Iterator[str]:
        """Yield what the code itself may do, as far as the role's policies say by now."""
        for policy in self.role.node.find_all():
            if isinstance(policy, iam.Policy):
                for statement in policy.document.to_json()["Statement"]:
                    if statement["Effect"] == "Allow" and not set(_list(statement["Resource"])) <= self.own_resources:
                        yield from (
                            action for action in _list(statement["Action"]) if action not in self.made_by_service
                        )


@dataclass(frozen=True)
class NeededEndpoints:
    """The VPC endpoints that a closed network needs: gateways by name, and services of interface endpoints."""

    gateways: frozenset[str]
    services: tuple[ec2.InterfaceVpcEndpointAwsService, ...]


def needed_endpoints(
    callers: Iterable[Caller], services: Iterable[ec2.InterfaceVpcEndpointAwsService] = (), gateways: Iterable[str] = ()
) -> NeededEndpoints:
    """Return the endpoints for all calls of `callers`, beside those that are needed anyway, each once and by name.

    Raise `NoEndpointError` for an action of a service that has no endpoint, or whose clients call another host.
    """
    found = set(gateways)
    interfaces = {service.short_name: service for service in services}
    for caller in callers:
        for action in caller.actions():
            service = action.partition(":")[0]
            if action in NO_CALLS or service in NO_CALLS or action in NOT_INSIDE:
                continue
            if service in GATEWAYS:
                found.add(service)
            elif (endpoint := INTERFACES.get(action) or INTERFACES.get(service)) and _leads(endpoint, action):
                interfaces[endpoint.short_name] = endpoint
            else:
                raise NoEndpointError(caller.role.node.path, action)
    return NeededEndpoints(frozenset(found), tuple(service for _, service in sorted(interfaces.items())))


def _leads(endpoint: ec2.InterfaceVpcEndpointAwsService, action: str) -> bool:
    """Return whether the host that clients call for an action is among the private names of an endpoint."""
    host = host_of(action)
    return host is not None and host.resolves_inside and host.endpoint == endpoint.short_name


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
