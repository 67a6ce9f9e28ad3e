"""Versions of objects: their ids, pages of them, and those that are absent; pages of uploads.

Recorded by localstack/localstack, tests/aws/services/s3/test_s3_api.snapshot.json and
test_s3_list_operations.snapshot.json (Apache-2.0).
"""

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.hooks.s3.versions import is_id, made_before, new_id

KEYS = ("folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2")
BELOW = {"Prefix": "folder/", "Delimiter": "/"}


def test_ids_are_32_characters_in_their_order() -> None:
    """Source: recorded, test_object_version_id_format."""
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(set(ids))
    assert {len(each) for each in ids} == {32}
    assert made_before(ids[0], ids[1])
    assert not made_before(ids[1], ids[0])
    assert all(map(is_id, [*ids, "null"]))
    assert not is_id(ids[0][:-4] + "ABCD")  # recorded, test_delete_object_versioned


@pytest.fixture
def s3(aws: Callable[..., Any]) -> Any:
    return aws("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"versions-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.mark.slow
def test_a_bucket_of_versions_is_emptied_page_by_page(s3: Any, bucket: str) -> None:
    """Source: recorded, test_list_objects_versions_with_prefix_only_and_pagination: the marker's version is gone."""
    for _ in range(5):
        s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    s3.delete_object(Bucket=bucket, Key="k")
    pages = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2}):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        chosen = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": chosen})
        pages += 1
    assert pages == 3
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.slow
def test_a_group_of_keys_is_passed_as_one(s3: Any, bucket: str) -> None:
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    first = s3.list_object_versions(Bucket=bucket, MaxKeys=1, **BELOW)
    assert first["CommonPrefixes"] == [{"Prefix": "folder/aSubfolder/"}]
    assert first["NextKeyMarker"] == "folder/aSubfolder/"
    for marker in ("folder/aSubfolder/", KEYS[0]):
        second = s3.list_object_versions(Bucket=bucket, MaxKeys=1, KeyMarker=marker, **BELOW)
        assert ([each["Key"] for each in second["Versions"]], second["IsTruncated"]) == (["folder/file1"], True)
        assert "CommonPrefixes" not in second
    last = s3.list_object_versions(Bucket=bucket, MaxKeys=1, KeyMarker="folder/file1", **BELOW)
    assert ([each["Key"] for each in last["Versions"]], last["IsTruncated"]) == (["folder/file2"], False)


@pytest.mark.slow
def test_an_absent_version_is_missed(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    absent = {"Key": "k", "VersionId": "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"}
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [absent]})
    said = {"Code": "NoSuchVersion", "Message": "The specified version does not exist."}
    assert answer["Errors"] == [{**absent, **said}]
    assert "Deleted" not in answer


@pytest.mark.slow
def test_a_version_is_read_and_deleted_by_its_id(s3: Any, bucket: str) -> None:
    """Recorded: test_delete_object_versioned."""
    first, _ = (s3.put_object(Bucket=bucket, Key="k", Body=body)["VersionId"] for body in (b"1", b"2"))
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    assert s3.head_object(Bucket=bucket, Key="k", VersionId=first)["VersionId"] == first
    s3.delete_object(Bucket=bucket, Key="k", VersionId=first)
    with pytest.raises(ClientError, match="NoSuchVersion"):
        s3.get_object(Bucket=bucket, Key="k", VersionId=first)
    for operation in (s3.get_object, s3.head_object, s3.delete_object):
        with pytest.raises(ClientError, match=r"InvalidArgument|400"):
            operation(Bucket=bucket, Key="k", VersionId="HPniJFCxqTsMuIH9KX8K8wEjNUgmACrL")


