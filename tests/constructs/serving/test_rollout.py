"""The roll-out's surroundings: who starts it, what it may do, and what it is told."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Match, Template

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings
from ml_constructs.jobs.job import JobSettings
from ml_constructs.network.closed_network import Placement
from ml_constructs.serving.rollout import CANARY_PERCENT_LIMIT, LONGEST_WAIT_SECONDS, Canary, EndpointRollout, Fleet
from rollout.settings import CANARY_PERCENT, WAIT_SECONDS, Settings

FLEET = Fleet(instance_type="ml.m5.large", instance_count=1, minimum=1, maximum=2, invocations_per_instance=1000)
CANARY = Canary(percent=10, wait=cdk.Duration.minutes(5), termination_wait=cdk.Duration.minutes(2))


@pytest.fixture
def rollout(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, placement: Placement, logs: LogSettings
) -> EndpointRollout:
    return EndpointRollout(
        stack,
        "Fraud",
        endpoint_name="dev-fraud",
        group=sagemaker.CfnModelPackageGroup(stack, "Models", model_package_group_name="fraud-models"),
        settings=settings,
        models=folder,
        fleet=FLEET,
        canary=CANARY,
        functions=FunctionSettings(logs=logs, placement=placement),
    )


def function(stack: cdk.Stack) -> dict[str, Any]:
    (found,) = (
        Template.from_stack(stack)
        .find_resources("AWS::Lambda::Function", {"Properties": {"Handler": "rollout.handler.on_event"}})
        .values()
    )
    result: dict[str, Any] = found["Properties"]
    return result


@pytest.mark.usefixtures("rollout")
def test_the_function_understands_its_environment(stack: cdk.Stack) -> None:
    variables = function(stack)["Environment"]["Variables"]
    given = {name: value if isinstance(value, str) else "token" for name, value in variables.items()}
    settings = Settings.of_environment(given)
    assert settings.endpoint == "dev-fraud"
    assert settings.package_group == "fraud-models"
    assert settings.variant == "AllTraffic"
    assert (settings.canary_percent, settings.canary_wait_seconds, settings.termination_wait_seconds) == (10, 300, 120)
    assert (settings.instance_type, settings.instance_count) == ("ml.m5.large", 1)
    assert (settings.min_capacity, settings.max_capacity, settings.invocations_per_instance) == (1, 2, 1000)
    assert {"g5", "m5d"} <= {*settings.local_storage}
    assert "m5" not in settings.local_storage
    assert settings.subnets == ("subnet-1", "subnet-2")
    assert settings.security_groups == ("sg-1",)


@pytest.mark.usefixtures("rollout")
@pytest.mark.parametrize(
    ("detail_type", "detail"),
    [
        ("SageMaker Model Package State Change", {"ModelPackageGroupName": ["fraud-models"]}),
        ("SageMaker Endpoint State Change", {"EndpointName": ["dev-fraud"]}),
    ],
)
def test_events_of_the_group_and_of_the_endpoint_start_it(
    detail_type: str, detail: dict[str, Any], stack: cdk.Stack
) -> None:
    Template.from_stack(stack).has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {"source": ["aws.sagemaker"], "detail-type": [detail_type], "detail": detail},
            "State": "ENABLED",
            "Targets": [Match.object_like({"DeadLetterConfig": Match.any_value(), "RetryPolicy": Match.any_value()})],
        },
    )


@pytest.mark.usefixtures("rollout")
def test_every_hour_starts_it(stack: cdk.Stack) -> None:
    delivered = Match.object_like({"DeadLetterConfig": Match.any_value(), "RetryPolicy": Match.any_value()})
    Template.from_stack(stack).has_resource_properties(
        "AWS::Events::Rule", {"ScheduleExpression": "rate(1 hour)", "State": "ENABLED", "Targets": [delivered]}
    )


@pytest.mark.usefixtures("rollout")
def test_no_event_is_lost(stack: cdk.Stack) -> None:
    assert "DeadLetterConfig" in function(stack)
    Template.from_stack(stack).has_resource_properties(
        "AWS::SQS::Queue", {"SqsManagedSseEnabled": True, "MessageRetentionPeriod": 14 * 24 * 3600}
    )


@pytest.mark.usefixtures("rollout")
def test_the_alarm_watches_server_errors_of_the_variant(stack: cdk.Stack) -> None:
    Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "Namespace": "AWS/SageMaker",
            "MetricName": "Invocation5XXErrors",
            "Dimensions": [
                {"Name": "EndpointName", "Value": "dev-fraud"},
                {"Name": "VariantName", "Value": "AllTraffic"},
            ],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    )


@pytest.mark.usefixtures("rollout")
def test_the_endpoint_is_not_cloudformations_and_goes_after_the_rules(stack: cdk.Stack) -> None:
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::SageMaker::Endpoint", 0)
    ((end, _),) = template.find_resources("Custom::EndpointEnd").items()
    for rule in template.find_resources("AWS::Events::Rule").values():
        assert end in rule["DependsOn"]


def test_the_model_reads_its_archives_and_writes_nothing(stack: cdk.Stack, rollout: EndpointRollout) -> None:
    logical_id = stack.get_logical_id(rollout.model_role.node.default_child)  # type: ignore[arg-type] # the role's resource
    actions = {
        action
        for policy in Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
        if {"Ref": logical_id} in policy["Properties"]["Roles"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert {action for action in actions if action.startswith("s3:")} == {"s3:GetObject", "s3:ListBucket"}
    assert not {action for action in actions if action.startswith(("sagemaker:", "iam:"))}


def test_asking_is_granted_for_this_endpoint(stack: cdk.Stack, rollout: EndpointRollout) -> None:
    rollout.grant_invoke(iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal()))
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": [
                    {
                        "Action": "sagemaker:InvokeEndpoint",
                        "Effect": "Allow",
                        "Resource": "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/dev-fraud",
                    }
                ]
            }
        },
    )


@pytest.mark.parametrize("percent", [0, 51])
def test_a_canary_is_the_smaller_part(percent: int) -> None:
    with pytest.raises(ValueError, match=f"A canary takes 1 to 50 percent of the capacity, not {percent}."):
        Canary(percent=percent, wait=cdk.Duration.minutes(1), termination_wait=cdk.Duration.minutes(1))


def test_the_construct_and_its_function_have_the_same_limits() -> None:
    """Each states them, since no construct imports an asset. Source: SageMaker API, "BlueGreenUpdatePolicy"."""
    assert CANARY_PERCENT[-1] == CANARY_PERCENT_LIMIT == 50
    assert WAIT_SECONDS[-1] == LONGEST_WAIT_SECONDS == 3600
