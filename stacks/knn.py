"""Nearest neighbours: the built-in algorithm's contract, from a labelled table to an endpoint."""

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.builtin_image import BuiltInKnn
from ml_constructs.cleanup import EmptiedRegistry
from ml_constructs.endpoint_rollout import Canary, EndpointRollout, Fleet
from ml_constructs.folder import Folder
from ml_constructs.knn_pipeline import KnnPipeline
from ml_constructs.pipeline.job import JobSettings
from stacks.environments import Environment
from stacks.images import ImagesStack
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
        name, serving = f"{environment.name}-knn", environment.serving
        image = BuiltInKnn(self) if environment.builtin_knn else images.knn
        executions = Folder(storage.artifacts, ["knn", "executions"])
        models = sagemaker.CfnModelPackageGroup(
            self,
            "Models",
            model_package_group_name=name,
            model_package_group_description="Versions of the nearest-neighbour model",
        )
        models.apply_removal_policy(environment.removal_policy)
        if environment.ephemeral:
            EmptiedRegistry(self, "Emptied", group=models, logs=storage.logs)
        training = KnnPipeline(
            self,
            "Knn",
            name=name,
            group=models,
            settings=JobSettings(image=image, placement=network.jobs, key=storage.key),
            own=JobSettings(image=images.knn, placement=network.jobs, key=storage.key),
            data=Folder(storage.data, ["knn", "versions"]),
            artifacts=executions,
            deploy_instance_type=serving.instance_type,
            deploy_instance_count=serving.instance_count,
            spot_wait=environment.spot_wait,
        )
        rollout = EndpointRollout(
            self,
            "Rollout",
            endpoint_name=name,
            group=models,
            settings=JobSettings(image=image, placement=network.models, key=storage.key),
            models=executions,
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
        cdk.CfnOutput(self, "KnnPipelineName", value=training.pipeline.pipeline.ref)
        cdk.CfnOutput(self, "KnnModelPackageGroupName", value=name)
        cdk.CfnOutput(self, "KnnEndpointName", value=rollout.endpoint_name)
