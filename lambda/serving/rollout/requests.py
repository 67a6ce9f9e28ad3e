"""The requests of a roll-out, as SageMaker and Application Auto Scaling take them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from rollout.settings import Settings
from rollout.state import Approval

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling.type_defs import (
        PutScalingPolicyRequestTypeDef,
        RegisterScalableTargetRequestTypeDef,
    )
    from mypy_boto3_sagemaker.literals import ProductionVariantInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import (
        CreateEndpointConfigInputTypeDef,
        CreateEndpointInputTypeDef,
        CreateModelInputTypeDef,
        ProductionVariantTypeDef,
        TagTypeDef,
        TrafficRoutingConfigTypeDef,
        UpdateEndpointInputTypeDef,
    )

INSTANCE_TYPE_PROPERTY = "deploy-instance-type"
INSTANCE_COUNT_PROPERTY = "deploy-instance-count"

# SageMaker takes between 10 minutes and 8 hours for a deployment as a whole; it must cover the waits in it.
SHORTEST_DEPLOYMENT_SECONDS, PROVISIONING_SECONDS = 600, 3600
LONGEST_WAIT = 3600  # seconds


@dataclass(frozen=True)
class Deployment:
    """One package with all that it is deployed with, which goes into the names: a name never changes its meaning."""

    package: str  # ARN
    instance_type: str
    instance_count: int
    settings: Settings

    @classmethod
    def of_package(cls, arn: str, properties: Mapping[str, str], settings: Settings) -> "Deployment":
        """Read where the package wants to run from its `CustomerMetadataProperties`, else from the settings.

        A count that is no number of instances is left to the settings; see `problem`.
        """
        count = properties.get(INSTANCE_COUNT_PROPERTY, "")
        return cls(
            package=arn,
            instance_type=properties.get(INSTANCE_TYPE_PROPERTY) or settings.instance_type,
            instance_count=int(count) if count and not problem(properties) else settings.instance_count,
            settings=settings,
        )

    @property
    def digest(self) -> str:
        """Hash of all that the package is deployed with."""
        settings = self.settings
        parts = [
            self.package,
            self.instance_type,
            self.instance_count,
            settings.model_role,
            settings.variant,
            settings.subnets,
            settings.security_groups,
            settings.kms_key,
        ]
        return _hash(json.dumps(parts))

    @property
    def model_name(self) -> str:
        """Name of the model: `<endpoint>-v<version>-<hash of the settings>`."""
        return f"{self._stem}-{self.digest}"

    def config_name(self, requested_at: datetime) -> str:
        """Name of the endpoint configuration for one approval: `<endpoint>-v<version>-<hash of settings and time>`."""
        return f"{self._stem}-{_hash(f'{self.digest} {requested_at.isoformat()}')}"

    @property
    def _stem(self) -> str:
        return f"{self.settings.endpoint}-v{self.package.rsplit('/', 1)[1]}"

    def model(self) -> "CreateModelInputTypeDef":
        """Return the request of CreateModel: the package's container in the isolated subnets alone."""
        settings = self.settings
        request: CreateModelInputTypeDef = {
            "ModelName": self.model_name,
            "PrimaryContainer": {"ModelPackageName": self.package},
            "ExecutionRoleArn": settings.model_role,
            "EnableNetworkIsolation": True,
        }
        if settings.subnets:
            request["VpcConfig"] = {"Subnets": [*settings.subnets], "SecurityGroupIds": [*settings.security_groups]}
        if settings.tags:
            request["Tags"] = tag_list(settings.tags)
        return request

    def endpoint_config(self, approval: Approval) -> "CreateEndpointConfigInputTypeDef":
        """Return the request of CreateEndpointConfig: one variant, whose constant name retains its size."""
        variant: ProductionVariantTypeDef = {
            "VariantName": self.settings.variant,
            "ModelName": self.model_name,
            "InstanceType": cast("ProductionVariantInstanceTypeType", self.instance_type),  # SageMaker checks the name
            "InitialInstanceCount": self.instance_count,
            "InitialVariantWeight": 1.0,
        }
        request: CreateEndpointConfigInputTypeDef = {
            "EndpointConfigName": approval.config,
            "ProductionVariants": [variant],
            "Tags": tag_list({**self.settings.tags, **approval.tags()}),
        }
        if self.settings.kms_key and not self._has_local_storage:
            request["KmsKeyId"] = self.settings.kms_key
        return request

    @property
    def _has_local_storage(self) -> bool:
        """Whether the instances' disks are their own, which their hardware encrypts: SageMaker refuses a key for them.

        Source: SageMaker API reference, `KmsKeyId` of CreateEndpointConfig.
        """
        return self.instance_type.removeprefix("ml.").partition(".")[0] in self.settings.local_storage


