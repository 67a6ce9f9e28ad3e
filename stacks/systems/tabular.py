"""Systems of one table, or of several that are joined: a SageMaker pipeline of boosted trees, registry and endpoint."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aws_cdk as cdk

from ml_constructs.systems.tabular import BINARY, Objective, Steps, TabularPipeline
from stacks.systems.models import deployment, model_group, rollout
from stacks.systems.system import Deployed, System

if TYPE_CHECKING:
    from stacks.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class TabularSystem(System):
    """A model of a table: what it predicts, and how good it must be before it is registered.

    Its recipe says what the columns are: `<name>.toml` beside the declaration, which is published with every version of
    the data, or one that the tabular image has `built_in`. `gate` is the least `objective.metric` of a model that is
    registered; an execution may ask for another. `steps` name what a template of before names otherwise.
    """

    image: str = "tabular"
    objective: Objective = BINARY
    gate: float | None = None
    built_in: str = ""
    bias: tuple[str, ...] = ()
    steps: Steps = field(default_factory=Steps)
    description: str = ""
    """Of the pipeline."""

    def __post_init__(self) -> None:
        """Refuse a gate that no model could pass or miss."""
        super().__post_init__()
        if self.gate is None:
            return
        if not self.gate < 1:
            raise ValueError(f"No model of {self.name} could pass a gate of {self.gate}: {self.metric} is at most 1.")
        if not math.isfinite(self.gate) or self.gate < self.objective.least:
            raise ValueError(f"No model of {self.name} could miss a gate of {self.gate}: take another.")

    @property
    def metric(self) -> str:
        """The objective's own."""
        return self.objective.metric

    def deploy(self, stage: cdk.Stage, *, on: Foundation) -> Deployed:
        """Add the stack that trains it and the one that serves it: the same, unless `serving_id` names another."""
        image = on.images.find(self.image)
        training = self.make_stack(stage, self.training_stack, on=on, description=self._description)
        name = on.name(self.name)
        executions = on.executions(self.name)
        group = model_group(
            training, f"{self.title}Models", name=name, description=f"Versions of the {self.name} model", on=on
        )
        pipeline = TabularPipeline(
            training,
            self.title,
            name=name,
            system=self.name,
            objective=self.objective,
            gate=self.gate,
            description=self.description,
            recipe=self.built_in,
            bias=self.bias,
            steps=self.steps,
            group=group,
            settings=on.jobs(image, self),
            data=on.data(self.name),
            artifacts=executions,
            deployment=deployment(on.environment),
            spot_wait=on.environment.spot_wait,
        )
        cdk.CfnOutput(training, f"{self.title}PipelineName", value=pipeline.pipeline.pipeline.ref)
        cdk.CfnOutput(training, f"{self.title}ModelPackageGroupName", value=name)
        if not on.environment.serves:
            return Deployed()
        serving = training
        if self.serving_stack != self.training_stack:
            serving = self.make_stack(stage, self.serving_stack, on=on, description="Endpoint roll-out")
        construct_id = "Rollout" if serving is training else self.title
        rolled = rollout(serving, construct_id, system=self, group=group, image=image, models=executions, on=on)
        cdk.CfnOutput(serving, f"{self.title}EndpointName", value=rolled.endpoint_name)
        return Deployed(rollout=rolled)

    @property
    def _description(self) -> str:
        if self.serving_stack != self.training_stack:
            return "Training pipeline and model registry"
        return f"{self.title}: training pipeline, model registry and endpoint"
