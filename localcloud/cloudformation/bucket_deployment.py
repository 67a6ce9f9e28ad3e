"""`Custom::CDKBucketDeployment`: files of an app go to a bucket, as `aws_s3_deployment.BucketDeployment` has them.

AWS runs it in a function with the AWS CLI at /opt, which is not there on this machine. Source of the properties: the
function `bucket-deployment-handler` of aws-cdk-lib.
"""

import io
import mimetypes
import zipfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from localcloud import clients
from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation

TYPE: Final = "Custom::CDKBucketDeployment"
LARGEST: Final = 4 * 1024**3
"""Bytes that an app's files may unpack to."""
_SYSTEM: Final = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "content-type": "ContentType",
    "sse": "ServerSideEncryption",
    "sse-kms-key-id": "SSEKMSKeyId",
    "storage-class": "StorageClass",
}
"""Parameters of S3 by the CLI's options that the construct sends as `SystemMetadata`."""


class BucketDeployment:
    """Uploads the files, and removes those that are gone unless told otherwise."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Upload every file."""
        physical_id = f"aws.cdk.s3deployment.{cloudformation.physical_name(stack, logical_id, 36)}"
        return physical_id, _deploy(properties)

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Upload every file; what was at another place goes, unless it is to be kept."""
        del stack, logical_id
        if _place(old) != _place(new):
            self.delete(physical_id, old)
        return physical_id, _deploy(new)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Remove the files, unless they are to be kept."""
        del physical_id
        if not _true(properties, "RetainOnDelete", default=True):
            _remove(properties, set())


def register() -> None:
    """Let CloudFormation run it instead of its function."""
    cloudformation.register(TYPE, BucketDeployment(), replacing=())


def _deploy(properties: Mapping[str, Any]) -> dict[str, Any]:
    s3 = clients.s3(*identity.request_scope())
    bucket, prefix = _place(properties)
    written = set()
    options = {_SYSTEM[key]: value for key, value in properties.get("SystemMetadata", {}).items() if key in _SYSTEM}
    for name, content in _files(properties):
        if _is_left_out(name, properties):
            continue
        kind = mimetypes.guess_type(name)[0] or "binary/octet-stream"
        metadata = properties.get("UserMetadata", {})
        s3.put_object(
            Bucket=bucket, Key=prefix + name, Body=content, Metadata=metadata, **{"ContentType": kind, **options}
        )
        written.add(prefix + name)
    if _true(properties, "Prune", default=True):
        _remove(properties, written)
    attributes = {"DestinationBucketArn": f"arn:aws:s3:::{bucket}"}
    return {**attributes, "SourceObjectKeys": properties["SourceObjectKeys"]}


def _files(properties: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of every source, with what is known since the deployment put in."""
    s3 = clients.s3(*identity.request_scope())
    sources = zip(properties["SourceBucketNames"], properties["SourceObjectKeys"], strict=True)
    markers = properties.get("SourceMarkers", ())
    for number, (bucket, key) in enumerate(sources):
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        if not _true(properties, "Extract", default=True):
            yield key.rsplit("/", 1)[-1], content
            continue
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > LARGEST:
                raise ValueError(f"s3://{bucket}/{key} unpacks to more than {LARGEST} bytes")
            for member in members:
                yield member.filename, _marked(archive.read(member), markers[number] if number < len(markers) else {})


def _marked(content: bytes, markers: Mapping[str, str]) -> bytes:
    for marker, value in markers.items():
        content = content.replace(marker.encode(), str(value).encode())
    return content


def _remove(properties: Mapping[str, Any], kept: set[str]) -> None:
    """Delete what is at the place, but for `kept` and what is left out."""
    s3 = clients.s3(*identity.request_scope())
    bucket, prefix = _place(properties)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", ()):
            key = found["Key"]
            if key not in kept and not _is_left_out(key.removeprefix(prefix), properties):
                s3.delete_object(Bucket=bucket, Key=key)


def _place(properties: Mapping[str, Any]) -> tuple[str, str]:
    """Bucket, and prefix with its slash."""
    prefix = str(properties.get("DestinationBucketKeyPrefix", "")).strip("/")
    return str(properties["DestinationBucketName"]), f"{prefix}/" if prefix else ""


def _is_left_out(name: str, properties: Mapping[str, Any]) -> bool:
    """Return whether the CLI's filters pass over a file: `Exclude` first, then `Include`; the last that fits counts."""
    fits = [any(fnmatchcase(name, form) for form in properties.get(key, ())) for key in ("Exclude", "Include")]
    return fits[0] and not fits[1]


def _true(properties: Mapping[str, Any], name: str, *, default: bool) -> bool:
    return str(properties.get(name, default)).lower() == "true"
