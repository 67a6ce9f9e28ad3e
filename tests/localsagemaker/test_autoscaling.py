"""Records of scalable targets and policies."""

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.autoscaling import AutoScaling
from localsagemaker.errors import ServiceError
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, FakeHost

Scale = Callable[..., dict[str, Any]]
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/dev-fraud/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TRACKING = {
    "TargetValue": 100.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}
POLICY = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": TRACKING}


@pytest.fixture
def scale(host: FakeHost, sagemaker: SageMaker, monkeypatch: pytest.MonkeyPatch) -> Scale:
    variants = {"dev-fraud": ["AllTraffic"]}
    monkeypatch.setattr(sagemaker, "variants", lambda _, endpoint: variants.get(endpoint, []))
    service = AutoScaling(host, sagemaker)
    return lambda operation, **parameters: service.call(operation, parameters, ADMIN)


def test_registers_changes_and_removes_a_target(scale: Scale) -> None:
    arn = scale("RegisterScalableTarget", **TARGET, MinCapacity=1, MaxCapacity=2)["ScalableTargetARN"]
    assert arn.startswith("arn:aws:application-autoscaling:eu-west-1:111111111111:scalable-target/")
    assert scale("RegisterScalableTarget", **TARGET, MaxCapacity=4)["ScalableTargetARN"] == arn
    (target,) = scale("DescribeScalableTargets", ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    scale("DeregisterScalableTarget", **TARGET)
    assert scale("DescribeScalableTargets", ServiceNamespace="sagemaker")["ScalableTargets"] == []
    with pytest.raises(ServiceError, match="No scalable target registered") as missing:
        scale("DeregisterScalableTarget", **TARGET)
    assert missing.value.code == "ObjectNotFoundException"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ResourceId": "endpoint/none/variant/AllTraffic"}, "no variant AllTraffic of endpoint none"),
        ({"ResourceId": "endpoint/dev-fraud/variant/Blue"}, "no variant Blue of endpoint dev-fraud"),
        ({"ResourceId": "dev-fraud"}, "must be endpoint/<name>/variant/<name>"),
        ({"MinCapacity": 3}, "MinCapacity 3 is greater than MaxCapacity 2"),
        ({"MaxCapacity": None}, "Invalid type"),
        ({"ServiceNamespace": "ecs"}, "Locally only"),
        ({"ServiceNamespace": "moon"}, "enum value set"),
    ],
)
def test_refuses_targets_that_cannot_scale(scale: Scale, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ServiceError, match=words) as refused:
        scale("RegisterScalableTarget", **{**TARGET, "MinCapacity": 1, "MaxCapacity": 2, **changes})
    assert refused.value.code == "ValidationException"


def test_a_new_target_needs_both_bounds(scale: Scale) -> None:
    with pytest.raises(ServiceError, match="needs MinCapacity and MaxCapacity"):
        scale("RegisterScalableTarget", **TARGET, MinCapacity=1)


def test_policies_belong_to_a_target(scale: Scale) -> None:
    with pytest.raises(ServiceError, match="No scalable target registered"):
        scale("PutScalingPolicy", **TARGET, PolicyName="p", **POLICY)
    scale("RegisterScalableTarget", **TARGET, MinCapacity=1, MaxCapacity=2)
    arn = scale("PutScalingPolicy", **TARGET, PolicyName="p", **POLICY)["PolicyARN"]
    assert scale("PutScalingPolicy", **TARGET, PolicyName="p", **POLICY)["PolicyARN"] == arn
    (policy,) = scale("DescribeScalingPolicies", ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"] == TRACKING
    with pytest.raises(ServiceError, match="needs a StepScalingPolicyConfiguration"):
        scale("PutScalingPolicy", **TARGET, PolicyName="q", PolicyType="StepScaling")
    scale("DeleteScalingPolicy", **TARGET, PolicyName="p")
    with pytest.raises(ServiceError, match="No scaling policy found"):
        scale("DeleteScalingPolicy", **TARGET, PolicyName="p")


def test_a_target_takes_its_policies_along(scale: Scale) -> None:
    scale("RegisterScalableTarget", **TARGET, MinCapacity=1, MaxCapacity=2)
    scale("PutScalingPolicy", **TARGET, PolicyName="p", **POLICY)
    scale("DeregisterScalableTarget", **TARGET)
    assert scale("DescribeScalingPolicies", ServiceNamespace="sagemaker")["ScalingPolicies"] == []


def test_alarms_of_policies_are_deleted_in_the_caller_s_name(scale: Scale, host: FakeHost) -> None:
    alarms = "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:TargetTracking-endpoint/dev-fraud/variant/AllTraffic-"
    scale("RegisterScalableTarget", **TARGET, MinCapacity=1, MaxCapacity=2)
    asked = {action for _, action, resource, _ in host.checked if resource.startswith(alarms)}
    assert asked == {f"cloudwatch:{each}" for each in ("DescribeAlarms", "PutMetricAlarm", "DeleteAlarms")}
    scale("PutScalingPolicy", **TARGET, PolicyName="p", **POLICY)
    host.denied = {"cloudwatch:DeleteAlarms"}
    with pytest.raises(ServiceError, match=r"not authorized to perform: cloudwatch:DeleteAlarms on resource: .*-Alarm"):
        scale("DeregisterScalableTarget", **TARGET)
    assert scale("DescribeScalableTargets", ServiceNamespace="sagemaker")["ScalableTargets"]
    host.denied = set()
    scale("DeleteScalingPolicy", **TARGET, PolicyName="p")
    host.denied = {"cloudwatch:DeleteAlarms"}
    scale("DeregisterScalableTarget", **TARGET)  # it has no alarms any more


def test_tags_of_a_target(scale: Scale) -> None:
    arn = scale("RegisterScalableTarget", **TARGET, MinCapacity=1, MaxCapacity=2, Tags={"a": "1"})["ScalableTargetARN"]
    scale("TagResource", ResourceARN=arn, Tags={"b": "2"})
    scale("UntagResource", ResourceARN=arn, TagKeys=["a"])
    assert scale("ListTagsForResource", ResourceARN=arn)["Tags"] == {"b": "2"}


def test_needs_permission_on_the_target(scale: Scale, host: FakeHost) -> None:
    host.denied = {"application-autoscaling:RegisterScalableTarget"}
    with pytest.raises(ServiceError, match=r"RegisterScalableTarget on resource: .*:scalable-target/"):
        scale("RegisterScalableTarget", **TARGET, MinCapacity=1, MaxCapacity=2)
    context = host.checked[-1][3]
    assert context["application-autoscaling:service-namespace"] == "sagemaker"
    with pytest.raises(ServiceError, match="PutScheduledAction is not provided"):
        scale("PutScheduledAction")
