"""What goes into an image: a base and packages that are named for good, and nothing that nobody has judged."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from checks.gates import Found

DOCKERFILES: Final = "containers/*/Dockerfile*"
BASES: Final = ("public.ecr.aws/docker/library/",)
"""Registries of base images: copies of Docker's own official images at AWS, which ask nobody to sign in."""
INSTALL: Final = ["python", "-m", "pip", "install"]
COMPILE: Final = ["python", "-m", "compileall"]
SWITCHES: Final = {"--no-cache-dir", "--disable-pip-version-check", "--require-hashes", "--no-deps", "-r"}
PLAIN: Final = {"LABEL", "ENV", "WORKDIR", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD", "STOPSIGNAL"}
"""Instructions that take nothing from anywhere."""


@dataclass(frozen=True)
class Instruction:
    """A Dockerfile's instruction: where it begins, its name and what follows."""

    line: int
    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Its arguments: of a JSON array, or as a shell divides them."""
        try:
            return [str(each) for each in json.loads(self.rest if self.rest.startswith("[") else "")]
        except ValueError:
            return shlex.split(self.rest)


@dataclass
class Known:
    """What the lines above an instruction say: values of `ARG`, stages, and folders of this stage with our files."""

    arguments: dict[str, str] = field(default_factory=dict)
    stages: set[str] = field(default_factory=set)
    copied: list[str] = field(default_factory=list)


def image_recipes(root: Path) -> Iterator[Found]:
    """Judge the Dockerfiles of a checkout."""
    for file in sorted(root.glob(DOCKERFILES)):
        yield from judge(file, file.relative_to(root).as_posix())


def judge(file: Path, name: str) -> Iterator[Found]:
    """Judge a Dockerfile, which findings call by `name`."""
    known = Known()
    for each in instructions(file.read_text(encoding="utf-8")):
        if problem := _problem(each, known):
            yield Found("image-recipe", f"{name}:{each.line}", problem)


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile, with lines that go on put together and comments left out."""
    begun = 0
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#") or not (line.strip() or parts):
            continue
        begun = begun if parts else number
        parts.append(line.strip().removesuffix("\\"))
        if not line.rstrip().endswith("\\"):
            name, _, rest = " ".join(parts).partition(" ")
            yield Instruction(begun, name.upper(), rest.strip())
            parts = []


def _problem(instruction: Instruction, known: Known) -> str | None:
    """Say what is wrong with an instruction; what it says to those below is kept in `known`."""
    words = instruction.words
    match instruction.name:
        case "ARG":
            name, _, known.arguments[name] = instruction.rest.partition("=")
        case "FROM":
            known.copied.clear()
            known.stages.update(stage for word, stage in pairwise(words) if word.upper() == "AS")
            return _base_problem(_fill(words, known.arguments)[0])
        case "RUN":
            return _run_problem(words, known.copied)
        case "COPY" if words[0].removeprefix("--from=") in known.stages:
            pass
        case "COPY" if not any(word.startswith("--from") or "://" in word for word in words):
            known.copied.append(f"{words[-1].rstrip('/')}/")
        case name if name not in PLAIN:
            return f"Nobody has judged {name} {instruction.rest[:60]}: what does it bring into the image?"
    return None


def _fill(words: Sequence[str], arguments: Mapping[str, str]) -> list[str]:
    return [re.sub(r"\$\{?(\w+)\}?", lambda match: arguments.get(match[1], match[0]), word) for word in words]


def _base_problem(image: str) -> str | None:
    if not image.startswith(BASES):
        return f"Nobody has judged where its base {image} is from: add the registry to checks/image_recipes.py, or not."
    if not re.search(r"@sha256:[0-9a-f]{64}$|:(?!latest$)[\w.-]+$", image):
        return f"Its base {image} is another one tomorrow: name a version."
    return None


def _run_problem(words: Sequence[str], copied: Sequence[str]) -> str | None:
    if words[: len(COMPILE)] == COMPILE or (words[0] == "python" and words[1].startswith(tuple(copied))):
        return None
    if words[: len(INSTALL)] != INSTALL:
        return f"Nobody has judged what `{' '.join(words)[:60]}` brings into the image."
    given = words[len(INSTALL) :]
    if "--require-hashes" not in given:
        return "Packages are installed without --require-hashes: whoever has their index decides what they are."
    files = {file for option, file in pairwise(given) if option == "-r"}
    if others := [word for word in given if word not in SWITCHES | files]:
        return f"pip is given {' '.join(others)}, which nobody has judged: packages stand in requirements.txt alone."
    return None
