"""Writes of objects under a condition.

User guide of S3, "How to prevent object overwrites with conditional writes"; recorded by localstack/localstack,
tests/aws/services/s3/test_s3_api.snapshot.json, TestS3ObjectWritePrecondition (Apache-2.0).
"""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.hooks.s3.object_conditions import source_refusal, write_refusal

FOUND = {"etag": '"abc"', "last_modified": "2026-01-02T03:04:05.000Z"}
FAILED, CONFLICT = "PreconditionFailed", "ConditionalRequestConflict"


@pytest.mark.parametrize(
    ("headers", "found", "status", "told"),
    [
        ({}, FOUND, 0, ""),
        ({"if-none-match": "*"}, None, 0, ""),
        ({"if-none-match": "*"}, FOUND, 412, "<Condition>If-None-Match</Condition>"),
        ({"if-none-match": '"abc"'}, FOUND, 501, "<Header>If-None-Match</Header>"),
        ({"if-match": "abc"}, FOUND, 0, ""),
        ({"if-match": '"abd"'}, FOUND, 412, "<Condition>If-Match</Condition>"),
        ({"if-match": "abc"}, None, 404, "<Code>NoSuchKey</Code>"),
        ({"if-match": "*"}, FOUND, 501, "<Header>If-Match</Header>"),
        ({"if-match": "abc", "if-none-match": "*"}, FOUND, 501, "<Header>If-Match,If-None-Match</Header>"),
    ],
)
def test_a_write(headers: dict[str, str], found: dict[str, str] | None, status: int, told: str) -> None:
    refusal = write_refusal(headers, found)
    if not status:
        assert refusal is None
        return
    assert refusal[0] == status
    assert told in refusal[2].decode()


@pytest.mark.parametrize(
    ("condition", "value", "failed"),
    [
        ("if-match", "abc", ""),
        ("if-match", "abd", "If-Match"),
        ("if-none-match", "abc", "If-None-Match"),
        ("if-none-match", "abd", ""),
        ("if-unmodified-since", "Fri, 02 Jan 2026 03:04:04 GMT", "If-Unmodified-Since"),
        ("if-unmodified-since", "Fri, 02 Jan 2026 03:04:05 GMT", ""),
        ("if-modified-since", "Fri, 02 Jan 2026 03:04:05 GMT", "If-Modified-Since"),
        ("if-modified-since", "Fri, 02 Jan 2026 03:04:04 GMT", ""),
    ],
)
def test_the_source_of_a_copy(condition: str, value: str, failed: str) -> None:
    refusal = source_refusal({f"x-amz-copy-source-{condition}": value}, FOUND)
    if not failed:
        assert refusal is None
        return
    assert f"<Condition>x-amz-copy-source-{failed}</Condition>" in refusal[2].decode()


def test_a_time_that_is_to_come_is_overlooked() -> None:
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert source_refusal({"x-amz-copy-source-if-modified-since": tomorrow}, FOUND) is None


@pytest.mark.slow
def test_a_copy_sees_what_is_there(aws: Callable[..., Any]) -> None:
    s3, bucket = aws("s3"), _bucket(aws)
    s3.put_object(Bucket=bucket, Key="source", Body=b"new")
    copy = {"Bucket": bucket, "CopySource": f"{bucket}/source", "Key": "target"}
    s3.copy_object(**copy, IfNoneMatch="*")
    with pytest.raises(ClientError) as refused:
        s3.copy_object(**copy, IfNoneMatch="*")
    assert refused.value.response["Error"] == {
        "Code": FAILED,
        "Message": "At least one of the pre-conditions you specified did not hold",
        "Condition": "If-None-Match",
    }
    with pytest.raises(ClientError, match="pre-conditions"):
        s3.copy_object(**copy, IfMatch='"other"')


@pytest.mark.slow
@pytest.mark.parametrize("change", ["the same again", "deletion"])
def test_an_upload_in_parts_sees_what_changed_since_it_began(aws: Callable[..., Any], change: str) -> None:
    s3, key = aws("s3"), {"Bucket": _bucket(aws), "Key": "k"}
    etag = s3.put_object(**key, Body=b"first")["ETag"]
    upload = s3.create_multipart_upload(**key)["UploadId"]
    part = s3.upload_part(**key, UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    if change == "deletion":
        s3.delete_object(**key)
        condition = {"IfNoneMatch": "*"}
    else:
        s3.put_object(**key, Body=b"first")
        condition = {"IfMatch": etag}
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    with pytest.raises(ClientError) as refused:
        s3.complete_multipart_upload(**key, UploadId=upload, MultipartUpload=parts, **condition)
    assert refused.value.response["Error"]["Code"] == CONFLICT
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    s3.complete_multipart_upload(**key, UploadId=upload, MultipartUpload=parts)


def _bucket(aws: Callable[..., Any]) -> str:
    name = f"conditions-{uuid.uuid4().hex[:8]}"
    s3 = aws("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    return name


@pytest.mark.slow
def test_a_bucket_that_asks_for_conditional_writes_refuses_all_others(
    aws: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    """User guide of S3, "Enforce conditional writes on Amazon S3 buckets": its first example, as a denial."""
    s3, bucket = acting("s3"), _bucket(aws)
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/versions/*",
        "Condition": {
            "Null": {"s3:if-none-match": "true"},
            "BoolIfExists": {"s3:ObjectCreationOperation": "true"},
        },
    }
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denial]}))
    key = {"Bucket": bucket, "Key": "versions/v1"}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(**key, Body=b"first")
    s3.put_object(**key, Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(**key, Body=b"second", IfNoneMatch="*")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.copy_object(**key, CopySource=f"{bucket}/versions/v1", MetadataDirective="REPLACE")
    s3.put_object(Bucket=bucket, Key="elsewhere", Body=b"as ever")


@pytest.mark.slow
def test_an_upload_in_parts_is_judged_where_it_ends(aws: Callable[..., Any], acting: Callable[..., Any]) -> None:
    s3, bucket = acting("s3"), _bucket(aws)
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}},
    }
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denial]}))
    key = {"Bucket": bucket, "Key": "large"}
    upload = s3.create_multipart_upload(**key)["UploadId"]
    part = s3.upload_part(**key, UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.complete_multipart_upload(**key, UploadId=upload, MultipartUpload=parts)
    s3.complete_multipart_upload(**key, UploadId=upload, MultipartUpload=parts, IfNoneMatch="*")
