"""Files that the service and a container exchange below /opt/ml."""

import json
from pathlib import Path

LONGEST_TEXT = 4096
"""Bytes that are read of what a container says."""


def write_json(file: Path, content: object) -> None:
    """Write a configuration file of the /opt/ml tree."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, default=str))


def read_text(file: Path) -> str | None:
    """Return the text of a file that a container may have written; None when there is none, or a link."""
    if file.is_symlink() or not file.is_file():
        return None
    with file.open("rb") as stream:
        return stream.read(LONGEST_TEXT).decode("utf-8", "replace").strip() or None
