"""Versions of data sets in S3: immutable, named by their content, complete once their manifest is there.

A version lies under `s3://<data bucket>/<system>/versions/<version>/`: its files and, written last, manifest.json.
Its name is made of the files' names and SHA-256, so equal data is the same version wherever it is published from.
Every write is conditional (`If-None-Match: *`): nothing is ever overwritten, however many publish at once.
Which version was published last is told by empty objects under `<system>/versions/published/`, one for each time.
"""

import base64
import hashlib
import itertools
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from mdlc.errors import CommandError, InputError
from mdlc.systems.declared import RECIPE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANIFEST: Final = "manifest.json"
LARGEST_OBJECT: Final = 5 * 1024**3
"""The most bytes that one PutObject takes: a part-wise upload has no checksum of the whole that S3 would verify."""
_MARKS: Final = "published"
_DIGITS: Final = 16
_NAME: Final = re.compile(f"[0-9a-f]{{{_DIGITS}}}")
_CHUNK: Final = 1 << 20
_ATTEMPTS: Final = 5
_PAUSE: Final = 0.2
"""Seconds, times the number of the attempt."""


@dataclass(frozen=True)
class DataFile:
    """One file of a version: its name (with folders, divided by /), size in bytes and SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str
    path: Path = field(compare=False, repr=False)
    """Where it lies on this machine."""


@dataclass(frozen=True)
class DataVersion:
    """A version of a system's data, by its content."""

    system: str
    files: tuple[DataFile, ...]

    @property
    def name(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 over `<sha256>  <name>` lines in the order of the names."""
        lines = (f"{file.sha256}  {file.name}\n" for file in sorted(self.files, key=lambda file: file.name))
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:_DIGITS]

    @property
    def prefix(self) -> str:
        """Where its objects' keys begin."""
        return prefix(self.system, self.name)

    @property
    def manifest(self) -> bytes:
        """The bytes of manifest.json: the same for the same data."""
        files = {file.name: {"sha256": file.sha256, "bytes": file.size} for file in self.files}
        return (json.dumps({"version": self.name, "files": files}, indent=2, sort_keys=True) + "\n").encode()


@dataclass(frozen=True)
class Published:
    """A version that is complete in S3."""

    version: DataVersion
    uri: str
    """`s3://bucket/prefix/`, what a pipeline takes as its input."""
    created: bool
    """False when the version had been published before."""


def prefix(system: str, version: str) -> str:
    """Return what the keys of a version's objects begin with."""
    return f"{system}/versions/{version}/"


def read(system: str, given: Path, names: Sequence[str], *, recipe: Path | None = None) -> DataVersion:
    """Return the version that the folder `given` holds: the files of these `names`, or without any all below it.

    Where there is one name, `given` may be the file itself, whatever it is called. A `recipe` is part of the version.
    Raise `InputError` for a file that is missing, empty or too large, and when there is none.
    """
    files = {names[0]: given} if len(names) == 1 and given.is_file() else _files_in(system, given, names)
    if recipe:
        files = {**files, RECIPE: recipe}
    return DataVersion(system, tuple(_data_file(name, path) for name, path in files.items()))


def _files_in(system: str, folder: Path, names: Sequence[str]) -> dict[str, Path]:
    if not folder.is_dir():
        alone = ", or that file" if len(names) == 1 else ""
        held = " and ".join(names) or "the files"
        raise InputError(f"{folder} is not a folder: give the folder that holds {held}{alone}.")
    if not names:
        found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        names = sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))
    if not names:
        raise InputError(f"{folder} is empty: a version of {system} has at least one file.")
    if folders := [folder / name for name in names if (folder / name).is_dir()]:
        raise InputError(f"{folders[0]} is a folder: a file of that name makes up a version of {system}.")
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{folder} has no {' and no '.join(missing)}: a version of {system} is {' and '.join(names)}.")
    return {name: folder / name for name in names}


def _data_file(name: str, path: Path) -> DataFile:
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path} is empty.")
    if size > LARGEST_OBJECT:
        raise InputError(f"{path} is larger than 5 GiB, the most that S3 takes and checks in one piece: split it.")
    digest = hashlib.sha256()
    lines, ends_open = 0, False
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n") or chunk.count(b"\r")  # the latter alone where an old spreadsheet wrote it
            ends_open = not chunk.endswith((b"\n", b"\r"))
    if path.suffix == ".csv" and lines + ends_open < 2:  # noqa: PLR2004 - a header and a row, or two rows
        raise InputError(f"{path} has one line: a data set has more.")
    return DataFile(name, size, digest.hexdigest(), path)


def publish(s3: "S3Client", bucket: str, version: DataVersion) -> Published:
    """Upload what is not there yet, the manifest last.

    Safe to repeat and to run beside another publication of the same data. Raise `CommandError` if a file changes
    meanwhile, or if the version's place holds other content than its name says.
    """
    uri = f"s3://{bucket}/{version.prefix}"
    for file in version.files:
        with file.path.open("rb") as body:
            created = _put_once(s3, bucket, version.prefix + file.name, body, file.sha256)
        if not created:
            _check_stored(s3, bucket, version.prefix + file.name, file)
    manifest = version.manifest
    created = _put_once(s3, bucket, version.prefix + MANIFEST, manifest, hashlib.sha256(manifest).hexdigest())
    if not created and s3.get_object(Bucket=bucket, Key=version.prefix + MANIFEST)["Body"].read() != manifest:
        raise CommandError(f"{uri}{MANIFEST} describes other files than this version's: nothing was overwritten.")
    return Published(version, uri, created)


