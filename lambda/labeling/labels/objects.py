"""The lines of an input manifest, each an object that people label.

Source: SageMaker developer guide, "Use an Input Manifest File" (sms-input-data-input-manifest).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_CHARACTERS: Final = 100_000
"""What a line may have,"""
MOST_OF_ATTRIBUTE: Final = 20_000
"""and one of its attributes. Text that people label is one, too."""
LONGEST_NUMBER: Final = 10
"""Characters of the number of a line; the ids of objects that come as messages are longer."""
SECOND: Final = 10**LONGEST_NUMBER
SOURCES: Final = ("source", "source-ref")
_STREAMED: Final = re.compile(r"\$([a-zA-Z0-9-]+-object-id|sequencer)")
"""The names with $ that a streaming job writes into its lines, which may be another job's objects."""


class LineError(ValueError):
    """A line that is no object; one sentence that names the line and the remedy."""


@dataclass(frozen=True)
class DataObject:
    """An object: its id, which is the number of its line in the output from 0, and what the line says."""

    id: str
    value: Mapping[str, Any]

    @property
    def source(self) -> str:
        """The text, or the URI of the picture."""
        return str(self.value.get("source", self.value.get("source-ref")))


def read(lines: Iterable[str], source: str = "") -> Iterator[DataObject | LineError]:
    """Yield the object of every line, or why it is none; other lines are not harmed, and are numbered without it.

    `source` where every line must have "source", or "source-ref". A line that says the same as one before it is none.
    """
    seen: dict[str, int] = {}
    for number, text in enumerate(lines):
        try:
            value = read_one(text, source, f"Line {number + 1}")
        except LineError as error:
            yield error
            continue
        first = seen.setdefault(json.dumps(value, sort_keys=True), number)
        if first == number:
            yield DataObject(str(len(seen) - 1), value)
        else:
            yield LineError(f"Line {number + 1} says the same as line {first + 1}: leave it out.")


def order(identity: str) -> tuple[int, str]:
    """Return what the ids of a job's objects are sorted by: those of its manifest by number, then those that came."""
    return (int(identity), "") if identity.isdecimal() and len(identity) < LONGEST_NUMBER else (SECOND, identity)


def split(manifest: str) -> list[str]:
    """Return the lines of a manifest; U+2028 and its like may stand in a text, and end none."""
    return [line.removesuffix("\r") for line in manifest.removesuffix("\n").split("\n")]


def read_one(text: str, source: str = "", place: str = "The line") -> Mapping[str, Any]:
    """Return what the text of one object says; sentences call it by its `place`. Raises LineError."""
    if len(text) > MOST_CHARACTERS:
        raise LineError(f"{place} has {len(text):,} characters: {MOST_CHARACTERS:,} are the most.")
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise LineError(f"{place} is no JSON ({error}): write one object a line.") from error
    if not isinstance(value, dict):
        raise LineError(f"{place} is no JSON object: write one object a line.")
    given = [name for name in SOURCES if name in value]
    if len(given) != 1:
        raise LineError(f'{place} has {" and ".join(given) or "neither"} of "source" and "source-ref": give one.')
    if source and given[0] != source:
        raise LineError(f'{place} has "{given[0]}", and this type of task needs "{source}".')
    if not whole(json.dumps(value, ensure_ascii=False)):
        raise LineError(f"{place} has half of a character, written with \\ud8 to \\udf: write the whole one.")
    for problem in _problems(value, given[0]):
        raise LineError(f"{place} has {problem}")
    return value


def whole(text: str) -> bool:
    """Return whether a text can be written: JSON can name halves of characters, which no file takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(constant: str) -> None:
    """Refuse NaN and its like, which Python reads and JSON has not."""
    raise ValueError(f"{constant} is no value")


def _problems(value: Mapping[str, Any], source: str) -> Iterator[str]:
    if not isinstance(value[source], str) or not value[source]:
        yield f'a "{source}" that is no text.'
    elif source == "source-ref" and not value[source].startswith("s3://"):
        yield 'a "source-ref" that is no S3 URI: begin it with s3://.'
    for attribute, content in value.items():
        if attribute.startswith("$") and not _STREAMED.fullmatch(attribute):
            yield f'the attribute "{attribute}": no name may begin with $.'
        size = len(content) if isinstance(content, str) else len(json.dumps(content))
        if size > MOST_OF_ATTRIBUTE:
            yield f'{size:,} characters in "{attribute}": {MOST_OF_ATTRIBUTE:,} are the most.'
