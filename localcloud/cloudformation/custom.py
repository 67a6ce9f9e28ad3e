"""Custom resources of the CDK whose provider is a Node function: what they do, done here."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from localcloud import clients
from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

AUTO_DELETE_TAG = "aws-cdk:auto-delete-objects"


class AutoDeleteObjects:
    """`Custom::S3AutoDeleteObjects`: empties a bucket before it is deleted, as its tag allows."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Nothing to do until the bucket goes."""
        del logical_id, stack
        return str(properties["BucketName"]), {}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Another bucket is another resource: the old one is emptied when CloudFormation deletes it."""
        del physical_id, old
        return self.create(logical_id, new, stack)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Delete every version of every object."""
        del properties
        s3 = clients.s3(*identity.request_scope())
        try:
            tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=physical_id)["TagSet"]}
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchBucket", "NoSuchTagSet"}:
                return  # gone, or no longer to be emptied
            raise
        if tags.get(AUTO_DELETE_TAG) != "true":
            return
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=physical_id):
            versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if versions:
                objects: list[ObjectIdentifierTypeDef] = [
                    {"Key": v["Key"], "VersionId": v["VersionId"]} for v in versions
                ]
                s3.delete_objects(Bucket=physical_id, Delete={"Objects": objects, "Quiet": True})


def register() -> None:
    """Let CloudFormation run these instead of their Node functions."""
    cloudformation.register("Custom::S3AutoDeleteObjects", AutoDeleteObjects(), replacing=())
