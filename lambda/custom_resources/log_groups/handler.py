"""The custom resource `Custom::LogGroups`: log groups that SageMaker would make for all jobs and apps of an account.

Properties: `Names`, separated by commas, `KeyArn` and `RetentionInDays`. The groups are the account's, so that they
stay when the resource goes; its key may go with it, and is taken from them.
"""

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from common import custom_resource
from common.custom_resource import CLIENT, Context, Failure, Request, Resource
from log_groups.groups import keep, let_go

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

KEPT = "log-groups-of-sagemaker"
"""Physical id of what was made: one whose creation failed has another."""

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


@cache
def logs() -> "CloudWatchLogsClient":
    """Return the CloudWatch Logs client of this execution environment."""
    return boto3.client("logs", config=CLIENT)


def on_event(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation."""
    custom_resource.answer(event, context, _act, logger.error)


def _act(request: Request) -> Resource:
    key, names = request.text("KeyArn"), request.text("Names").split(",")
    for name in names:
        if request.seconds_left() < 0:
            raise Failure(f"The log group {name} and those after it were not reached: try again.")
        if request.type != "Delete":
            keep(logs(), name, key=key, days=int(request.text("RetentionInDays")))
            continue
        try:
            let_go(logs(), name, key=key)
        except ClientError as error:
            if request.physical_id == KEPT:
                raise
            logger.warning("%s was never kept, and cannot be looked at: %s", name, error)  # its creation failed
    return Resource(KEPT)
