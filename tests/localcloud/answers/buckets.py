"""Buckets and objects."""

from typing import Any

from tests.localcloud.answers.case import PRESENT, Call, Case, call, refuses, shows
from tests.localcloud.answers.sources import (
    OF_S3,
    RECORDED,
)

S3 = RECORDED + "s3/test_s3.snapshot.json: "

BUCKET = call("s3.CreateBucket", Bucket="<id>", CreateBucketConfiguration={"LocationConstraint": "<region>"})


def put(key: str = "k", body: bytes = b"hello", **more: Any) -> Call:
    return call("s3.PutObject", Bucket="<id>", Key=key, Body=body, **more)


def get(key: str = "k", **more: Any) -> Call:
    return call("s3.GetObject", Bucket="<id>", Key=key, **more)


VERSIONED = call("s3.PutBucketVersioning", Bucket="<id>", VersioningConfiguration={"Status": "Enabled"})

UPLOAD = call("s3.CreateMultipartUpload", Bucket="<id>", Key="k")


def part(number: int, body: bytes) -> Call:
    return call("s3.UploadPart", Bucket="<id>", Key="k", UploadId="<1.UploadId>", PartNumber=number, Body=body)


def complete(*parts: tuple[int, str]) -> Call:
    listed = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
    return call(
        "s3.CompleteMultipartUpload",
        Bucket="<id>",
        Key="k",
        UploadId="<1.UploadId>",
        MultipartUpload={"Parts": listed},
    )


