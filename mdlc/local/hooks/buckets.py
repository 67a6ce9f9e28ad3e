"""S3 of MiniStack, where its CloudFormation is kinder than AWS."""

from typing import Any

from ministack.services import s3
from ministack.services.cloudformation import provisioners


def keep_filled_buckets() -> None:
    """Let CloudFormation fail to delete a bucket that holds objects, as AWS does."""
    delete = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["delete"]

    def refuse_or_delete(physical_id: str, properties: dict[str, Any]) -> None:
        bucket = s3._buckets.get(physical_id) or {}
        versions = any(key[0] == physical_id and held for key, held in s3._object_versions.items())
        if bucket.get("objects") or versions:
            raise ValueError("The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
        delete(physical_id, properties)

    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["delete"] = refuse_or_delete
