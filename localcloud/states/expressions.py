"""JSONata in definitions: where it stands, and why AWS would not take it.

Sources of the codes and words: what AWS said of the definitions in floci-io/floci#2745 (`INVALID_JSONATA_EXPRESSION`)
and #2670 (`UNSUPPORTED_JSONATA_EXPRESSION`: no expression has a context to take a name from).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jsonata

INVALID: Final = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED: Final = "UNSUPPORTED_JSONATA_EXPRESSION"
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "binary": ("lhs", "rhs"),
    "block": ("expressions",),
    "condition": ("condition", "then", "_else"),
    "function": ("arguments",),
    "unary": ("expression", "expressions"),
}
"""What a node of an expression is made of, in the same context."""
_EXPRESSION: Final = re.compile(r"\{%(.*)%\}", re.DOTALL)


def expressions_in(value: Any, place: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """Yield each expression within a value of a definition, and where it stands."""
    if isinstance(value, str) and (found := _EXPRESSION.fullmatch(value)):
        yield found[1], place
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from expressions_in(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from expressions_in(inner, f"{place}[{index}]")


def problem_of(expression: str) -> tuple[str, str] | None:
    """Return the code and words with which AWS refuses an expression; nothing for one that it takes."""
    try:
        parsed = jsonata.Jsonata(expression).ast
    except Exception as error:  # noqa: BLE001 - the parser raises what comes
        return INVALID, str(error)
    name = next(_names(parsed), None)
    return None if name is None else (UNSUPPORTED, f"Reference to '{name}' at the top level is not supported.")


def _names(node: Any) -> Iterator[str]:  # noqa: ANN401 - the parser's
    """Yield the names that are looked for in the context of the whole expression."""
    kind = getattr(node, "type", None)
    if kind == "path" and node.steps[0].type == "name":
        yield str(node.steps[0].value)
    elif kind == "path":
        yield from _names(node.steps[0])
    else:
        for part in _PARTS.get(str(kind), ()):
            found = getattr(node, part)
            for each in found if isinstance(found, list) else [found]:
                yield from _names(each)
