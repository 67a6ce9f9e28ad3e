"""Adds what a system's models need: their group in the registry, and the roll-out of approved versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

from ml_constructs.functions.cleanup import EmptiedRegistry
from ml_constructs.pipelines.deployment import Deployment
from ml_constructs.serving.rollout import EndpointRollout

if TYPE_CHECKING:
    import aws_cdk as cdk

    from ml_constructs.foundation.folder import Folder
    from ml_constructs.jobs.job import Image
    from stacks.foundation import Foundation
    from stacks.settings import Environment
    from stacks.systems.system import System


def model_group(
    stack: cdk.Stack, construct_id: str, *, name: str, description: str, on: Foundation
) -> sagemaker.CfnModelPackageGroup:
    """Add a model package group that outlives the stack, or goes with all its versions from an ephemeral one."""
    group = sagemaker.CfnModelPackageGroup(
        stack, construct_id, model_package_group_name=name, model_package_group_description=description
    )
    group.apply_removal_policy(on.environment.removal_policy)
    if on.environment.ephemeral:
        EmptiedRegistry(stack, "Emptied", group=group, logs=on.storage.logs)
    return group


def deployment(environment: Environment) -> Deployment:
    """Return the deployment that an execution may ask for: no more instances than the environment serves with."""
    fleet = environment.fleet
    return Deployment(instance_type=fleet.instance_type, instance_count=fleet.instance_count, maximum=fleet.maximum)


def rollout(
    stack: cdk.Stack,
    construct_id: str,
    *,
    system: System,
    group: sagemaker.CfnModelPackageGroup,
    image: Image,
    models: Folder,
    on: Foundation,
) -> EndpointRollout:
    """Add what rolls approved models of `group` out to the endpoint of its name, at the environment's size."""
    return EndpointRollout(
        stack,
        construct_id,
        endpoint_name=group.model_package_group_name,
        group=group,
        settings=on.models(image, system),
        models=models,
        fleet=on.environment.fleet,
        canary=on.environment.canary,
        functions=on.functions,
    )
