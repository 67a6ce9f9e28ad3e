"""The endpoint of the fraud model."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.endpoint_rollout import Canary, EndpointRollout, Fleet
from ml_constructs.pipeline.job import JobSettings
from stacks.environments import Environment
from stacks.images import ImagesStack
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
        serving = environment.serving
        self.fraud = EndpointRollout(
            self,
            "Fraud",
            endpoint_name=f"{environment.name}-fraud",
            group=training.fraud_models,
            settings=JobSettings(image=images.tabular, placement=network.models, key=storage.key),
            models=training.fraud_executions,
            fleet=Fleet(
                instance_type=serving.instance_type,
                instance_count=serving.instance_count,
                minimum=serving.minimum_instances,
                maximum=serving.maximum_instances,
                invocations_per_instance=serving.invocations_per_instance,
            ),
            canary=Canary(
                percent=serving.canary_percent,
                wait=cdk.Duration.seconds(serving.canary_wait_seconds),
                termination_wait=cdk.Duration.seconds(serving.termination_wait_seconds),
            ),
            functions=network.functions,
            logs=storage.logs,
            log_level=environment.log_level,
        )
        cdk.CfnOutput(self, "FraudEndpointName", value=self.fraud.endpoint_name)
