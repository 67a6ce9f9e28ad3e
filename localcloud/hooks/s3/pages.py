"""S3 of MiniStack: pages of versions and of uploads, which go on behind a key and an id, also where that id is gone.

So a versioned bucket can be emptied page by page. Sources: API reference of S3, "ListObjectVersions" and
"ListMultipartUploads"; answers that localstack/localstack recorded from AWS
(tests/aws/services/s3/test_s3_list_operations.snapshot.json, Apache-2.0), as the reference is silent on groups.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ministack.services import s3

from localcloud.hooks.s3.versions import made_before

MOST: Final = "1000"
_XML: Final = {"Content-Type": "application/xml"}
Entry = tuple[str, str, Mapping[str, Any]]
"""A key, an id, and MiniStack's record."""


@dataclass
class Page:
    """What is on a page: entries, groups of keys below a delimiter, and where the next page goes on."""

    entries: list[Entry] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    is_truncated: bool = False
    last: tuple[str, str] = "", ""


@dataclass(frozen=True)
class Asked:
    """What a request asks for."""

    prefix: str
    delimiter: str
    key: str
    id: str
    most: int

    @classmethod
    def of(cls, query: Mapping[str, Any], id_marker: str, most: str) -> "Asked":
        """Read a request; a marker of ids counts with one of keys alone."""
        key = s3._qp(query, "key-marker", "")
        names = s3._qp(query, "prefix", ""), s3._qp(query, "delimiter", "")
        return cls(*names, key, s3._qp(query, id_marker, "") if key else "", int(s3._qp(query, most, MOST)))

    def group_of(self, key: str) -> str:
        """Return the group that a key is shown as; an empty text where it is shown itself."""
        head, found, _ = key[len(self.prefix) :].partition(self.delimiter) if self.delimiter else ("", "", "")
        return self.prefix + head + found if found else ""


def page_by_key_and_id() -> None:
    """List versions and uploads page by page as AWS does."""
    s3._list_object_versions, s3._list_multipart_uploads = _list_versions, _list_uploads


def page(entries: Iterable[Entry], asked: Asked, is_behind: Callable[[str], bool]) -> Page:
    """Choose a page of entries, which are in their order; `is_behind` judges ids of the key of the marker."""
    found = Page()
    for key, name, record in entries:
        behind = key > asked.key or (key == asked.key and asked.id and is_behind(name))
        group = asked.group_of(key)
        if not key.startswith(asked.prefix) or not behind or group in found.groups:
            continue
        if group and asked.key.startswith(group):
            continue
        if len(found.entries) + len(found.groups) >= asked.most:
            found.is_truncated = True
            break
        if group:
            found.groups.append(group)
            found.last = group, ""
        else:
            found.entries.append((key, name, record))
            found.last = key, name
    return found


def _list_versions(bucket: str, query: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
    if s3._ensure_bucket(bucket) is None:
        return s3._no_such_bucket(bucket)
    asked = Asked.of(query, "version-id-marker", "max-keys")
    entries = list(_versions(bucket))
    names = [name for key, name, _ in entries if key == asked.key]
    passed = set(names[: names.index(asked.id) + 1]) if asked.id in names else None
    found = page(entries, asked, lambda name: made_before(name, asked.id) if passed is None else name not in passed)
    root = s3.Element("ListVersionsResult", xmlns=s3.S3_NS)
    _say(root, Name=bucket, Prefix=asked.prefix, KeyMarker=asked.key, VersionIdMarker=asked.id, MaxKeys=asked.most)
    _say(root, **({"Delimiter": asked.delimiter} if asked.delimiter else {}), IsTruncated=_flag(found.is_truncated))
    if found.is_truncated:
        _say(root, NextKeyMarker=found.last[0], **({"NextVersionIdMarker": found.last[1]} if found.last[1] else {}))
    for key, name, record in found.entries:
        marker = record.get("is_delete_marker")
        entry = s3.SubElement(root, "DeleteMarker" if marker else "Version")
        _say(entry, Key=key, VersionId=name, IsLatest=_flag(record.get("is_latest", True)))
        _say(entry, LastModified=record["last_modified"])
        if not marker:
            _say(entry, ETag=record["etag"], Size=record["size"], StorageClass=_storage(record))
        _say(s3.SubElement(entry, "Owner"), ID=s3._canonical_owner_id())
    _group(root, found)
    return 200, dict(_XML), s3._xml_body(root)


def _versions(bucket: str) -> Iterator[Entry]:
    """Yield every version of a bucket by key, the newest first."""
    objects = s3._ensure_bucket(bucket)["objects"]
    for key in sorted({*objects, *(key for name, key in list(s3._object_versions) if name == bucket)}):
        if kept := s3._object_versions.get((bucket, key)):
            yield from ((key, version["version_id"], version) for version in reversed(kept))
        elif key in objects:
            yield key, objects[key].get("version_id", "null"), objects[key]


def _list_uploads(bucket: str, query: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
    if s3._ensure_bucket(bucket) is None:
        return s3._no_such_bucket(bucket)
    asked = Asked.of(query, "upload-id-marker", "max-uploads")
    uploads = sorted(  # of a key in the order in which they were begun
        ((each["key"], name, each) for name, each in list(s3._multipart_uploads.items()) if each["bucket"] == bucket),
        key=lambda upload: upload[0],
    )
    names = [name for _, name, _ in uploads]
    known = s3._multipart_uploads.get(asked.id)
    if known and known["key"] != asked.key:
        status, headers, content = s3._error("InvalidArgument", "Invalid uploadId marker", 400)
        told = f"<ArgumentName>upload-id-marker</ArgumentName><ArgumentValue>{asked.id}</ArgumentValue></Error>"
        return status, headers, content.replace(b"</Error>", told.encode())
    place = names.index(asked.id) if known else -1
    found = page(uploads, asked, lambda name: names.index(name) > place)
    root = s3.Element("ListMultipartUploadsResult", xmlns=s3.S3_NS)
    _say(root, Bucket=bucket, KeyMarker=asked.key, UploadIdMarker=asked.id, MaxUploads=asked.most)
    last = found.last if found.last[1] else ("", "")  # AWS goes on behind no group
    _say(root, NextKeyMarker=last[0], NextUploadIdMarker=last[1], IsTruncated=_flag(found.is_truncated))
    _say(root, **{name: text for name, text in (("Prefix", asked.prefix), ("Delimiter", asked.delimiter)) if text})
    for key, name, upload in found.entries:
        entry = s3.SubElement(root, "Upload")
        _say(entry, Key=key, UploadId=name, StorageClass=_storage(upload), Initiated=upload["created"])
        _say(s3.SubElement(entry, "Initiator"), ID=s3.get_account_id(), DisplayName=s3.get_account_id())
        _say(s3.SubElement(entry, "Owner"), ID=s3._canonical_owner_id())
    _group(root, found)
    return 200, dict(_XML), s3._xml_body(root)


def _storage(record: Mapping[str, Any]) -> str:
    return str(record.get("storage_class") or "STANDARD")


def _group(root: Any, found: Page) -> None:  # noqa: ANN401 - MiniStack's
    for group in found.groups:
        _say(s3.SubElement(root, "CommonPrefixes"), Prefix=group)


def _say(element: Any, **members: object) -> None:  # noqa: ANN401 - MiniStack's
    for name, value in members.items():
        s3.SubElement(element, name).text = str(value)


def _flag(value: object) -> str:
    return "true" if value else "false"
