"""AWS::ApplicationAutoScaling types: records in our Auto Scaling service."""

from typing import Any

import botocore.session

from localcloud.autoscaling import AutoScaling
from localcloud.cloudformation.resource_type import input_shape, typed_as
from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope

MODEL = botocore.session.get_session().get_service_model("application-autoscaling")
TARGET = ("ServiceNamespace", "ResourceId", "ScalableDimension")


class _Records:
    def __init__(self, service: AutoScaling) -> None:
        self._service = service

    def _call(self, operation: str, properties: dict[str, Any]) -> dict[str, Any]:
        account, region = identity.request_scope()
        shape = input_shape(MODEL, operation)
        arguments = typed_as(shape, {name: value for name, value in properties.items() if name in shape.members})
        return self._service.call(operation, arguments, Caller(Scope(account, region), f"arn:aws:iam::{account}:root"))

    def _remove(self, operation: str, properties: dict[str, Any]) -> None:
        try:
            self._call(operation, properties)
        except ServiceError as error:
            if error.code != "ObjectNotFoundException":
                raise


class ScalableTarget(_Records):
    """The capacity limits of an endpoint variant; `Ref` gives `<resource>|<dimension>|<namespace>`."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Register the target."""
        del logical_id, stack
        self._call("RegisterScalableTarget", properties)
        namespace, resource, dimension = (properties[name] for name in TARGET)
        physical_id = f"{resource}|{dimension}|{namespace}"
        return physical_id, {"Id": physical_id}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Register it again with the new limits."""
        del physical_id, old
        return self.create(logical_id, new, stack)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Deregister the target."""
        resource, dimension, namespace = physical_id.split("|")
        target = {"ServiceNamespace": namespace, "ResourceId": resource, "ScalableDimension": dimension}
        self._remove("DeregisterScalableTarget", {**properties, **target})


class ScalingPolicy(_Records):
    """A scaling policy of a target; `Ref` gives its ARN."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Put the policy."""
        del logical_id, stack
        arn = self._call("PutScalingPolicy", _with_target(properties))["PolicyARN"]
        return arn, {"Arn": arn}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Put it again."""
        del physical_id, old
        return self.create(logical_id, new, stack)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Delete the policy."""
        del physical_id
        self._remove("DeleteScalingPolicy", _with_target(properties))


def _with_target(properties: dict[str, Any]) -> dict[str, Any]:
    """Spell out the target of a policy that names it by `ScalingTargetId`."""
    if target := properties.get("ScalingTargetId"):
        resource, dimension, namespace = target.split("|")
        named = {"ServiceNamespace": namespace, "ResourceId": resource, "ScalableDimension": dimension}
        properties = {**properties, **named}
    return properties


def register(service: AutoScaling) -> None:
    """Let CloudFormation make scaling records."""
    cloudformation.register("AWS::ApplicationAutoScaling::ScalableTarget", ScalableTarget(service), TARGET)
    replacing = ("PolicyName", "ScalingTargetId", *TARGET)
    cloudformation.register("AWS::ApplicationAutoScaling::ScalingPolicy", ScalingPolicy(service), replacing)
