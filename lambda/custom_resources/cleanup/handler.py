"""Custom resources that act when their stack is deleted, and never otherwise.

`Custom::EmptiedBucket` (`BucketName`) deletes every version of every object, so that the bucket can be deleted.
`Custom::EmptiedRegistry` (`ModelPackageGroupName`) deletes the versions of a model, so that the group can be deleted.
`Custom::EndpointEnd` (`EndpointName`) deletes an endpoint that a roll-out made, its configurations and its models, and
the log group that SageMaker made for it, if it is named (`LogGroupName`).
`Custom::StudioEnd` (`DomainId`, `SecurityGroupId`, `KeepsFiles`) ends the apps of a Studio domain, and deletes it.

A resource that leaves its template, or is replaced, deletes nothing: whoever makes an environment permanent keeps its
data.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from cleanup.studio import Network, Studio, end_studio
from common import custom_resource
from common.custom_resource import CLIENT, Context, Failure, Request, Resource

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import DeleteMarkerEntryTypeDef, ObjectVersionTypeDef
    from mypy_boto3_sagemaker import SageMakerClient

STACK_GOES = {"DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"}
POLL_SECONDS = 2.0

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
    _answer(event, context, "BucketName", empty_bucket)


def on_registry(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation for `Custom::EmptiedRegistry`."""
    _answer(event, context, "ModelPackageGroupName", empty_registry)


def on_endpoint(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation for `Custom::EndpointEnd`."""
    group = event["ResourceProperties"].get("LogGroupName", "")

    def end(endpoint: str, time_left: TimeLeft) -> None:
        end_endpoint(endpoint, time_left)
        if group:
            _unless_missing(partial(logs().delete_log_group, logGroupName=group))

    _answer(event, context, "EndpointName", end)


def on_studio(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation for `Custom::StudioEnd`."""

    def end(_: str, time_left: TimeLeft) -> None:
        end_studio(Studio.of(event["ResourceProperties"]), sagemaker(), ec2(), time_left)

    _answer(event, context, "DomainId", end)


def empty_bucket(bucket: str, time_left: TimeLeft) -> None:
    """Delete all versions and delete markers; `Failure` says what is left."""
    deleted = 0
    try:
        while found := _first_versions(bucket):
            if not time_left():
                raise Failure(
                    f"{deleted} object versions of {bucket} are deleted and more are left: delete the stack again."
                )
            answer = s3().delete_objects(
                Bucket=bucket,
                Delete={
                    "Objects": [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found],
                    "Quiet": True,
                },
            )
            if errors := answer.get("Errors"):
                first = errors[0]
                raise Failure(f"{first.get('Key')} in {bucket} cannot be deleted: {first.get('Message')}.")
            deleted += len(found)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
    logger.info("%d object versions of %s are deleted", deleted, bucket)


def _first_versions(bucket: str) -> "list[ObjectVersionTypeDef | DeleteMarkerEntryTypeDef]":
    """List the first page anew: a marker to go on from would be gone with the objects."""
    page = s3().list_object_versions(Bucket=bucket)
    return [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]


def empty_registry(group: str, time_left: TimeLeft) -> None:
    """Delete all versions of the model package group; `Failure` says what is left."""
    try:
        pages = list(sagemaker().get_paginator("list_model_packages").paginate(ModelPackageGroupName=group))
    except ClientError as error:
        if not _missing(error):
            raise
        return
    packages = [package["ModelPackageArn"] for page in pages for package in page["ModelPackageSummaryList"]]
    for done, package in enumerate(packages):
        if not time_left():
            raise Failure(f"{len(packages) - done} versions of {group} are left: delete the stack again.")
        _unless_missing(partial(sagemaker().delete_model_package, ModelPackageName=package))
    logger.info("%d versions of %s are deleted", len(packages), group)


def end_endpoint(endpoint: str, time_left: TimeLeft) -> None:
    """Delete the endpoint, wait until it is gone, then delete its configurations and models."""
    _unregister(endpoint)
    while _exists(endpoint):
        if not time_left():
            raise Failure(f"The endpoint {endpoint} is still being deleted: delete the stack again in some minutes.")
        _request_deletion(endpoint)
        time.sleep(POLL_SECONDS)
    for delete in _left_behind(f"{endpoint}-v"):
        if not time_left():
            raise Failure(f"Configurations and models of {endpoint} are left: delete the stack again.")
        _unless_missing(delete)


def _left_behind(prefix: str) -> Iterator[Callable[[], object]]:
    """Yield what deletes each configuration and each model of an endpoint."""
    for configs in sagemaker().get_paginator("list_endpoint_configs").paginate(NameContains=prefix):
        for config in configs["EndpointConfigs"]:
            if (name := config["EndpointConfigName"]).startswith(prefix):
                yield partial(sagemaker().delete_endpoint_config, EndpointConfigName=name)
    for models in sagemaker().get_paginator("list_models").paginate(NameContains=prefix):
        for model in models["Models"]:
            if (name := model["ModelName"]).startswith(prefix):
                yield partial(sagemaker().delete_model, ModelName=name)


def _answer(event: Mapping[str, Any], context: Context, name: str, clean: Callable[[str, TimeLeft], None]) -> None:
    def act(request: Request) -> Resource:
        if request.type == "Delete" and not request.properties.get(name):
            return Resource(request.logical_id)  # its creation failed for that
        subject = request.text(name)
        if request.type == "Delete" and _stack_goes(event["StackId"]):
            clean(subject, lambda: request.seconds_left() > 0)
        return Resource(subject)

    custom_resource.answer(event, context, act, logger.error)


def _stack_goes(stack: str) -> bool:
    (shown,) = cloudformation().describe_stacks(StackName=stack)["Stacks"]
    return shown["StackStatus"] in STACK_GOES


def _exists(endpoint: str) -> bool:
    try:
        sagemaker().describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if not _missing(error):
            raise
        return False
    return True


def _request_deletion(endpoint: str) -> None:
    """Ask for the deletion; SageMaker refuses while the endpoint is being updated, and then it is asked again."""
    try:
        sagemaker().delete_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise


def _unregister(endpoint: str) -> None:
    """Take the endpoint's variants out of Application Auto Scaling."""
    try:
        shown = sagemaker().describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if not _missing(error):
            raise
        return
    for variant in shown.get("ProductionVariants", ()):
        try:
            autoscaling().deregister_scalable_target(
                ServiceNamespace="sagemaker",
                ResourceId=f"endpoint/{endpoint}/variant/{variant['VariantName']}",
                ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ObjectNotFoundException":
                raise


def _unless_missing(delete: Callable[[], object]) -> None:
    try:
        delete()
    except ClientError as error:
        if not _missing(error):
            raise


def _missing(error: ClientError) -> bool:
    """Say whether a service does not know the resource: SageMaker has no code of its own for that."""
    said, message = error.response["Error"]["Code"], error.response["Error"]["Message"].lower()
    return said in {"ResourceNotFound", "ResourceNotFoundException"} or (
        said == "ValidationException" and ("could not find" in message or "does not exist" in message)
    )
