"""S3 of MiniStack: lists of objects, versions and parts have the members of AWS's.

Sources: API reference of S3, "ListObjectsV2", "ListObjectVersions", "ListParts"; answers that localstack/localstack
recorded from AWS (tests/aws/services/s3/test_s3_list_operations.snapshot.json, Apache-2.0). AWS tells no `DisplayName`
of owners since November 2025.
"""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from ministack.services import s3

_OWNER = re.compile(rb"(<Owner>.*?)<DisplayName>.*?</DisplayName>(?=</Owner>)", re.DOTALL)
_ENTRY = re.compile(r"<(?P<kind>Contents|Version)>(?P<members>.*?)</(?P=kind)>", re.DOTALL)
_NAMED = re.compile(r"<(?P<name>Key|Prefix|Delimiter|KeyMarker|NextKeyMarker)>(?P<value>.*?)</(?P=name)>", re.DOTALL)
_CHECKSUM = re.compile(rb"<Checksum(\w+)>[^<]*</Checksum\1>")
_OK = 200


def complete_lists() -> None:
    """Let lists tell checksums, encoding and the next part as AWS's do, and no display names."""
    for name in ("_list_buckets", "_list_multipart_uploads"):
        setattr(s3, name, _without_names(getattr(s3, name)))
    for name in ("_list_objects_v1", "_list_objects_v2"):
        setattr(s3, name, _with_checksums(getattr(s3, name), _current))
    s3._list_object_versions = _encoded(_with_checksums(s3._list_object_versions, _version))
    s3._list_parts = _with_next_part(s3._list_parts)


def _without_names(operation: Callable[..., Any]) -> Callable[..., Any]:
    def listed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, content = operation(*arguments, **named)
        return status, headers, _OWNER.sub(rb"\1", content)

    return listed


def _with_checksums(
    operation: Callable[..., Any], find: Callable[[str, str, str], Mapping[str, Any]]
) -> Callable[..., Any]:
    def listed(bucket: str, query: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, content = operation(bucket, query)
        if status != _OK:
            return status, headers, content
        is_encoded = b"<EncodingType>" in content
        if "continuation-token" in query:  # which says where to go on
            content = re.sub(rb"<StartAfter>.*?</StartAfter>", b"", content)

        def told(entry: re.Match[str]) -> str:
            key = _text(entry["members"], "Key")
            found = find(bucket, unquote(key) if is_encoded else key, _text(entry["members"], "VersionId"))
            names = found.get("checksums") or {}
            added = "".join(f"<ChecksumAlgorithm>{name}</ChecksumAlgorithm>" for name in names)
            kind = f"<ChecksumType>{found.get('checksum_type') or 'FULL_OBJECT'}</ChecksumType>" if names else ""
            return f"<{entry['kind']}>{entry['members']}{added}{kind}</{entry['kind']}>"

        return status, headers, _OWNER.sub(rb"\1", _ENTRY.sub(told, content.decode()).encode())

    return listed


def _current(bucket: str, key: str, _version_id: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = s3._ensure_bucket(bucket)["objects"].get(key) or {}
    return found


def _version(bucket: str, key: str, version_id: str) -> Mapping[str, Any]:
    versions: Iterable[Mapping[str, Any]] = s3._object_versions.get((bucket, key)) or ()
    found = next((version for version in versions if version["version_id"] == version_id), None)
    return _current(bucket, key, version_id) if found is None else found


def _encoded(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Encode names for URLs where the request asks for it, as boto3 always does."""

    def listed(bucket: str, query: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, content = operation(bucket, query)
        if status != _OK or "".join(query.get("encoding-type", ())) != "url":
            return status, headers, content
        text = _NAMED.sub(
            lambda found: f"<{found['name']}>{quote(html.unescape(found['value']), safe='/')}</{found['name']}>",
            content.decode(),
        )
        end = "</ListVersionsResult>"
        return status, headers, text.replace(end, f"<EncodingType>url</EncodingType>{end}").encode()

    return listed


def _with_next_part(operation: Callable[..., Any]) -> Callable[..., Any]:
    def listed(bucket: str, key: str, query: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        given = {name: value for name, value in query.items() if any(value)}  # an empty marker is none
        status, headers, content = operation(bucket, key, {**given, "uploadId": query["uploadId"]})
        content = _OWNER.sub(rb"\1", content)
        if status == _OK:
            content = _with_algorithm(content, s3._multipart_uploads[s3._qp(query, "uploadId")])
        if status == _OK and b"<NextPartNumberMarker>" not in content:
            numbers = re.findall(rb"<PartNumber>(\d+)</PartNumber>", content)
            marker = b"<NextPartNumberMarker>%b</NextPartNumberMarker>" % (numbers[-1] if numbers else b"0")
            content = content.replace(b"</ListPartsResult>", marker + b"</ListPartsResult>")
        return status, headers, content

    return listed


def _with_algorithm(content: bytes, upload: Mapping[str, Any]) -> bytes:
    """Tell the checksums of parts, and their kind, of an upload that was begun with an algorithm; of others none."""
    algorithm = upload.get("checksum_algorithm")
    if not algorithm:
        return _CHECKSUM.sub(b"", content)
    kind = "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"
    told = f"<ChecksumAlgorithm>{algorithm}</ChecksumAlgorithm><ChecksumType>{kind}</ChecksumType></ListPartsResult>"
    return content.replace(b"</ListPartsResult>", told.encode())


def _text(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return html.unescape(found[1]) if found else ""
