"""Worker templates: where they are found, and data to try them with."""

import json
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from mdlc.errors import InputError

SUFFIXES: Final = (".html", ".liquid")
PICTURE: Final = "s3://samples/picture.png"
"""What stands for every medium of which nothing is known."""
ITEMS: Final = 2
LONGEST_NAME: Final = 250
_PATH: Final = r"[\w-]+(?:\.[\w-]+)*"
_LOOP: Final = re.compile(rf"{{%-?\s*for\s+(\w+)\s+in\s+task\.input\.({_PATH})")
_OUTPUT: Final = re.compile(rf"{{{{-?\s*({_PATH})\s*((?:\|[^}}]*)?)-?}}}}")


@dataclass(frozen=True)
class Template:
    """A worker template, and the data of one task that it is shown with; media are files by their URI."""

    name: str
    text: str
    data: Mapping[str, Any]
    media: Mapping[str, Path] = field(default_factory=dict)


def find(place: Path) -> dict[str, str]:
    """Return the templates in a file, a folder or a git repository's newest commit, by name.

    What has the ending of a template and no element of a form in it is none.
    """
    if place.is_file():
        return {place.name: _read(place.name, place.read_bytes())}
    found = dict(_commit(place) if (place / "HEAD").is_file() else _folder(place))
    if not found:
        raise InputError(f"{place} has no worker template: a file that ends in .html or .liquid with a crowd- element.")
    return found


def _folder(place: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(place.rglob("*")):
        name = str(file.relative_to(place))
        if file.is_file() and file.suffix in SUFFIXES and b"<crowd-" in (content := file.read_bytes()):
            yield name, _read(name, content)


def _commit(place: Path) -> Iterator[tuple[str, str]]:
    """Read a git directory that has no work tree."""
    git = subprocess.run(["git", f"--git-dir={place}", "archive", "HEAD"], capture_output=True, check=False)  # noqa: S603, S607
    if git.returncode:
        said = git.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(f"{place} cannot be read by git: {said[-1] if said else 'no reason given'}.")
    with tarfile.open(fileobj=BytesIO(git.stdout)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(SUFFIXES) else None
            if content and b"<crowd-" in (read := content.read()):
                yield member.name, _read(member.name, read)


def _read(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is no UTF-8 at byte {error.start}: save it as UTF-8.") from error


def sample(text: str) -> dict[str, Any]:
    """Return data that a template can be shown with: something for every part of `task.input` that it names.

    Lists where it loops, a picture where it grants access, and JSON where its script parses some.
    """
    words = '["Sample", "text"]' if "JSON.parse" in text else "Sample text"
    loops = dict(_LOOP.findall(text))
    data: dict[str, Any] = {}
    for path in loops.values():
        _put(data, path, [{} for _ in range(ITEMS)])
    for path, filters in _OUTPUT.findall(text):
        value: Any = words
        if "grant_read_access" in filters:
            value = PICTURE
        elif "to_json" in filters:
            value = ["One", "Two", "Three"]
        first, _, rest = path.partition(".")
        if path.startswith("task.input."):
            _put(data, path.removeprefix("task.input."), value)
        elif first in loops:
            items = _get(data, loops[first])
            for index, item in enumerate(items):
                if rest and isinstance(item, dict):
                    _put(item, rest, value)
                else:
                    items[index] = value
    return data


def _put(data: dict[str, Any], path: str, value: object) -> None:
    *before, last = path.split(".")
    for name in before:
        data = data.setdefault(name, {}) if isinstance(data.get(name, {}), dict) else {}
    data.setdefault(last, value)


def _get(data: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - as nested as the template says
    value: Any = data
    for name in path.split("."):
        value = value[name]
    return value


def read_data(file: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """Read the data of a task, `task.input`, from a JSON file, and the files beside it that it names as media."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{file} is no JSON: {error}.") from error
    if not isinstance(data, dict):
        raise InputError(f'{file} has no JSON object: give what task.input shall be, such as {{"taskObject": …}}.')
    named = (data | data.get("taskInput", {})) if isinstance(data.get("taskInput"), dict) else data
    beside = file.resolve().parent
    media = {
        text: beside / text
        for text in strings(named)
        if text
        and len(text) < LONGEST_NAME
        and "\n" not in text
        and (beside / text).resolve().is_relative_to(beside)
        and (beside / text).is_file()
    }
    return dict(data.get("taskInput", data)), media


def strings(value: object) -> Iterator[str]:
    """Yield every string in JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
