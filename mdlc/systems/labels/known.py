"""The right labels of a folder with both manifests, and how near others come to them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any, Final

from labels.consolidation.boxes import Box, overlap
from labels.consolidation.marks import Mark
from mdlc.errors import InputError
from mdlc.systems.labels.generate import BOXES, FILES, FISH, MOOD, MOODS

SAME: Final = 0.5
"""Intersection over union from which a box is that of a thing."""


@dataclass(frozen=True)
class Picture:
    """A picture, relative to its folder, with what is in it; `size` is width and height in pixels."""

    file: str
    size: tuple[int, int]
    marks: Sequence[Mark[Box]]


@dataclass(frozen=True)
class Known:
    """Pictures and sentences, with the classes in the order of their numbers."""

    kinds: Sequence[str]
    pictures: Sequence[Picture]
    feelings: Sequence[str]
    sentences: Sequence[tuple[str, str]]
    """Each with its class."""


def read(folder: Path) -> Known:
    """Return what a folder knows. Raises `InputError` that names the file, the line and what it should be."""
    kinds: dict[int, str] = {}
    pictures = []
    for place, line in _lines(folder / FISH):
        picture, named = _picture(folder, line, place)
        for number, name in named.items():
            if kinds.setdefault(number, name) != name:
                raise InputError(f"{place}: class {number} is {name!r} here, and {kinds[number]!r} before.")
        pictures.append(picture)
    feelings: dict[int, str] = {}
    sentences = []
    for place, line in _lines(folder / MOODS):
        match line:
            case {"source": str(text), "known-mood": int(number), "known-mood-metadata": {"class-name": str(name)}}:
                feelings[number] = name
                sentences.append((text, name))
            case _:
                raise InputError(f'{place} needs "source", "{MOOD}" with a number, and its class-name in the metadata.')
    return Known(
        [kinds[number] for number in sorted(kinds)],
        pictures,
        [feelings[number] for number in sorted(feelings)],
        sentences,
    )


def marks_of(label: Mapping[str, Any], metadata: Mapping[str, Any]) -> list[Mark[Box]]:
    """Return the boxes of a label in Ground Truth's form, with the names of their classes."""
    names = {int(number): str(name) for number, name in metadata["class-map"].items()}
    return [
        Mark(names[int(each["class_id"])], Box(each["left"], each["top"], each["width"], each["height"]))
        for each in label["annotations"]
    ]


def score(known: Sequence[Sequence[Mark[Box]]], found: Sequence[Sequence[Mark[Box]]]) -> tuple[float, float]:
    """Return F1 of boxes of the right class at `SAME`, and the mean intersection over union of those."""
    alike: list[float] = []
    for there, said in zip(known, found, strict=True):
        left = list(there)
        for mark in said:
            same = [each for each in left if each.label == mark.label and overlap(each.shape, mark.shape) >= SAME]
            if same:
                best = max(same, key=lambda each: overlap(each.shape, mark.shape))
                left.remove(best)
                alike.append(overlap(best.shape, mark.shape))
    everything = sum(map(len, known)) + sum(map(len, found))
    return (2 * len(alike) / everything if everything else 1.0), (mean(alike) if alike else 0.0)


def _picture(folder: Path, line: Mapping[str, Any], place: str) -> tuple[Picture, Mapping[int, str]]:
    try:
        label, metadata = line[BOXES], line[f"{BOXES}-metadata"]
        marks = marks_of(label, metadata)
        size = int(label["image_size"][0]["width"]), int(label["image_size"][0]["height"])
        file = str(line["source-ref"])
        named = {int(number): str(name) for number, name in metadata["class-map"].items()}
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise InputError(
            f'{place} needs "source-ref" and "{BOXES}" with boxes in Ground Truth\'s form ({error!r} is wrong).'
        ) from error
    path = folder / file
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise InputError(f"{place}: {file} is no file of the folder.")
    return Picture(file, size, marks), named


def _lines(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each line of a manifest with its place in words."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: the demo takes a folder with {' and '.join(FILES)}.") from error
    if not text.strip():
        raise InputError(f"{file} has no line.")
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        place = f"{file}, line {number}"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{place} is no JSON: {error}.") from error
        if not isinstance(value, dict):
            raise InputError(f"{place} is no JSON object.")
        yield place, value
