"""The output of a Ground Truth labeling job, as it lies in S3 or in a folder that was copied from there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labels.answers import Answer, AnswerError, read
from labels.streaming import identity
from labels.streaming.identity import digest

MANIFEST = Path("manifests", "output", "output.manifest")
RESPONSES = Path("annotations", "worker-response")


class TreeError(ValueError):
    """A folder is not the output of a labeling job, or a file of it cannot be read."""


@dataclass(frozen=True)
class Tree:
    """The lines of a job's manifest, the answers by number of line (from 0), and why answers could not be read."""

    job: str
    lines: Sequence[Mapping[str, Any]]
    answers: Mapping[int, Sequence[Answer]]
    unread: Mapping[int, str]


def load(folder: Path, manifest: Path | None = None) -> Tree:
    """Read the output of a job; `manifest` where another one than the job's own output has the lines.

    An answer that has not the form of its element spoils its own object alone. Raises TreeError.
    """
    if not (folder / RESPONSES).is_dir():
        raise TreeError(
            f"{folder} has no {RESPONSES}: give the folder of one job, as it was copied from its S3OutputPath."
        )
    lines = list(read_manifest(manifest or folder / MANIFEST))
    numbers = {digest(known): number for number, line in enumerate(lines) if (known := identity.of_line(line))}
    answers: dict[int, list[Answer]] = {}
    unread: dict[int, str] = {}
    for file in sorted((folder / RESPONSES).glob("iteration-*/*/*.json")):
        name = file.parent.name
        number = int(name) if name.isdecimal() and int(name) < len(lines) else numbers.get(name)
        if number is None and len(name) == identity.LENGTH:  # of a streaming job, whose manifest is written later
            continue
        if number is None:
            raise TreeError(
                f"{file} is of object {name}, and the manifest has {len(lines)} lines: give its own with --manifest."
            )
        try:
            answers.setdefault(number, []).extend(read(json.loads(file.read_text(encoding="utf-8"))))
        except (AnswerError, ValueError, RecursionError) as error:
            unread[number] = f"{file.relative_to(folder)}: {error}"
    return Tree(folder.resolve().name, lines, answers, unread)


def read_manifest(manifest: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of a manifest, each of one object. Raises TreeError."""
    try:
        text = manifest.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TreeError(f"{manifest} cannot be read: {error}") from error
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):  # U+2028 may stand in a text
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TreeError(f"{manifest}, line {number} is no JSON: {error}") from error
        if not isinstance(value, dict) or len(value.keys() & {"source", "source-ref"}) != 1:
            raise TreeError(f'{manifest}, line {number} needs either "source" or "source-ref".')
        yield value
