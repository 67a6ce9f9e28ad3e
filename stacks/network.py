"""The network that every workload lives in."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ml_constructs.network import ClosedNetwork
from stacks.environments import Environment, Feature
from stacks.storage import StorageStack

Service = ec2.InterfaceVpcEndpointAwsService

CONTAINERS = {
    "ecr.api": Service.ECR,  # image manifests
    "ecr.dkr": Service.ECR_DOCKER,  # image layers, from S3
    "kms": Service.KMS,  # volumes and objects
    "logs": Service.CLOUDWATCH_LOGS,
    "monitoring": Service.CLOUDWATCH_MONITORING,
    "sts": Service.STS,  # a job's own credentials
}
SERVICES = {
    Feature.TRAINING: CONTAINERS | {"sagemaker.api": Service.SAGEMAKER_API},
    Feature.SERVING: CONTAINERS
    | {"sagemaker.api": Service.SAGEMAKER_API, "application-autoscaling": Service.APPLICATION_AUTOSCALING},
    Feature.API: {"sagemaker.runtime": Service.SAGEMAKER_RUNTIME},
    Feature.VISION: {},  # what training and serving need
    Feature.EXPERIMENTS: {},  # recorded from outside the network
    Feature.FEATURES: {"sagemaker.featurestore-runtime": Service.SAGEMAKER_FEATURESTORE_RUNTIME},
}
KEEP_TABLES = frozenset({Feature.TRAINING})
"""Features whose functions call DynamoDB, through a gateway of the VPC that costs nothing."""


def services(features: frozenset[Feature]) -> list[ec2.InterfaceVpcEndpointAwsService]:
    """Return the AWS services that the workloads of `features` call, each once, by name."""
    needed = {name: service for feature in features for name, service in SERVICES[feature].items()}
    return [service for _, service in sorted(needed.items())]


class NetworkStack(cdk.Stack):
    """Isolated subnets and the endpoints that the enabled features need."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: StorageStack) -> None:
        super().__init__(scope, construct_id, description="Closed network")
        self._zones = list(environment.zones)
        network = ClosedNetwork(
            self,
            "Network",
            cidr=environment.cidr,
            zones=environment.zones,
            services=services(environment.features),
            buckets=[storage.data, storage.artifacts],
            tables=bool(KEEP_TABLES & environment.features),
            logs=storage.logs,
        )
        self.jobs = network.placement("Jobs", description="Jobs", talks_to_itself=True)
        self.models = network.placement("Models", description="Models behind endpoints")
        self.functions = network.placement("Functions", description="Lambda functions")

    @property
    def availability_zones(self) -> list[str]:
        """The environment's own zones: a VPC asks its stack even when it is given some, and CDK would look them up."""
        return self._zones
