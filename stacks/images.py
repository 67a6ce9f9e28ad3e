"""Container images of the platform."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.images.container_image import ContainerImage, ImageBuilder
from stacks.settings import Environment
from stacks.storage import StorageStack


class ImagesStack(cdk.Stack):
    """Repositories, and the images in them that the environment's systems run."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: StorageStack) -> None:
        super().__init__(scope, construct_id, description="Container images")
        builder = ImageBuilder(self, "Builder", key=storage.key, logs=storage.logs)
        wanted = {(system.image, variant) for system in environment.systems for variant in ("", system.variant)}
        self.builds = builder.project.ref
        """Name of the CodeBuild project."""
        self._images = {
            (name, variant): ContainerImage(
                self,
                f"{name.title()}{variant.title()}",
                name=name,
                variant=variant,
                builder=builder,
                key=storage.key,
                removal_policy=environment.removal_policy,
            )
            for name, variant in sorted(wanted)
        }
        if tabular := self._images.get(("tabular", "")):
            cdk.CfnOutput(self, "TabularImageUri", value=tabular.uri)

    def find(self, name: str, variant: str = "") -> ContainerImage:
        """Return the image of a folder of `containers/`, or its variant."""
        return self._images[name, variant]
