"""The network that every workload lives in."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ml_constructs.network import ClosedNetwork
from stacks.environments import Environment, Feature, InterfaceEndpoints
from stacks.storage import StorageStack

Service = ec2.InterfaceVpcEndpointAwsService

# What functions in the network call; nothing else in it calls anything. Jobs and models run with network isolation, for
# which SageMaker pulls images, writes logs and metrics and keeps the credentials itself, and moves data through the S3
# gateway: developer guide, "train-vpc" and "mkt-algo-model-internet-free". Lambda writes logs and traces itself; S3,
# SageMaker and Application Auto Scaling reach KMS and CloudWatch in a caller's name, on paths of their own.
SERVICES: dict[Feature, dict[str, ec2.InterfaceVpcEndpointAwsService]] = {
    Feature.TRAINING: {
        "sagemaker.api": Service.SAGEMAKER_API,  # are names of jobs taken: run_validation
    },
    Feature.SERVING: {
        "sagemaker.api": Service.SAGEMAKER_API,  # models, configs, endpoints: rollout
        "application-autoscaling": Service.APPLICATION_AUTOSCALING,  # the endpoint's limits: rollout
    },
    Feature.API: {
        "sagemaker.runtime": Service.SAGEMAKER_RUNTIME,  # predictions
    },
    Feature.VISION: {},  # what training and serving need
    Feature.EXPERIMENTS: {},  # recorded from outside the network
    Feature.FEATURES: {},  # records are written and read from outside the network
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
        choice = environment.interface_endpoints
        closed = choice is not InterfaceEndpoints.NONE
        network = ClosedNetwork(
            self,
            "Network",
            cidr=environment.cidr,
            zones=environment.zones,
            services=services(environment.features) if closed else [],
            endpoint_zones=environment.zones[:1] if choice is InterfaceEndpoints.ONE_ZONE else environment.zones,
            buckets=[storage.data, storage.artifacts],
            tables=bool(KEEP_TABLES & environment.features),
            logs=storage.logs,
        )
        self.jobs = network.placement("Jobs", description="Jobs", talks_to_itself=True)
        self.models = network.placement("Models", description="Models behind endpoints")
        self.functions = network.placement("Functions", description="Lambda functions") if closed else None

    @property
    def availability_zones(self) -> list[str]:
        """The environment's own zones: a VPC asks its stack even when it is given some, and CDK would look them up."""
        return self._zones
