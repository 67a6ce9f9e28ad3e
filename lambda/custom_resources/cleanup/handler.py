"""Custom resources that act when their stack is deleted.

`Custom::EmptiedBucket` (`BucketName`) deletes every version of every object, so that the bucket can be deleted.
`Custom::EmptiedRegistry` (`ModelPackageGroupName`) deletes the versions of a model, so that the group can be deleted.
`Custom::EndpointEnd` (`EndpointName`) deletes an endpoint that a roll-out made, its configurations and its models. The
endpoint's log group (`LogGroupName`) goes with it if it says so (`LogGroupGoes`), and is the one thing that is made
before: with `KeyArn` and `RetentionInDays`, where SageMaker would make one without.
`Custom::InterfacesEnd` (`SecurityGroupId`) waits until no network interface is in a security group.
`Custom::StudioEnd` (`DomainId`, `SecurityGroupId`, `KeepsFiles`) ends the apps of a Studio domain, and deletes it.

A resource that leaves its template, or is replaced, deletes nothing: whoever makes an environment permanent keeps its
data.
"""

import logging
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3

from cleanup.bucket import empty_bucket
from cleanup.endpoint import Endpoint
from cleanup.interfaces import Network, await_none
from cleanup.missing import unless_missing
from cleanup.registry import empty_registry
from cleanup.studio import Studio, end_studio
from common import custom_resource
from common.custom_resource import CLIENT, Context, Request, Resource
from log_groups.groups import keep

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

STACK_GOES = {"DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"}

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

TimeLeft = Callable[[], bool]


@cache
def cloudformation() -> "CloudFormationClient":
    """Return the CloudFormation client of this execution environment."""
    return boto3.client("cloudformation", config=CLIENT)


@cache
def s3() -> "S3Client":
    """Return the S3 client of this execution environment."""
    return boto3.client("s3", config=CLIENT)


@cache
def sagemaker() -> "SageMakerClient":
    """Return the SageMaker client of this execution environment."""
    return boto3.client("sagemaker", config=CLIENT)


@cache
def logs() -> "CloudWatchLogsClient":
    """Return the CloudWatch Logs client of this execution environment."""
    return boto3.client("logs", config=CLIENT)


@cache
def ec2() -> Network:
    """Return the EC2 client of this execution environment."""
    client: Network = boto3.client("ec2", config=CLIENT)
    return client


@cache
def autoscaling() -> "ApplicationAutoScalingClient":
    """Return the Application Auto Scaling client of this execution environment."""
    return boto3.client("application-autoscaling", config=CLIENT)


def on_bucket(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation for `Custom::EmptiedBucket`."""
    _answer(event, context, "BucketName", partial(empty_bucket, s3()))


def on_registry(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation for `Custom::EmptiedRegistry`."""
    _answer(event, context, "ModelPackageGroupName", partial(empty_registry, sagemaker()))


def on_endpoint(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation for `Custom::EndpointEnd`."""
    properties = event["ResourceProperties"]
    group = properties.get("LogGroupName", "")

    def make() -> None:
        if group:
            keep(logs(), group, key=properties["KeyArn"], days=int(properties["RetentionInDays"]))

    def end(endpoint: str, time_left: TimeLeft) -> None:
        Endpoint(endpoint, sagemaker(), autoscaling()).end(time_left)
        if group and properties.get("LogGroupGoes") != "false":
            unless_missing(partial(logs().delete_log_group, logGroupName=group))

    _answer(event, context, "EndpointName", end, make)


def on_network(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation for `Custom::InterfacesEnd`."""
    _answer(event, context, "SecurityGroupId", partial(await_none, ec2()))


def on_studio(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation for `Custom::StudioEnd`."""

    def end(_: str, time_left: TimeLeft) -> None:
        end_studio(Studio.of(event["ResourceProperties"]), sagemaker(), ec2(), time_left)

    _answer(event, context, "DomainId", end)


def _answer(
    event: Mapping[str, Any],
    context: Context,
    name: str,
    clean: Callable[[str, TimeLeft], None],
    make: Callable[[], None] = lambda: None,
) -> None:
    def act(request: Request) -> Resource:
        if request.type == "Delete" and not request.properties.get(name):
            return Resource(request.logical_id)  # its creation failed for that
        subject = request.text(name)
        if request.type == "Delete" and _stack_goes(event["StackId"]):
            clean(subject, lambda: request.seconds_left() > 0)
        if request.type != "Delete":
            make()
        return Resource(subject)

    custom_resource.answer(event, context, act, logger.error)


def _stack_goes(stack: str) -> bool:
    (shown,) = cloudformation().describe_stacks(StackName=stack)["Stacks"]
    return shown["StackStatus"] in STACK_GOES
