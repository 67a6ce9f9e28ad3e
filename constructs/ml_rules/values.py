"""Values of a template as JSON has them, which may be written in several ways."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any


def get(value: Any, path: str, default: Any = None) -> Any:  # noqa: ANN401 - whatever a template holds
    """Return what `value` holds at `path`, written with dots; `{}` also for text where that is the default."""
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return default
        value = value[key]
    return default if default == {} and not isinstance(value, dict) else value


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - whatever a template holds
    """Return `value` as the list that it may be written without."""
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def named_values(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever a template holds
    """Yield every property in `value`, however deep, by its name; also one written as a pair of Name and Value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield str(name), item
            yield from named_values(item)
        if "Name" in value and "Value" in value:
            yield str(value["Name"]), value["Value"]
    elif isinstance(value, list):
        for item in value:
            yield from named_values(item)


def parse_json(value: Any) -> Any:  # noqa: ANN401 - text or an object
    """Return `value`, or what it holds where it is JSON written as text; nothing where it is other text."""
    if isinstance(value, str):
        with suppress(ValueError):
            return json.loads(value)
        return {}
    return value


def mappings(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - whatever a template holds
    """Yield every mapping in `value`, however deep, and `value` itself."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(item)


def is_true(value: object) -> bool:
    """Return whether CloudFormation takes `value` for true: it may be written as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def number(value: object) -> float | None:
    """Return the number that a template gives, as one or as text."""
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        return None