def _put_once(s3: "S3Client", bucket: str, key: str, body: IO[bytes] | bytes, sha256: str) -> bool:
    """Write one object, checked against `sha256` by S3, unless its key is taken; return whether it was written."""
    checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
    for attempt in itertools.count(1):
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*", ChecksumSHA256=checksum)
        except ClientError as error:
            match error.response.get("Error", {}).get("Code"):
                case "PreconditionFailed":
                    return False
                case "ConditionalRequestConflict" if attempt < _ATTEMPTS:  # another write to this key is under way
                    time.sleep(attempt * _PAUSE)
                    if not isinstance(body, bytes):
                        body.seek(0)
                    continue
                case "BadDigest" | "XAmzContentChecksumMismatch":
                    raise CommandError(f"{key} changed while it was being published: publish it again.") from None
            raise
        return True
    raise AssertionError("unreachable: the loop has no end")  # pragma: no cover


def _check_stored(s3: "S3Client", bucket: str, key: str, file: DataFile) -> None:
    """Raise `CommandError` unless the object that was there already is `file`."""
    stored = s3.get_object(Bucket=bucket, Key=key)["Body"]
    digest = hashlib.sha256()
    for chunk in stored.iter_chunks(_CHUNK):
        digest.update(chunk)
    if digest.hexdigest() != file.sha256:
        raise CommandError(
            f"s3://{bucket}/{key} is there already with other content than its version's name says: "
            "nothing was overwritten."
        )


def find(s3: "S3Client", bucket: str, system: str, version: str) -> str:
    """Return the URI of a complete version; raise `InputError` when it was never published, or not to its end."""
    if not _NAME.fullmatch(version):
        raise InputError(f"{version!r} is no version: its name is {_DIGITS} hexadecimal digits.")
    try:
        s3.head_object(Bucket=bucket, Key=prefix(system, version) + MANIFEST)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in {"404", "NoSuchKey", "NotFound"}:
            raise
        raise InputError(f"{system} has no complete version {version}: publish it with mdlc data publish.") from None
    return f"s3://{bucket}/{prefix(system, version)}"


def choose(s3: "S3Client", bucket: str, system: str, given: str | None) -> str:
    """Return the URI of a complete version, `given` by its name or URI; without one, of that published last.

    Raise `InputError` when there is none.
    """
    if given is None:
        given = latest(s3, bucket, system)
    elif given.startswith("s3://"):
        place, _, version = given.rstrip("/").rpartition("/")
        if f"{place}/" != f"s3://{bucket}/{system}/versions/":
            raise InputError(f"{given} is no version of {system}: it begins with s3://{bucket}/{system}/versions/.")
        given = version
    return find(s3, bucket, system, given)


def announce(s3: "S3Client", bucket: str, version: DataVersion) -> None:
    """Make a complete version the one published last."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    mark = prefix(version.system, _MARKS) + f"{now}-{version.name}"
    _put_once(s3, bucket, mark, b"", hashlib.sha256().hexdigest())


@dataclass(frozen=True)
class Listed:
    """A version that is complete in S3, as a list shows it."""

    name: str
    published: datetime
    """When it was published last."""
    files: int
    size: int
    """Bytes of all its files."""

    def as_json(self) -> dict[str, Any]:
        """Return it as --json shows it."""
        return {
            "version": self.name,
            "published": self.published.isoformat(),
            "files": self.files,
            "bytes": self.size,
        }


def list_versions(s3: "S3Client", bucket: str, system: str) -> list[Listed]:
    """Return a system's complete versions, the one published last first."""
    begin = f"{system}/versions/"
    latest: dict[str, tuple[datetime, str]] = {}
    marks: list[tuple[datetime, str]] = []
    sizes: dict[str, list[int]] = {}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=begin)
    for found in (found for page in pages for found in page.get("Contents", [])):
        folder, _, file = found["Key"].removeprefix(begin).partition("/")
        if folder == _MARKS:
            marks.append((found["LastModified"], file))
        elif file == MANIFEST:
            latest[folder] = (found["LastModified"], "")
        else:
            sizes.setdefault(folder, []).append(found["Size"])
    for moment, mark in marks:
        if (version := mark.rpartition("-")[2]) in latest:
            latest[version] = max(latest[version], (moment, mark))
    return [
        Listed(version, latest[version][0], len(sizes.get(version, ())), sum(sizes.get(version, ())))
        for version in sorted(latest, key=lambda version: latest[version], reverse=True)
    ]


def latest(s3: "S3Client", bucket: str, system: str) -> str:
    """Return the name of the version that was published last; raise `InputError` when there is none."""
    found = list_versions(s3, bucket, system)
    if not found:
        raise InputError(f"{system} has no data yet: publish a version with mdlc data publish {system} FOLDER.")
    return found[0].name
