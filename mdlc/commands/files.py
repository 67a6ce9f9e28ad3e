"""Files that several commands read or write."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from labels.categories import read as read_categories
from mdlc.errors import InputError


def write_lines(file: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write a file of JSON Lines, whole or not at all. Raises InputError."""
    partial = file.with_name(f".{file.name}.part")
    try:
        partial.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.") from error


def read_object(file: Path) -> Mapping[str, Any]:
    """Return the JSON object of a file. Raises InputError."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise InputError(f"{file} is no JSON object: give one.")
    return value


def read_classes(file: Path | None, kind: str = "") -> Sequence[str]:
    """Return the classes of a label category file in their order; none without a file. Raises InputError."""
    if file is None:
        return ()
    try:
        return read_categories(file.read_text(encoding="utf-8"), kind)
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: {error}") from error
