"""The network that every workload lives in."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ml_constructs.network import BETWEEN_APPS, BETWEEN_INSTANCES, ClosedNetwork, Placement
from stacks.environments import Environment, InterfaceEndpoints
from stacks.storage import StorageStack

Service = ec2.InterfaceVpcEndpointAwsService


class NetworkStack(cdk.Stack):
    """Isolated subnets, and the endpoints that the roles in them need: `connect` makes these when all is wired.

    Jobs and models run with network isolation, for which SageMaker pulls images, writes logs and metrics and keeps the
    credentials itself, and moves data through the S3 gateway: developer guide, "train-vpc" and
    "mkt-algo-model-internet-free". Functions, and what people run in Studio, call services from inside.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: StorageStack) -> None:
        super().__init__(scope, construct_id, description="Closed network")
        self._zones = list(environment.zones)
        choice = environment.interface_endpoints
        self._closed = choice is not InterfaceEndpoints.NONE
        self._network = ClosedNetwork(
            self,
            "Network",
            cidr=environment.cidr,
            zones=environment.zones,
            endpoint_zones=environment.zones[:1] if choice is InterfaceEndpoints.ONE_ZONE else environment.zones,
            buckets=[storage.data, storage.artifacts],
            logs=storage.logs,
        )
        self.jobs = self._network.placement("Jobs", description="Jobs", among=BETWEEN_INSTANCES)
        self.models = self._network.placement("Models", description="Models behind endpoints")
        self.functions = self._network.placement("Functions", description="Lambda functions") if self._closed else None

    def studio(self) -> Placement | None:
        """Return where the apps of Studio are, or nothing where there are no interface endpoints; call it once.

        The network then leads to what Studio itself calls. Admit the role of every persona whose spaces run here,
        `studio.admit(role)`, and it leads to what they may call too. Source: SageMaker developer
        guide, "Connect Studio in a VPC to External Resources".
        """
        if not self._closed:
            return None
        self._network.need(
            Service.SAGEMAKER_API,
            Service.SAGEMAKER_RUNTIME,
            Service.SAGEMAKER_STUDIO,
            Service.STS,
            Service.CLOUDWATCH_LOGS,
        )
        return self._network.placement("Studio", description="Apps of Studio", among=BETWEEN_APPS)

    def connect(self) -> None:
        """Make the endpoints, when every role has its rights."""
        self._network.connect()

    @property
    def availability_zones(self) -> list[str]:
        """The environment's own zones: a VPC asks its stack even when it is given some, and CDK would look them up."""
        return self._zones
