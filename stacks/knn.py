"""Nearest neighbours: the built-in algorithm's contract, from a labelled table to an endpoint."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.images.builtin_image import BuiltInKnn
from ml_constructs.jobs.job import JobSettings
from ml_constructs.systems.knn import KnnPipeline
from stacks.environments import Environment
from stacks.images import ImagesStack
from stacks.models import deployment, model_group, rollout
from stacks.network import NetworkStack
from stacks.storage import StorageStack


class KnnStack(cdk.Stack):
    """The pipeline, the registry that it fills, and what rolls approved models out."""

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
        super().__init__(scope, construct_id, description="Nearest neighbours: training, registry and endpoint")
        name = f"{environment.name}-knn"
        image = BuiltInKnn(self) if environment.builtin_knn else images.knn
        executions = Folder(storage.artifacts, ["knn", "executions"])
        models = model_group(
            self,
            "Models",
            name=name,
            description="Versions of the nearest-neighbour model",
            environment=environment,
            storage=storage,
        )
        training = KnnPipeline(
            self,
            "Knn",
            name=name,
            group=models,
            settings=JobSettings(image=image, placement=network.jobs, key=storage.key),
            own=JobSettings(image=images.knn, placement=network.jobs, key=storage.key),
            data=Folder(storage.data, ["knn", "versions"]),
            artifacts=executions,
            deployment=deployment(environment),
            spot_wait=environment.spot_wait,
        )
        self.rollout = rollout(
            self,
            "Rollout",
            group=models,
            image=image,
            models=executions,
            environment=environment,
            storage=storage,
            network=network,
        )
        cdk.CfnOutput(self, "KnnPipelineName", value=training.pipeline.pipeline.ref)
        cdk.CfnOutput(self, "KnnModelPackageGroupName", value=name)
        cdk.CfnOutput(self, "KnnEndpointName", value=self.rollout.endpoint_name)
