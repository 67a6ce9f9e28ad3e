"""Systems of nearest neighbours: the built-in algorithm's contract, from a labelled table to an endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk

from ml_constructs.images.builtin_image import BuiltInKnn
from ml_constructs.systems.knn import KnnPipeline
from stacks.systems.models import deployment, model_group, rollout
from stacks.systems.system import Deployed, System

if TYPE_CHECKING:
    from stacks.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class Knn(System):
    """A classifier by nearest neighbours, trained and served by our image or, when `built_in`, by SageMaker's own."""

    image: str = "knn"
    built_in: bool = False

    @property
    def metric(self) -> str:
        """Accuracy, which both images report."""
        return "accuracy"

    def deploy(self, stage: cdk.Stage, *, on: Foundation) -> Deployed:
        """Add its stack."""
        description = "Nearest neighbours: training, registry and endpoint"
        stack = self.make_stack(stage, self.training_stack, on=on, description=description)
        name = on.name(self.name)
        own = on.images.find(self.image)
        image = BuiltInKnn(stack) if self.built_in else own
        executions = on.executions(self.name)
        models = model_group(stack, "Models", name=name, description="Versions of the nearest-neighbour model", on=on)
        training = KnnPipeline(
            stack,
            self.title,
            name=name,
            group=models,
            settings=on.jobs(image, self),
            own=on.jobs(own, self),
            data=on.data(self.name),
            artifacts=executions,
            deployment=deployment(on.environment),
            spot_wait=on.environment.spot_wait,
        )
        cdk.CfnOutput(stack, f"{self.title}PipelineName", value=training.pipeline.pipeline.ref)
        cdk.CfnOutput(stack, f"{self.title}ModelPackageGroupName", value=name)
        if not on.environment.serves:
            return Deployed()
        rolled = rollout(stack, "Rollout", system=self, group=models, image=image, models=executions, on=on)
        cdk.CfnOutput(stack, f"{self.title}EndpointName", value=rolled.endpoint_name)
        return Deployed(rollout=rolled)
