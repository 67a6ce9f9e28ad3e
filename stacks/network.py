"""The network that every workload lives in."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ml_constructs.functions.cleanup import InterfacesEnd
from ml_constructs.network.closed_network import BETWEEN_APPS, BETWEEN_INSTANCES, ClosedNetwork, Placement
from stacks.settings import Environment, InterfaceEndpoints
from stacks.storage import StorageStack

Service = ec2.InterfaceVpcEndpointAwsService


class NetworkStack(cdk.Stack):
    """Isolated subnets, and the endpoints that the roles in them need: `connect` makes these when all is wired.

    Jobs and models run with network isolation, for which SageMaker pulls images, writes logs and metrics and keeps the
    credentials itself, and moves data through the S3 gateway: developer guide, "train-vpc" and
    "mkt-algo-model-internet-free". Functions, and what people run in Studio, call services from inside.

    In a sandbox nothing is inside: jobs, models and functions have no placement, and are in SageMaker's and Lambda's
    own network. Subnets are there all the same, because a domain of Studio asks for some.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: StorageStack) -> None:
        super().__init__(scope, construct_id, description="Closed network")
        self._zones = list(environment.zones)
        one_zone = environment.interface_endpoints is InterfaceEndpoints.ONE_ZONE
        self._network = ClosedNetwork(
            self,
            "Network",
            cidr=environment.cidr,
            zones=environment.zones,
            endpoint_zones=environment.zones[:1] if one_zone else environment.zones,
            buckets=[storage.data, storage.artifacts],
            read_buckets=[storage.access_logs],
            logs=storage.logs,
        )
        self._closed = environment.closed
        self.jobs = self._inside("Jobs", "Jobs", among=BETWEEN_INSTANCES)
        self.models = self._inside("Models", "Models behind endpoints")
        self.functions = self._inside("Functions", "Lambda functions")
        if self.jobs and self.models:
            InterfacesEnd(
                self,
                "InterfacesEnd",
                groups={"Jobs": self.jobs.security_group, "Models": self.models.security_group},
                subnets=self._network.vpc.isolated_subnets,
                logs=storage.logs,
            )

    def _inside(
        self, construct_id: str, description: str, among: Mapping[str, ec2.Port] | None = None
    ) -> Placement | None:
        return self._network.placement(construct_id, description=description, among=among) if self._closed else None

    def studio(self) -> Placement:
        """Return the subnets and security group of a Studio domain; call it once.

        A closed network then leads to what Studio itself calls. Admit the role of every persona whose spaces run here,
        `studio.admit(role)`, and it leads to what they may call too. The apps of a sandbox are in SageMaker's own
        network (PublicInternetOnly), and nobody is admitted. Source: SageMaker developer guide, "Connect Studio in a
        VPC to External Resources".
        """
        if self._closed:
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
        if self._closed:
            self._network.connect()

    @property
    def availability_zones(self) -> list[str]:
        """The environment's own zones: a VPC asks its stack even when it is given some, and CDK would look them up."""
        return self._zones
