"""The endpoint of the fraud model."""

import aws_cdk as cdk
from constructs import Construct

from stacks.environments import Environment
from stacks.images import ImagesStack
from stacks.models import rollout
from stacks.network import NetworkStack
from stacks.storage import StorageStack
from stacks.training import TrainingStack


class ServingStack(cdk.Stack):
    """What rolls approved models out."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        storage: StorageStack,
        network: NetworkStack,
        images: ImagesStack,
        training: TrainingStack,
    ) -> None:
        super().__init__(scope, construct_id, description="Endpoint roll-out")
        self.fraud = rollout(
            self,
            "Fraud",
            group=training.fraud_models,
            image=images.tabular,
            models=training.fraud_executions,
            environment=environment,
            storage=storage,
            network=network,
        )
        cdk.CfnOutput(self, "FraudEndpointName", value=self.fraud.endpoint_name)
