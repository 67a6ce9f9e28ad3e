"""Make the manifest of what lies below a prefix of S3, or in a folder that is to be copied there.

Sources: SageMaker developer guide, "Automated Data Setup" (sms-console-create-manifest-file), "Supported Data Formats"
(sms-supported-data-formats) and "Input Data Quotas" (input-data-limits).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

PICTURES: Final = (".jpg", ".jpeg", ".png")
TEXTS: Final = (".txt",)
MOST_BYTES: Final = 40 * 1024 * 1024
"""What a picture may have."""


@dataclass(frozen=True)
class Stored:
    """An object below the prefix: its key, or the name of a file below the folder, and its bytes."""

    key: str
    size: int


@dataclass(frozen=True)
class Gathered:
    """The lines of a manifest, and why an object has none."""

    lines: Sequence[Mapping[str, Any]]
    skipped: Mapping[str, str]


def pictures(stored: Iterable[Stored], uri: str) -> Gathered:
    """Return a line for each picture, by name; `uri` is that of the bucket or folder that keys are below."""
    lines, skipped = [], {}
    for each in sorted(stored, key=lambda one: one.key):
        if problem := _problem(each, PICTURES):
            skipped[each.key] = problem
        else:
            lines.append({"source-ref": f"{uri.rstrip('/')}/{each.key}"})
    return Gathered(lines, skipped)


NO_TEXT: Final = "It is no .txt file, or is empty."


def is_text(stored: Stored) -> bool:
    """Return whether an object has texts to label."""
    return not _problem(stored, TEXTS)


def texts(content: str) -> Iterator[Mapping[str, Any]]:
    """Yield a line for each line of a text file that is not blank."""
    for text in content.replace("\r\n", "\n").split("\n"):
        if text.strip():
            yield {"source": text}


def _problem(stored: Stored, endings: Sequence[str]) -> str:
    """Return why an object is not labeled; empty where it is."""
    ending = PurePosixPath(stored.key).suffix.lower()
    if ending not in endings:
        return f"It ends with none of {', '.join(endings)}."
    if not stored.size:
        return "It is empty."
    if endings == PICTURES and stored.size > MOST_BYTES:
        return f"It has {stored.size:,} bytes, and a picture may have {MOST_BYTES:,}."
    return ""
