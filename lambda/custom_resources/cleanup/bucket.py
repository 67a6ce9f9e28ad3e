"""Empties a bucket, so that it can be deleted."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from common.custom_resource import Failure

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import DeleteMarkerEntryTypeDef, ObjectVersionTypeDef

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def empty_bucket(s3: "S3Client", bucket: str, time_left: Callable[[], bool]) -> None:
    """Delete all versions and delete markers; `Failure` says what is left."""
    deleted = 0
    try:
        while found := _first_versions(s3, bucket):
            if not time_left():
                raise Failure(
                    f"{deleted} object versions of {bucket} are deleted and more are left: delete the stack again."
                )
            answer = s3.delete_objects(
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


def _first_versions(s3: "S3Client", bucket: str) -> "list[ObjectVersionTypeDef | DeleteMarkerEntryTypeDef]":
    """List the first page anew: a marker to go on from would be gone with the objects."""
    page = s3.list_object_versions(Bucket=bucket)
    return [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
