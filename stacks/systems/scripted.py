"""Systems whose own scripts a Step Functions state machine runs: prepared, trained, evaluated, compared, registered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk

from account.instance_types import Usage, require
from ml_constructs.machines.registration import Registry
from ml_constructs.machines.training_pipeline import TrainingMachine, TrainingPipeline
from ml_constructs.pipelines.deployment import INSTANCE_TYPES
from ml_constructs.registry.registration import Inference
from stacks.systems.models import model_group, rollout
from stacks.systems.system import TABLES, Deployed, System

if TYPE_CHECKING:
    from ml_constructs.machines.algorithm import Algorithm
    from stacks.foundation import Foundation

ROWS = Inference(content_types=TABLES, response_types=TABLES, instance_types=INSTANCE_TYPES)
"""What models of tables take and answer."""
PICTURES = Inference(
    content_types=("image/png", "image/jpeg", "application/json"),
    response_types=("application/json",),
    instance_types=INSTANCE_TYPES,
)
"""What models of pictures take and answer."""


@dataclass(frozen=True, kw_only=True)
class ScriptedSystem(System):
    """A system with scripts of its own, which run in an image of the platform on instances of `instance_type`.

    `algorithm` says which folders the scripts read and write. Where models are to be served, `inference` says what they
    take and answer; without it a system is trained and compared, and nothing of it is registered. Training may have an
    instance type of its own; one with a GPU gets the image's variant `cuda`. A new account's quota of such instances is
    0: raise it before.
    """

    algorithm: Algorithm
    instance_type: str = "ml.m5.xlarge"
    training_instance_type: str = ""
    inference: Inference | None = None
    models: str = ""
    """What there are versions of in the registry, in words."""
    description: str = ""
    """Of its stack."""

    def __post_init__(self) -> None:
        """Refuse what is no type of instance."""
        super().__post_init__()
        require([self.instance_type], Usage.PROCESSING)
        require([self.training_instance_type or self.instance_type], Usage.TRAINING)

    @property
    def metric(self) -> str:
        """The algorithm's own."""
        return self.algorithm.objective

    @property
    def scripted(self) -> bool:
        """Whether people publish its scripts: they do."""
        return True

    @property
    def served(self) -> bool:
        """Whether its models are registered, and go to an endpoint where the environment has endpoints."""
        return self.inference is not None

    @property
    def content_types(self) -> tuple[str, ...]:
        """Media types of what its endpoint is asked."""
        return tuple(self.inference.content_types) if self.inference else ()

    @property
    def variant(self) -> str:
        """Which variant of its image trains: the one for NVIDIA's GPUs, on instances of the families g and p."""
        return "cuda" if re.match(r"ml\.[gp]\d", self.training_instance_type) else ""

    def deploy(self, stage: cdk.Stage, *, on: Foundation) -> Deployed:
        """Add its stack."""
        described = "training, registry and endpoint" if self.inference else "Step Functions training pipeline"
        description = self.description or f"{self.title}: {described}"
        stack = self.make_stack(stage, self.training_stack, on=on, description=description)
        name = on.name(self.name)
        image = on.images.find(self.image)
        runs = on.runs(self.name)
        registry = None
        if self.inference:
            models = model_group(
                stack, "Models", name=name, description=f"Versions of {self.models or self.name}", on=on
            )
            registry = Registry(group=models, image=image, inference=self.inference)
        machine = TrainingPipeline(
            stack,
            self.title,
            name=name,
            settings=on.jobs(image, self),
            data=on.data(self.name),
            scripts=on.scripts(self.name),
            runs=runs,
            algorithm=self.algorithm,
            instance_type=self.instance_type,
            training=TrainingMachine(
                on.jobs(on.images.find(self.image, self.variant), self),
                self.training_instance_type or self.instance_type,
            ),
            spot_wait=on.environment.spot_wait,
            registry=registry,
            functions=on.functions,
            removal_policy=on.environment.removal_policy,
        )
        cdk.CfnOutput(stack, f"{self.title}StateMachineArn", value=machine.machine.state_machine_arn)
        cdk.CfnOutput(stack, f"{self.title}RunsTableName", value=machine.runs.table.table_name)
        cdk.CfnOutput(stack, f"{self.title}JobPrefix", value=f"{name}-")
        if registry is None:
            return Deployed(machine=machine)
        cdk.CfnOutput(stack, f"{self.title}ModelPackageGroupName", value=name)
        if not on.environment.serves:
            return Deployed(machine=machine)
        rolled = rollout(stack, "Rollout", system=self, group=registry.group, image=image, models=runs, on=on)
        cdk.CfnOutput(stack, f"{self.title}EndpointName", value=rolled.endpoint_name)
        return Deployed(rollout=rolled, machine=machine)
