"""Paths into JSON, as property references and JsonGet write them: `a.b[0]`, `Outputs['train'].S3Output`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_TOKEN = re.compile(r"\.?([A-Za-z0-9_:\-]+)|\[(\d+)\]|\[(?:'([^']*)'|\"([^\"]*)\")\]")
Path = tuple[str | int, ...]


def parse(text: str) -> Path:
    """Return the keys and indexes of a path; `ValueError` when it is none."""
    tokens: list[str | int] = []
    position = 0
    text = text.removeprefix("$.")
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"{text!r} is not a path: unexpected {text[position:]!r}")
        member, index, single, double = match.groups()
        tokens.append(int(index) if index else next(key for key in (member, single, double) if key is not None))
        position = match.end()
    if not tokens:
        raise ValueError("a path is empty")
    return tuple(tokens)


def look_up(value: Any, path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a path leads to; `LookupError` naming the part that is not there.

    A key on a list finds the item whose name member (`OutputName`, `ChannelName`, `MetricName`, …) equals it.
    """
    for depth, key in enumerate(path):
        where = "".join(f"[{part!r}]" for part in path[: depth + 1])
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, Mapping) and str(key) in value:
            value = value[str(key)]
        elif isinstance(value, list | tuple) and isinstance(key, int):
            if key >= len(value):
                raise LookupError(f"{where} is beyond the end of a list of {len(value)}")
            value = value[key]
        elif isinstance(value, list | tuple):
            value = _find_named(value, str(key), where)
        else:
            raise LookupError(f"{where} is not there")
    return value


def _find_named(items: Sequence[Any], name: str, where: str) -> Any:  # noqa: ANN401 - any JSON value
    for item in items:
        if isinstance(item, Mapping):
            names = (value for member, value in item.items() if member.endswith("Name"))
            if name in names:
                return item
    raise LookupError(f"{where} is not there")
