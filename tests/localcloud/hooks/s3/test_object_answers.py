"""What S3 tells of objects: their defaults, lists of them, and errors about them.

Recorded by localstack/localstack, tests/aws/services/s3/test_s3_api.snapshot.json and
test_s3_list_operations.snapshot.json (Apache-2.0); check values of the algorithms: RFC 3720 and NVM Express.
"""

import base64
import uuid
import zlib
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.console import Running
from localcloud.hooks.s3.bucket_settings import in_one_range
from localcloud.hooks.s3.object_errors import told

CHECKED = b"123456789"
CRC32 = base64.b64encode(zlib.crc32(CHECKED).to_bytes(4, "big")).decode()
CRC64NVME = base64.b64encode(bytes.fromhex("AE8B14860A799888")).decode()


@pytest.mark.parametrize(
    ("code", "added"),
    [
        ("NoSuchBucket", "<BucketName>b</BucketName>"),
        ("NoSuchKey", "<Key>k/1</Key>"),
        ("NoSuchVersion", "<Key>k/1</Key><VersionId>v</VersionId>"),
        ("PreconditionFailed", "<Condition>If-Unmodified-Since</Condition>"),
        ("MethodNotAllowed", "<Method>GET</Method><ResourceType>DeleteMarker</ResourceType>"),
        ("AccessDenied", ""),
    ],
)
def test_an_error_names_what_it_is_about(code: str, added: str) -> None:
    error = f"<Error><Code>{code}</Code><Resource>/b/k/1</Resource></Error>"
    expected = f"<Error><Code>{code}</Code>{added}</Error>"
    assert told(error, "GET", "/b/k/1", {}, {"versionId": ["v"]}) == expected


@pytest.mark.parametrize("given", ["bytes=0-8", "bytes=1-", "bytes=-2"])
def test_a_range_that_s3_reads(given: str) -> None:
    assert in_one_range({"range": given, "host": "s3"}) == {"range": given, "host": "s3"}


@pytest.mark.parametrize("given", ["bytes=1-0", "bytes=-1-", "bytes=0-1,3-4", "0-1", "bytes=-"])
def test_a_range_that_s3_does_not_read_is_overlooked(given: str) -> None:
    assert in_one_range({"range": given, "host": "s3"}) == {"host": "s3"}


@pytest.fixture
def bucket(aws: Callable[..., Any]) -> str:
    name = f"answers-{uuid.uuid4().hex[:8]}"
    s3 = aws("s3")
    made = s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    assert made["BucketArn"] == f"arn:aws:s3:::{name}"
    return name


@pytest.mark.slow
def test_an_object_has_a_type_encryption_and_a_checksum(aws: Callable[..., Any], bucket: str) -> None:
    s3 = aws("s3")
    made = s3.put_object(Bucket=bucket, Key="k", Body=CHECKED)
    assert (made["ChecksumCRC32"], made["ChecksumType"], made["ServerSideEncryption"]) == (
        CRC32,
        "FULL_OBJECT",
        "AES256",
    )
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    assert copied["CopyObjectResult"]["ChecksumCRC32"] == CRC32
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert (head["ContentType"], head["ServerSideEncryption"]) == ("binary/octet-stream", "AES256")
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == (["CRC32"], "FULL_OBJECT")


@pytest.mark.slow
@pytest.mark.parametrize("body", [b"1", b"[1]", b'"a"', b'{"Entries": 1}'])
def test_an_object_that_is_json_is_no_parameter_of_a_refusal(aws: Callable[..., Any], body: bytes) -> None:
    with pytest.raises(ClientError) as refused:
        aws("s3").put_object(Bucket=f"absent-{uuid.uuid4().hex[:8]}", Key="k", Body=body)
    assert refused.value.response["Error"]["Code"] == "NoSuchBucket"


@pytest.mark.slow
def test_who_sends_no_checksum_gets_that_of_s3(running: Running, bucket: str) -> None:
    s3 = boto3.client(
        "s3",
        running.region,
        endpoint_url=running.endpoint,
        aws_access_key_id=running.account,
        aws_secret_access_key=running.secret,
        config=Config(request_checksum_calculation="when_required"),
    )
    made = s3.put_object(Bucket=bucket, Key="k", Body=CHECKED)
    assert made["ChecksumCRC64NVME"] == CRC64NVME


@pytest.mark.slow
def test_an_object_that_is_replaced_loses_its_tags(aws: Callable[..., Any], bucket: str) -> None:
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="team=a")
    assert s3.head_object(Bucket=bucket, Key="k")["TagCount"] == 1
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("put_bucket_versioning", {"VersioningConfiguration": {}}, "IllegalVersioningConfigurationException"),
        ("put_bucket_policy", {"Policy": "{}"}, "MalformedPolicy"),
        ("put_bucket_policy", {"Policy": "text"}, "MalformedPolicy"),
        ("put_bucket_tagging", {"Tagging": {"TagSet": [{"Key": "aws:a", "Value": ""}]}}, "InvalidTag"),
        ("put_object", {"Key": "k", "Tagging": "a=1&a=2"}, "InvalidArgument"),
        ("put_bucket_encryption", {"ServerSideEncryptionConfiguration": {"Rules": []}}, "MalformedXML"),
        ("list_objects_v2", {"ContinuationToken": "?"}, "InvalidArgument"),
        ("list_objects_v2", {"ContinuationToken": ""}, "InvalidArgument"),
        ("list_object_versions", {"VersionIdMarker": "v"}, "InvalidArgument"),
        ("delete_object", {"Key": "k", "VersionId": "none"}, "InvalidArgument"),
        ("delete_object", {"Key": "k", "BypassGovernanceRetention": True}, "InvalidArgument"),
    ],
)
def test_what_s3_refuses(
    aws: Callable[..., Any], bucket: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(aws("s3"), operation)(Bucket=bucket, **parameters)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_named(aws: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as refused:
        aws("s3").list_objects_v2(Bucket="not-there-at-all")
    error: Any = refused.value.response["Error"]
    assert error["BucketName"] == "not-there-at-all"


@pytest.mark.slow
def test_a_range_outside_of_an_object(aws: Callable[..., Any], bucket: str) -> None:
    aws("s3").put_object(Bucket=bucket, Key="k", Body=CHECKED)
    with pytest.raises(ClientError) as refused:
        aws("s3").get_object(Bucket=bucket, Key="k", Range="bytes=100-200")
    error: Any = refused.value.response["Error"]
    assert (error["Code"], error["ActualObjectSize"], error["RangeRequested"]) == ("InvalidRange", "9", "bytes=100-200")


@pytest.mark.slow
def test_a_block_of_public_access_has_four_switches(aws: Callable[..., Any], bucket: str) -> None:
    s3 = aws("s3")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }
