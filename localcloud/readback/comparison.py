"""How what an API answers is held against what a template says.

Templates and APIs write the same thing in different ways: numbers and booleans as text, policies as JSON text, tags as
lists or maps, lists in another order, nothing for what is empty. None of that is a difference.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["ADD", "REMOVE", "NOT_EQUAL"]
IDENTITIES: Final = (
    "Key",
    "Id",
    "Sid",
    "Name",
    "name",
    "AttributeName",
    "IndexName",
    "FeatureName",
    "PolicyName",
    "VariantName",
)
"""Members that say which element of a list is meant."""
_TAG: Final = {"Key", "Value"}


@dataclass(frozen=True)
class Difference:
    """A place (a JSON pointer) where the API answers something else than the template says; of its own, with `ADD`."""

    path: str
    expected: Any
    actual: Any
    kind: Kind


def differences(expected: object, actual: object, path: str = "") -> Iterator[Difference]:
    """Yield where the actual value differs from the expected one; `actual` is None where the API says nothing."""
    expected, actual = _alike(expected, actual)
    if expected == actual or (_empty(expected) and _empty(actual)):
        return
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            yield from differences(value, actual.get(key), f"{path}/{key}")
        for key in actual.keys() - expected.keys():
            if not _empty(actual[key]):
                yield Difference(f"{path}/{key}", None, actual[key], "ADD")
    elif isinstance(expected, list) and isinstance(actual, list):
        yield from _of_lists(expected, actual, path)
    elif actual is None:
        yield Difference(path, expected, None, "REMOVE")
    elif not _same_scalar(expected, actual):
        yield Difference(path, expected, actual, "NOT_EQUAL")


def contradicts(expected: object, actual: object) -> bool:
    """Return whether an actual value is another than the expected one, more than by members that only the API has."""
    return any(each.kind != "ADD" or each.path.rsplit("/", 1)[-1].isdigit() for each in differences(expected, actual))


def leaves(value: object, path: str = "") -> Iterator[str]:
    """Yield the place of every value that a template gives; a policy or another document is one value."""
    value = _as_map(value)
    if isinstance(value, dict) and value and not _is_document(value, path) and not _is_intrinsic(value):
        for key, item in value.items():
            yield from leaves(item, f"{path}/{key}")
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}/{index}")
    else:
        yield path


def general(path: str) -> str:
    """Return a place without the numbers of list elements: `/Rules/0/Id` is `/Rules/*/Id`."""
    return "/".join("*" if part.isdigit() else part for part in path.split("/"))


def covers(place: str, path: str) -> bool:
    """Return whether `path` is that place or lies in it; `*` stands for any name."""
    wanted, given = place.split("/"), path.split("/")
    return len(wanted) <= len(given) and all(a in {"*", b} for a, b in zip(wanted, given, strict=False))


def _of_lists(expected: Sequence[Any], actual: Sequence[Any], path: str) -> Iterator[Difference]:
    left = list(range(len(actual)))
    rest: list[int] = []
    for index, item in enumerate(expected):
        found = next((other for other in left if not contradicts(item, actual[other])), None)
        if found is None:
            rest.append(index)
        else:
            left.remove(found)
    for index in rest:
        partner = _partner(expected[index], index, actual, left)
        if partner is None:
            yield Difference(f"{path}/{index}", expected[index], None, "REMOVE")
        else:
            left.remove(partner)
            yield from differences(expected[index], actual[partner], f"{path}/{index}")
    for index in left:
        yield Difference(f"{path}/{index}", None, actual[index], "ADD")


def _partner(item: object, index: int, actual: Sequence[Any], left: Sequence[int]) -> int | None:
    if not isinstance(item, dict):
        return index if index in left else None
    for name in IDENTITIES:
        if name in item:
            same = (n for n in left if isinstance(actual[n], dict) and actual[n].get(name) == item[name])
            return next(same, None)
    return index if index in left else None


def _alike(expected: object, actual: object) -> tuple[Any, Any]:
    """Write both in the same way: JSON text as what it says, tags as maps."""
    if isinstance(expected, dict | list) and isinstance(actual, str):
        actual = _parsed(actual)
    elif isinstance(actual, dict | list) and isinstance(expected, str):
        expected = _parsed(expected)
    elif isinstance(expected, str) and isinstance(actual, str) and expected[:1] in {"{", "["}:
        expected, actual = _parsed(expected), _parsed(actual)
    return _as_map(expected), _as_map(actual)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _as_map(value: object) -> object:
    """Return a list of tags as a map, without those that AWS sets."""
    if isinstance(value, list) and value and all(isinstance(item, Mapping) and item.keys() == _TAG for item in value):
        return {item["Key"]: item["Value"] for item in value if not str(item["Key"]).startswith("aws:")}
    return value


def _same_scalar(expected: object, actual: object) -> bool:
    first, second = _text(expected), _text(actual)
    if first == second:
        return True
    try:
        return float(first) == float(second)
    except ValueError:
        return False


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) or value in {"True", "False"} else str(value)


def _empty(value: object) -> bool:
    return value is None or value in ({}, [], "")


def _is_intrinsic(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _is_document(value: Mapping[str, Any], path: str) -> bool:
    return "Statement" in value or path.rsplit("/", 1)[-1].endswith(("Document", "Pattern", "Schema", "Policy"))
