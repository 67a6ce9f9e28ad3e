"""Calls of intrinsic functions in a template, and the arguments that they take.

Source: the user guide's "Intrinsic function reference"; the words are those that users of AWS quote.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

UNCHECKED: Final = frozenset(
    {
        *("Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"),
        *("Fn::GetStackOutput", "Fn::ImportValue", "Fn::Length", "Fn::ToJsonString", "Fn::Transform"),
    }
)
"""Functions of rules, of transforms and of other stacks: who evaluates them judges their arguments."""


def calls(value: object) -> Iterator[tuple[str, Any]]:
    """Yield every call in a value as the function's name and its argument, calls in arguments included."""
    if isinstance(value, Mapping):
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or str(name).startswith("Fn::"):
                yield name, argument
        for child in value.values():
            yield from calls(child)
    elif isinstance(value, list):
        for child in value:
            yield from calls(child)


def wrong_call(name: str, argument: object) -> str:
    """Return what CloudFormation says of a call that is none; an empty text for one that is right."""
    if name in UNCHECKED or name.startswith("Fn::ForEach"):
        return ""
    if name not in _TAKES:
        return f"Template error: {name} is no intrinsic function"
    return "" if _TAKES[name](argument) else f"Template error: {_WORDS[name]}"


def _is_written(value: object) -> bool:
    return isinstance(value, str)


def _is_text(value: object) -> bool:
    """Return whether a value is a text, or a call that may give one."""
    return isinstance(value, str | int | float) or _is_call(value)


def _is_call(value: object) -> bool:
    return isinstance(value, Mapping) and len(value) == 1


def _is_list(value: object) -> bool:
    return isinstance(value, list) or _is_call(value)


def _of(*kinds: Callable[[object], bool], optional: int = 0) -> Callable[[object], bool]:
    """Return a test for a list of such arguments, of which the last few may be left out."""

    def takes(value: object) -> bool:
        return (
            isinstance(value, list)
            and len(kinds) - optional <= len(value) <= len(kinds)
            and all(kind(item) for kind, item in zip(kinds, value, strict=False))
        )

    return takes


def _is_attribute(value: object) -> bool:
    parts = value.split(".", 1) if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) < 2 or not _is_written(parts[0]):  # noqa: PLR2004 - the words say it
        return False
    return all(part != "" and _is_text(part) for part in parts)


def _is_index(value: object) -> bool:
    return _is_call(value) or (isinstance(value, str | int) and str(value).isdigit())


def _any(_: object) -> bool:
    return True


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping)


def _operands(value: object) -> bool:
    return isinstance(value, list) and 2 <= len(value) <= 10  # noqa: PLR2004 - the words say it


_TAKES: Final[Mapping[str, Callable[[object], bool]]] = {
    "Ref": lambda value: isinstance(value, str),
    "Fn::And": _operands,
    "Fn::Base64": _is_text,
    "Fn::Cidr": _of(_is_text, _is_text, _is_text, optional=1),
    "Fn::Equals": _of(_any, _any),
    "Fn::FindInMap": _of(_is_text, _is_text, _is_text, _is_map, optional=1),
    "Fn::GetAZs": _is_text,
    "Fn::GetAtt": _is_attribute,
    "Fn::If": _of(_is_written, _any, _any),
    "Fn::Join": _of(_is_written, _is_list),
    "Fn::Not": _of(_any),
    "Fn::Or": _operands,
    "Fn::Select": _of(_is_index, _is_list),
    "Fn::Split": _of(_is_written, _is_text),
    "Fn::Sub": lambda value: _is_written(value) or _of(_is_written, _is_map)(value),
}
"""What each function takes."""
_WORDS: Final = {
    "Ref": "All References must be of type string",
    "Fn::And": "every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.",
    "Fn::Base64": "every Fn::Base64 object must have a String-typed value.",
    "Fn::Cidr": "every Fn::Cidr object requires two parameters, an IP block and a count, and takes a third, the bits",
    "Fn::Equals": "every Fn::Equals object requires a list of 2 string parameters.",
    "Fn::FindInMap": "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for"
    " return value",
    "Fn::GetAZs": "Fn::GetAZs requires a single non-list argument",
    "Fn::GetAtt": "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource"
    " attribute",
    "Fn::If": "Fn::If requires a list argument with three elements",
    "Fn::Join": "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be"
    " joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
    "Fn::Not": "every Fn::Not object requires a list with exactly 1 boolean parameter.",
    "Fn::Or": "every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.",
    "Fn::Select": "Fn::Select requires a list argument with two elements: an integer index and a list",
    "Fn::Split": "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split"
    " or a function that returns a string to be split.",
    "Fn::Sub": "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first"
    " argument, and an optional second argument to specify a mapping of values to replace in the string",
}
"""What CloudFormation says of each where it gets something else."""
