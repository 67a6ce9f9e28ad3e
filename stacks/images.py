"""Container images of the platform."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.container_image import ContainerImage, ImageBuilder
from stacks.environments import Environment
from stacks.storage import StorageStack


class ImagesStack(cdk.Stack):
    """Repositories, and the images in them."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: StorageStack) -> None:
        super().__init__(scope, construct_id, description="Container images")
        builder = ImageBuilder(self, "Builder", key=storage.key, logs=storage.logs)
        self.tabular = ContainerImage(
            self,
            "Tabular",
            name="tabular",
            builder=builder,
            key=storage.key,
            removal_policy=environment.removal_policy,
        )
        cdk.CfnOutput(self, "TabularImageUri", value=self.tabular.uri)
        self.knn = ContainerImage(
            self,
            "Knn",
            name="knn",
            builder=builder,
            key=storage.key,
            removal_policy=environment.removal_policy,
        )