@pytest.mark.slow
def test_what_is_written_while_versioning_is_suspended_is_version_null(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == "null"


@pytest.mark.slow
def test_uploads_are_listed_in_pages(s3: Any, bucket: str) -> None:
    begun = [(key, s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]) for key in ("c", "b", "a", "a")]
    (c, _, *first) = begun

    def listed(**given: Any) -> tuple[list[tuple[str, str]], bool, tuple[str, str]]:
        page = s3.list_multipart_uploads(Bucket=bucket, **given)
        names = [(each["Key"], each["UploadId"]) for each in page.get("Uploads", ())]
        return names, page["IsTruncated"], (page["NextKeyMarker"], page["NextUploadIdMarker"])

    everything = [*first, begun[1], c]
    assert listed() == (everything, False, c)
    assert listed(MaxUploads=1) == ([first[0]], True, first[0])
    assert listed(MaxUploads=1, KeyMarker="a") == ([begun[1]], True, begun[1])
    assert listed(MaxUploads=1, KeyMarker="a", UploadIdMarker=first[0][1]) == ([first[1]], True, first[1])
    assert listed(MaxUploads=1, UploadIdMarker=first[0][1]) == ([first[0]], True, first[0])
    assert listed(KeyMarker="c") == ([], False, ("", ""))
    with pytest.raises(ClientError) as refused:
        listed(KeyMarker="c", UploadIdMarker=begun[1][1])
    assert refused.value.response["Error"]["Message"] == "Invalid uploadId marker"
    for key in KEYS:
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    page = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=1, **BELOW)
    assert (page["CommonPrefixes"], page["IsTruncated"]) == ([{"Prefix": "folder/aSubfolder/"}], True)
    assert (page["NextKeyMarker"], page["NextUploadIdMarker"]) == ("", "")


@pytest.mark.slow
def test_the_etag_of_an_object_under_a_key_is_no_digest(s3: Any, bucket: str) -> None:
    """Source: API reference of S3, "Object": under SSE-C and SSE-KMS the ETag is not an MD5 of the object's data."""
    digest = f'"{hashlib.md5(b"1", usedforsecurity=False).hexdigest()}"'
    assert s3.put_object(Bucket=bucket, Key="plain", Body=b"1")["ETag"] == digest
    made = s3.put_object(Bucket=bucket, Key="k", Body=b"1", ServerSideEncryption="aws:kms")
    assert made["ETag"] != digest
    assert s3.head_object(Bucket=bucket, Key="k")["ETag"] == made["ETag"]
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/plain", ServerSideEncryption="aws:kms")[
        "CopyObjectResult"
    ]
    assert copied["ETag"] != digest
    assert s3.get_object(Bucket=bucket, Key="copy", IfMatch=copied["ETag"])["ETag"] == copied["ETag"]
    assert s3.put_object(Bucket=bucket, Key="plain", Body=b"1")["ETag"] == digest


@pytest.mark.slow
def test_parts_have_checksums_where_their_upload_has_an_algorithm(s3: Any, bucket: str) -> None:
    """Recorded: test_list_parts_pagination and test_list_parts_via_object_attrs_pagination."""
    plain = {"Bucket": bucket, "Key": "plain"}
    plain |= {"UploadId": s3.create_multipart_upload(**plain)["UploadId"]}
    s3.upload_part(**plain, PartNumber=1, Body=b"1")
    told = s3.list_parts(**plain)
    assert not {"ChecksumAlgorithm", "ChecksumType"} & set(told)
    assert set(told["Parts"][0]) == {"PartNumber", "LastModified", "ETag", "Size"}
    asked = {"Bucket": bucket, "Key": "asked"}
    asked |= {"UploadId": s3.create_multipart_upload(**asked, ChecksumAlgorithm="SHA256")["UploadId"]}
    s3.upload_part(**asked, PartNumber=1, Body=b"1", ChecksumAlgorithm="SHA256")
    told = s3.list_parts(**asked)
    assert (told["ChecksumAlgorithm"], told["ChecksumType"]) == ("SHA256", "COMPOSITE")
    digest = base64.b64encode(hashlib.sha256(b"1").digest()).decode()
    assert told["Parts"][0]["ChecksumSHA256"] == digest


@pytest.mark.slow
def test_a_part_beyond_its_source_is_refused(s3: Any, bucket: str) -> None:
    """Recorded: test_upload_part_copy_range."""
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    given = {"Bucket": bucket, "Key": "k", "UploadId": upload, "PartNumber": 1, "CopySource": f"{bucket}/source"}
    with pytest.raises(ClientError, match=r"InvalidRequest.*copy range is invalid for the source object size"):
        s3.upload_part_copy(**given, CopySourceRange="bytes=100-200")
    with pytest.raises(ClientError, match="InvalidArgument") as refused:
        s3.upload_part_copy(**given, CopySourceRange="bytes=0-100")
    error: dict[str, Any] = {**refused.value.response["Error"]}
    assert error["ArgumentName"] == "x-amz-copy-source-range"
