"""The files of a channel or an input, without those that no person put there, and their digests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MARKS: Final = frozenset({"_SUCCESS"})
"""Files of Spark's that say that the others are complete."""
_CHUNK: Final = 1 << 20


def is_data(path: Path, folder: Path) -> bool:
    """Say whether a path below a folder is anybody's data: notebooks' checkpoints and systems' own files are not."""
    return path.name not in MARKS and not any(part.startswith(".") for part in path.relative_to(folder).parts)


def data_files(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the files below a folder that match and are data, in the order of their names."""
    return sorted(path for path in folder.rglob(pattern) if path.is_file() and is_data(path, folder))


def digest(file: Path) -> str:
    """Return a file's SHA-256, in hexadecimal."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
