"""Container images of the platform."""

from dataclasses import dataclass

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.images.container_image import ContainerImage, ImageBuilder
from stacks.environments import Environment, Feature
from stacks.storage import StorageStack


@dataclass(frozen=True)
class VisionImages:
    """The vision image, and what training uses: the same, or its variant for instances with a GPU."""

    image: ContainerImage
    training: ContainerImage


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
        self.vision: VisionImages | None = None
        if Feature.VISION in environment.features:
            cpu = self._vision(environment, storage, builder)
            gpu = self._vision(environment, storage, builder, "cuda") if environment.vision.has_gpu else cpu
            self.vision = VisionImages(cpu, gpu)

    def _vision(
        self, environment: Environment, storage: StorageStack, builder: ImageBuilder, variant: str = ""
    ) -> ContainerImage:
        return ContainerImage(
            self,
            f"Vision{variant.title()}",
            name="vision",
            variant=variant,
            builder=builder,
            key=storage.key,
            removal_policy=environment.removal_policy,
        )
