"""Training of the fraud model."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.job import JobSettings
from ml_constructs.systems.fraud import FraudPipeline
from stacks.environments import Environment
from stacks.images import ImagesStack
from stacks.models import deployment, model_group
from stacks.network import NetworkStack
from stacks.storage import StorageStack


class TrainingStack(cdk.Stack):
    """The pipeline, and the registry that it fills."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        storage: StorageStack,
        network: NetworkStack,
        images: ImagesStack,
    ) -> None:
        super().__init__(scope, construct_id, description="Training pipeline and model registry")
        name = f"{environment.name}-fraud"
        self.fraud_executions = Folder(storage.artifacts, ["fraud", "executions"])
        self.fraud_models = model_group(
            self,
            "FraudModels",
            name=name,
            description="Versions of the fraud model",
            environment=environment,
            storage=storage,
        )
        fraud = FraudPipeline(
            self,
            "Fraud",
            name=name,
            group=self.fraud_models,
            settings=JobSettings(image=images.tabular, placement=network.jobs, key=storage.key),
            data=Folder(storage.data, ["fraud", "versions"]),
            artifacts=self.fraud_executions,
            deployment=deployment(environment),
            spot_wait=environment.spot_wait,
        )
        cdk.CfnOutput(self, "FraudPipelineName", value=fraud.pipeline.pipeline.ref)
        cdk.CfnOutput(self, "FraudModelPackageGroupName", value=name)
