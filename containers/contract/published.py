"""Published data: a version bears the name of its content, so a job can tell whether it was given just that."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from contract.errors import InputError
from contract.files import digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from contract.paths import Paths

MANIFEST = "manifest.json"
"""What `mdlc data publish` writes last: {"version": name, "files": {name: {"sha256": hex, "bytes": int}}}."""
_VERSION = re.compile(r"/versions/(?P<name>[0-9a-f]{16})/?$")


def published_input(paths: Paths, name: str) -> Path:
    """Return the directory of a processing input; one from a published version holds what was published, to the byte.

    Raise InputError for a version in which a file was changed, added or lost since, and for one that is not complete.
    Data that lies elsewhere in S3 has no name to be held against.
    """
    folder = paths.processing_input(name)
    version = _VERSION.search(paths.processing_uri(name))
    if version and (problem := _difference(folder, version["name"])):
        raise InputError(
            f"the data is not what was published as version {version['name']}: {problem}; publish it again, and see in"
            " the bucket's access log who wrote there"
        )
    return folder


def _difference(folder: Path, version: str) -> str | None:
    """Say how a folder differs from the version of this name, if it does."""
    found = {path.relative_to(folder).as_posix(): digest(path) for path in folder.rglob("*") if path.is_file()}
    found.pop(MANIFEST, None)
    lines = "".join(f"{found[name]}  {name}\n" for name in sorted(found))
    if hashlib.sha256(lines.encode()).hexdigest().startswith(version):
        return None
    listed = _read_manifest(folder / MANIFEST)
    changed = [name for name in sorted(found.keys() | listed) if found.get(name) != listed.get(name)]
    if not listed or not changed:
        return f"its {MANIFEST} is missing or not its own"
    return f"{changed[0]} is {'missing' if changed[0] not in found else 'changed' if changed[0] in listed else 'new'}"


def _read_manifest(manifest: Path) -> Mapping[str, str]:
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return {str(name): str(file["sha256"]) for name, file in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
