"""S3 of MiniStack: what a new object has on AWS: a type, encryption, a checksum, and no tags but its own.

Sources: API reference of S3, "PutObject"; user guide, "Setting default server-side encryption behavior" and "Checking
object integrity"; answers that localstack/localstack recorded from AWS (tests/aws/services/s3/, Apache-2.0).
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import s3

TYPE = "binary/octet-stream"
ENCRYPTION: Mapping[str, str] = {"x-amz-server-side-encryption": "AES256"}
LARGEST = 1024 * 1024
"""Bytes of an object that gets a checksum without being asked for one: CRC64NVME of more takes too long in Python."""
_ASKED = ("x-amz-sdk-checksum-algorithm", *(f"x-amz-checksum-{name}" for name in s3._S3_CHECKSUM_HEADERS))
_OK = 200


def give_objects_defaults() -> None:
    """Give objects AWS's default type, encryption and checksum, and tell what they have."""
    _type()
    _encrypt()
    _put()
    _copy()
    _complete()
    _count_tags()


def _type() -> None:
    build, create = s3._build_object_record, s3._create_multipart_upload

    def built(body: bytes, headers: Mapping[str, str], **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        return build(body, {"content-type": TYPE, **headers}, **named)

    def created(bucket: str, key: str, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - MiniStack's
        return create(bucket, key, {"content-type": TYPE, **headers})

    s3._build_object_record, s3._create_multipart_upload = built, created


def _encrypt() -> None:
    default = s3._bucket_default_sse_headers
    s3._bucket_default_sse_headers = lambda bucket: default(bucket) or dict(ENCRYPTION)


def _put() -> None:
    put = s3._put_object

    def stored(bucket: str, key: str, body: bytes, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - MiniStack's
        if len(body) <= LARGEST and not any(headers.get(name) for name in _ASKED):
            headers = {**headers, "x-amz-sdk-checksum-algorithm": "CRC64NVME"}
        status, answered, content = put(bucket, key, body, headers)
        if status == _OK:
            found = _record(bucket, key)
            answered.update(checksum_headers(found))
            if not headers.get("x-amz-tagging"):  # what it replaced may have had tags
                s3._object_tags.pop((bucket, key, found.get("version_id")), None)
        return status, answered, content

    s3._put_object = stored


def _copy() -> None:
    copy = s3._copy_object

    def copied(bucket: str, key: str, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - MiniStack's
        status, answered, content = copy(bucket, key, headers)
        if status == _OK:
            content = _with_checksum(content, "CopyObjectResult", _record(bucket, key))
        return status, answered, content

    s3._copy_object = copied


def _complete() -> None:
    complete = s3._complete_multipart_upload

    def completed(
        bucket: str, key: str, body: bytes, query: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - MiniStack's
        upload = s3._qp(query, "uploadId")
        is_new = upload in s3._multipart_uploads
        status, answered, content = complete(bucket, key, body, query, headers)
        if status != _OK or not is_new:
            return status, answered, content
        found = _record(bucket, key)
        if not found["checksums"] and found["size"] <= LARGEST:
            found["checksums"]["CRC64NVME"] = s3._compute_s3_checksum("CRC64NVME", s3._read_body(bucket, key, found))
            content = _with_checksum(content, "CompleteMultipartUploadResult", found)
        s3._completed_multipart_uploads[upload]["response"] = status, answered, content
        return status, answered, content

    s3._complete_multipart_upload = completed


def _count_tags() -> None:
    head = s3._head_object

    def headed(bucket: str, key: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        status, answered, content = head(bucket, key, *arguments, **named)
        if status == _OK:
            answered.update(s3._object_tagging_count_header(bucket, key, answered.get("x-amz-version-id")))
        return status, answered, content

    s3._head_object = headed


def checksum_headers(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that tell the checksum of an object."""
    checksums = found.get("checksums") or {}
    told = {f"x-amz-checksum-{name.lower()}": value for name, value in checksums.items()}
    return {**told, "x-amz-checksum-type": found.get("checksum_type") or "FULL_OBJECT"} if told else told


def _record(bucket: str, key: str) -> Any:  # noqa: ANN401 - MiniStack's
    return s3._ensure_bucket(bucket)["objects"][key]


def _with_checksum(content: bytes, result: str, found: Mapping[str, Any]) -> bytes:
    checksums = found.get("checksums") or {}
    told = "".join(f"<Checksum{name}>{value}</Checksum{name}>" for name, value in checksums.items())
    kind = f"<ChecksumType>{found.get('checksum_type') or 'FULL_OBJECT'}</ChecksumType>" if told else ""
    return content.replace(f"</{result}>".encode(), f"{told}{kind}</{result}>".encode())
