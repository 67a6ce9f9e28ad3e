"""The image classifier: trained by a state machine in an image of its own, registered, and served."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.job import JobSettings
from ml_constructs.machines.algorithm import VISION
from ml_constructs.machines.registration import Registry
from ml_constructs.machines.training_pipeline import TrainingMachine, TrainingPipeline
from ml_constructs.registry.registration import Inference
from stacks.environments import Environment, Feature
from stacks.images import VisionImages
from stacks.models import model_group, rollout
from stacks.network import NetworkStack
from stacks.storage import StorageStack

INSTANCE_TYPE = "ml.m5.large"
"""Of preparation and evaluation, which need no GPU."""
PICTURES = ("image/png", "image/jpeg")
INFERENCE = Inference(
    content_types=(*PICTURES, "application/json"),
    response_types=("application/json",),
    instance_types=("ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.c5.xlarge", "ml.c5.2xlarge"),
)


class VisionStack(cdk.Stack):
    """The state machine, the registry that its best runs go to, and what rolls approved models out."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        storage: StorageStack,
        network: NetworkStack,
        images: VisionImages,
    ) -> None:
        super().__init__(scope, construct_id, description="Image classifier: training, registry and endpoint")
        name = f"{environment.name}-images"
        runs = Folder(storage.artifacts, ["images", "runs"])
        models = model_group(
            self,
            "Models",
            name=name,
            description="Versions of the image classifier",
            environment=environment,
            storage=storage,
        )
        self.training = TrainingPipeline(
            self,
            "Images",
            name=name,
            settings=JobSettings(image=images.image, placement=network.jobs, key=storage.key),
            data=Folder(storage.data, ["images", "versions"]),
            scripts=Folder(storage.data, ["images", "scripts", "versions"]),
            runs=runs,
            algorithm=VISION,
            instance_type=INSTANCE_TYPE,
            training=TrainingMachine(
                JobSettings(image=images.training, placement=network.jobs, key=storage.key),
                environment.vision.training_instance_type,
            ),
            spot_wait=environment.spot_wait,
            registry=Registry(group=models, image=images.image, inference=INFERENCE),
            logs=storage.logs,
            functions=network.functions,
            log_level=environment.log_level,
            removal_policy=environment.removal_policy,
        )
        cdk.CfnOutput(self, "ImagesStateMachineArn", value=self.training.machine.state_machine_arn)
        cdk.CfnOutput(self, "ImagesRunsTableName", value=self.training.runs.table.table_name)
        cdk.CfnOutput(self, "ImagesJobPrefix", value=f"{name}-")
        cdk.CfnOutput(self, "ImagesModelPackageGroupName", value=name)
        self.rollout = (
            rollout(
                self,
                "Rollout",
                group=models,
                image=images.image,
                models=runs,
                environment=environment,
                storage=storage,
                network=network,
            )
            if Feature.SERVING in environment.features
            else None
        )
        if self.rollout:
            cdk.CfnOutput(self, "ImagesEndpointName", value=self.rollout.endpoint_name)