def problem(properties: Mapping[str, str]) -> str:
    """Return why a package with these `CustomerMetadataProperties` cannot be deployed; empty when it can."""
    count = properties.get(INSTANCE_COUNT_PROPERTY, "")
    if not count or (count.isdecimal() and int(count) > 0):
        return ""
    return f"its {INSTANCE_COUNT_PROPERTY} is {count} and must be a whole number from 1: correct it and approve again"


def canary_instances(percent: int, instances: int) -> int:
    """Return how many of `instances` are the canary: whole ones, rounded down but for the first; 0 of a fleet of one.

    A canary is at most half of the fleet, and what becomes of a part of an instance is not documented. Source:
    SageMaker API reference, `CanarySize` of TrafficRoutingConfig.
    """
    return max(1, instances * percent // 100) if instances > 1 else 0


def create_endpoint(config: str, settings: Settings) -> "CreateEndpointInputTypeDef":
    """Return the request of CreateEndpoint."""
    request: CreateEndpointInputTypeDef = {"EndpointName": settings.endpoint, "EndpointConfigName": config}
    if settings.tags:
        request["Tags"] = tag_list(settings.tags)
    return request


def update_endpoint(config: str, settings: Settings, *, instances: int) -> "UpdateEndpointInputTypeDef":
    """Return the request of UpdateEndpoint for a fleet of `instances`: a canary, then all; back when an alarm fires.

    A fleet that can have no canary goes over at once, and the alarms are watched as long with the old one still there.
    """
    waits = settings.canary_wait_seconds + settings.termination_wait_seconds
    routing: TrafficRoutingConfigTypeDef = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    if canary := canary_instances(settings.canary_percent, instances):
        routing = {
            "Type": "CANARY",
            "CanarySize": {"Type": "INSTANCE_COUNT", "Value": canary},
            "WaitIntervalInSeconds": settings.canary_wait_seconds,
        }
    return {
        "EndpointName": settings.endpoint,
        "EndpointConfigName": config,
        "RetainAllVariantProperties": True,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": routing,
                "TerminationWaitInSeconds": settings.termination_wait_seconds if canary else min(waits, LONGEST_WAIT),
                "MaximumExecutionTimeoutInSeconds": max(SHORTEST_DEPLOYMENT_SECONDS, waits + PROVISIONING_SECONDS),
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in settings.alarms]},
        },
    }


def scalable_target(settings: Settings) -> "RegisterScalableTargetRequestTypeDef":
    """Return the request of RegisterScalableTarget for the endpoint's variant."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource_id(settings),
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "MinCapacity": settings.min_capacity,
        "MaxCapacity": settings.max_capacity,
    }


def scaling_policy(settings: Settings) -> "PutScalingPolicyRequestTypeDef":
    """Return the request of PutScalingPolicy: keep the invocations per instance and minute at the target."""
    return {
        "PolicyName": f"{settings.endpoint}-invocations",
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource_id(settings),
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": settings.invocations_per_instance,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            "ScaleOutCooldown": 60,
            "ScaleInCooldown": 300,
        },
    }


def resource_id(settings: Settings) -> str:
    """Return the variant's id in Application Auto Scaling."""
    return f"endpoint/{settings.endpoint}/variant/{settings.variant}"


def tag_list(tags: Mapping[str, str]) -> list["TagTypeDef"]:
    """Return `tags` in the form of SageMaker's requests."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