BUCKETS = (
    refuses(
        "get an object that is not there",
        S3 + "test_range_key_not_exists: NoSuchKey, The specified key does not exist.",
        "NoSuchKey",
        r"^The specified key does not exist\.$",
        BUCKET,
        get(),
    ),
    refuses(
        "head a bucket that is not there",
        S3 + "test_create_bucket_head_bucket: 404, Not Found",
        "404",
        "^Not Found$",
        call("s3.HeadBucket", Bucket="<id>"),
    ),
    refuses(
        "a bucket that is mine already",
        S3
        + "test_create_bucket_with_existing_name: BucketAlreadyOwnedByYou, Your previous request to create the named "
        "bucket succeeded and you already own it.",
        "BucketAlreadyOwnedByYou",
        "^Your previous request to create the named bucket succeeded and you already own it",
        BUCKET,
        BUCKET,
    ),
    refuses(
        "a bucket named in capitals",
        S3 + "test_s3_uppercase_bucket_name: InvalidBucketName, The specified bucket is not valid.",
        "InvalidBucketName",
        "^The specified bucket is not valid",
        call("s3.CreateBucket", Bucket="Bucket-<id>", CreateBucketConfiguration={"LocationConstraint": "<region>"}),
    ),
    refuses(
        "no policy of a bucket",
        RECORDED + "s3/test_s3_api.snapshot.json: test_get_bucket_policy: NoSuchBucketPolicy, The bucket policy does "
        "not exist",
        "NoSuchBucketPolicy",
        "^The bucket policy does not exist$",
        BUCKET,
        call("s3.GetBucketPolicy", Bucket="<id>"),
    ),
    refuses(
        "no lifecycle of a bucket",
        S3 + "test_delete_bucket_lifecycle_configuration: NoSuchLifecycleConfiguration, The lifecycle configuration "
        "does not exist",
        "NoSuchLifecycleConfiguration",
        "^The lifecycle configuration does not exist$",
        BUCKET,
        call("s3.GetBucketLifecycleConfiguration", Bucket="<id>"),
    ),
    refuses(
        "no replication of a bucket",
        S3 + "test_replication_config: ReplicationConfigurationNotFoundError, The replication configuration was not "
        "found",
        "ReplicationConfigurationNotFoundError",
        "^The replication configuration was not found$",
        BUCKET,
        call("s3.GetBucketReplication", Bucket="<id>"),
    ),
    refuses(
        "no website of a bucket",
        S3
        + "test_crud_website_configuration: NoSuchWebsiteConfiguration, The specified bucket does not have a website "
        "configuration",
        "NoSuchWebsiteConfiguration",
        "^The specified bucket does not have a website configuration$",
        BUCKET,
        call("s3.GetBucketWebsite", Bucket="<id>"),
    ),
    refuses(
        "a checksum that is wrong",
        S3 + "test_put_object_checksum[SHA256]: BadDigest, The SHA256 you specified did not match the calculated "
        "checksum.",
        "BadDigest",
        "^The SHA256 you specified did not match the calculated checksum",
        BUCKET,
        put(ChecksumSHA256="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ),
    refuses(
        "an MD5 that is none",
        S3 + "test_s3_invalid_content_md5: InvalidDigest, The Content-MD5 you specified was invalid.",
        "InvalidDigest",
        "^The Content-MD5 you specified was invalid",
        BUCKET,
        put(ContentMD5="__invalid__"),
    ),
    refuses(
        "an object only if it is another",
        S3 + "test_precondition_failed_error: PreconditionFailed, At least one of the pre-conditions you specified did "
        "not hold",
        "PreconditionFailed",
        "^At least one of the pre-conditions you specified did not hold$",
        BUCKET,
        put(),
        get(IfMatch='"other"'),
    ),
    refuses(
        "an object only if it is not this one",
        RECORDED + "s3/test_s3_api.snapshot.json: test_s3_get_object_preconditions[get_object]: 304, Not Modified",
        "304",
        "^Not Modified$",
        BUCKET,
        put(),
        get(IfNoneMatch="<1.ETag>"),
    ),
    refuses(
        "write only what is not there yet",
        "Amazon S3 user guide, How to prevent object overwrites with conditional writes: If-None-Match * … returns a "
        "412 Precondition Failed",
        "PreconditionFailed",
        "^At least one of the pre-conditions you specified did not hold$",
        BUCKET,
        put(),
        put(IfNoneMatch="*"),
    ),
    refuses(
        "parts out of order",
        S3 + "test_complete_multipart_parts_order: InvalidPartOrder, The list of parts was not in ascending order.",
        "InvalidPartOrder",
        "^The list of parts was not in ascending order",
        BUCKET,
        UPLOAD,
        part(1, b"a" * 5242880),
        part(2, b"b"),
        complete((2, "<3.ETag>"), (1, "<2.ETag>")),
    ),
    refuses(
        "a first part that is too small",
        RECORDED + "s3/test_s3_api.snapshot.json: test_multipart_complete_multipart_too_small: EntityTooSmall, Your "
        "proposed upload is smaller than the minimum allowed size",
        "EntityTooSmall",
        "^Your proposed upload is smaller than the minimum allowed size$",
        BUCKET,
        UPLOAD,
        part(1, b"a"),
        part(2, b"b"),
        complete((1, "<2.ETag>"), (2, "<3.ETag>")),
    ),
    refuses(
        "a part that was not uploaded",
        RECORDED + "s3/test_s3_api.snapshot.json: test_multipart_complete_multipart_wrong_part: InvalidPart, One or "
        "more of the specified parts could not be found.",
        "InvalidPart",
        "^One or more of the specified parts could not be found",
        BUCKET,
        UPLOAD,
        part(1, b"a"),
        complete((2, "<2.ETag>")),
    ),
    refuses(
        "a range beyond the object",
        S3 + "test_range_header_body_length and its kin: InvalidRange, The requested range is not satisfiable",
        "InvalidRange",
        "^The requested range is not satisfiable$",
        BUCKET,
        put(),
        get(Range="bytes=1024-4096"),
    ),
    refuses(
        "a key that encrypts nothing",
        S3 + "test_s3_sse_validate_kms_key: KMS.NotFoundException, Invalid keyId 'fake-key-id'",
        "KMS.NotFoundException",
        "^Invalid keyId 'fake-key-id'$",
        BUCKET,
        put(ServerSideEncryption="aws:kms", SSEKMSKeyId="fake-key-id"),
    ),
    refuses(
        "a copy onto itself",
        S3
        + "test_s3_copy_object_in_place: InvalidRequest, This copy request is illegal because it is trying to copy an "
        "object to itself without changing",
        "InvalidRequest",
        "^This copy request is illegal because it is trying to copy an object to itself without changing",
        BUCKET,
        put(),
        call("s3.CopyObject", Bucket="<id>", Key="k", CopySource="<id>/k"),
    ),
    refuses(
        "delete a bucket that has objects",
        "Amazon S3 API reference, Error responses: BucketNotEmpty: The bucket that you tried to delete is not empty.",
        "BucketNotEmpty",
        "^The bucket you tried to delete is not empty",
        BUCKET,
        put(),
        call("s3.DeleteBucket", Bucket="<id>"),
    ),
    shows(
        "a delete in a versioned bucket leaves a marker",
        OF_S3 + "DeleteObjectOutput DeleteMarker, VersionId: Returns the version ID "
        "of the delete marker created as a result of the DELETE operation",
        {"DeleteMarker": True, "VersionId": PRESENT},
        BUCKET,
        VERSIONED,
        put(),
        call("s3.DeleteObject", Bucket="<id>", Key="k"),
    ),
    shows(
        "objects as folders",
        OF_S3 + "ListObjectsV2 CommonPrefixes: All of the keys that roll up into a "
        "common prefix count as a single return when calculating the number of returns",
        {"CommonPrefixes[].Prefix": ["a/"], "Contents[].Key": ["b"], "KeyCount": 2, "IsTruncated": False},
        BUCKET,
        put("a/1"),
        put("a/2"),
        put("b"),
        call("s3.ListObjectsV2", Bucket="<id>", Delimiter="/"),
    ),
    shows(
        "a new bucket encrypts with S3's key",
        "Amazon S3 user guide, Setting default server-side encryption behavior: all new buckets have SSE-S3 as the "
        "base level of encryption",
        {
            "ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm": "AES256",
        },
        BUCKET,
        call("s3.GetBucketEncryption", Bucket="<id>"),
    ),
    shows(
        "a new bucket blocks public access",
        "Amazon S3 user guide, Blocking public access: by default, new buckets have all four settings enabled (since "
        "April 2023)",
        {
            "PublicAccessBlockConfiguration.BlockPublicAcls": True,
            "PublicAccessBlockConfiguration.BlockPublicPolicy": True,
        },
        BUCKET,
        call("s3.GetPublicAccessBlock", Bucket="<id>"),
    ),
)


CASES: tuple[Case, ...] = BUCKETS
