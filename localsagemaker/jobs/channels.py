"""Input data of a job: which objects an S3 data source means, and how they lie in the container."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Objects

HTTPS = re.compile(r"^https://s3[.-][^/]*/")


class InputError(Exception):
    """Input data that is not there or cannot be used; the message is a sentence that names the URI."""


@dataclass(frozen=True)
class Source:
    """An S3 data source: all objects under a prefix, or those that a manifest file lists.

    `sharded` gives each of n instances every n-th object (ShardedByS3Key) instead of all of them.
    """

    uri: str
    manifest: bool = False
    sharded: bool = False


def source(request: Mapping[str, Any]) -> Source:
    """Read an S3DataSource or ProcessingS3Input."""
    return Source(
        uri=normal(request["S3Uri"]),
        manifest=request.get("S3DataType") == "ManifestFile",
        sharded=request.get("S3DataDistributionType") == "ShardedByS3Key",
    )


def normal(uri: str) -> str:
    """Return `s3://bucket/key` for either form of an S3 URI."""
    return HTTPS.sub("s3://", uri)


def join(uri: str, *parts: str) -> str:
    """Put parts after a URI, one slash between each."""
    return "/".join([normal(uri).rstrip("/"), *parts])


def fetch(store: Objects, wanted: Source, folder: Path, *, index: int = 0, count: int = 1) -> int:
    """Write the objects for instance `index` of `count` under `folder`; how many there are in all.

    Raise InputError when there are none or one cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        found = _list_manifest(store, wanted.uri) if wanted.manifest else _list_prefix(store, wanted.uri)
        _refuse_clashes(found)
        mine = found[index::count] if wanted.sharded else found
        for uri, relative in mine:
            store.download(uri, folder / inside(relative, uri))
    except ServiceError as error:
        raise InputError(f"Data download failed: {wanted.uri}: {error.code}: {error}") from error
    if not found:
        bucket = wanted.uri.removeprefix("s3://").split("/")[0]
        raise InputError(
            f'No S3 objects found under S3 URL "{wanted.uri}" given in input data source. Please ensure that the '
            f"bucket exists, that objects exist under that S3 prefix, and that the role has s3:ListBucket permissions "
            f'on bucket "{bucket}".'
        )
    return len(found)


def _refuse_clashes(found: Sequence[tuple[str, str]]) -> None:
    """Raise InputError where an object's path is a folder of another's: no file system holds both."""
    files = {relative: uri for uri, relative in found}
    for uri, relative in found:
        for parent in PurePosixPath(relative).parents:
            if str(parent) in files:
                raise InputError(
                    f"{files[str(parent)]} and {uri} cannot both be files: the one is a folder of the other."
                )


def _list_prefix(store: Objects, uri: str) -> list[tuple[str, str]]:
    """List all objects whose key begins with the URI's, with their paths below the last whole folder of it."""
    found = [normal(each) for each in store.list(uri) if not each.endswith("/")]
    folder = uri.rstrip("/") + "/"
    if not all(each.startswith(folder) for each in found):
        folder = uri[: uri.rindex("/") + 1]
    return [(each, each.removeprefix(folder)) for each in found]


def _list_manifest(store: Objects, uri: str) -> list[tuple[str, str]]:
    """Objects of a manifest file: `[{"prefix": "s3://…"}, "relative/key", …]`."""
    try:
        entries: Sequence[Any] = json.loads(store.read(uri))
        prefix = normal(entries[0]["prefix"])
        relatives = [str(entry) for entry in entries[1:]]
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(f'Manifest file {uri} is not a list of {{"prefix": "s3://…"}} and keys below it.') from error
    return [(prefix + relative, relative) for relative in relatives]


def inside(relative: str, uri: str) -> PurePosixPath:
    """Return a key as a path below a folder; InputError when it leads out of every folder."""
    path = PurePosixPath(relative)
    if path.is_absolute() or ".." in path.parts:
        raise InputError(f"The key of {uri} leads out of the folder that it belongs in.")
    return path


def below_opt_ml(path: str) -> str:
    """Return a path in the container, relative to /opt/ml; ServiceError `ValidationException` for one outside."""
    try:
        return PurePosixPath(path).relative_to("/opt/ml").as_posix()
    except ValueError as error:
        raise ServiceError("ValidationException", f"LocalPath {path} must begin with /opt/ml/") from error
