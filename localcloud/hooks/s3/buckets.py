"""S3 of MiniStack, where its CloudFormation is kinder than AWS."""

from typing import Any

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from localcloud.hooks.stacks import cloudformation

MADE = 200
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def keep_filled_buckets() -> None:
    """Let CloudFormation fail to delete a bucket that holds objects, as AWS does."""
    delete = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["delete"]

    def refuse_or_delete(physical_id: str, properties: dict[str, Any]) -> None:
        bucket = s3._buckets.get(physical_id) or {}
        if bucket.get("objects") or s3._bucket_has_versions(physical_id):
            raise ValueError("The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
        delete(physical_id, properties)

    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["delete"] = refuse_or_delete


def keep_tags() -> None:
    """Give a bucket the tags of its template, which say for one whether it may be emptied."""

    def tag(bucket: str, properties: dict[str, Any]) -> dict[str, Any]:
        s3._bucket_tags[bucket] = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", ())}
        return {}

    cloudformation.after("AWS::S3::Bucket", tag)


def tell_every_block() -> None:
    """Tell all four switches of a block of public access; one that was not given is off."""
    block = s3._get_public_access_block

    def told(name: str) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = block(name)
        text = body.decode() if isinstance(body, bytes) else body
        end = "</PublicAccessBlockConfiguration>"
        absent = "".join(f"<{switch}>false</{switch}>" for switch in SWITCHES if f"<{switch}>" not in text)
        return status, headers, text.replace(end, absent + end).encode()

    s3._get_public_access_block = told


def tell_arns() -> None:
    """Tell the ARN of a bucket that is made."""
    create = s3._create_bucket

    def created(name: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = create(name, *arguments, **named)
        if status == MADE:
            headers["x-amz-bucket-arn"] = f"arn:aws:s3:::{name}"
        return status, headers, body

    s3._create_bucket = created
