"""Conditions of a condition step: comparisons, `In`, `Not` and `Or`."""

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localsagemaker.pipelines.expressions import StepFailedError, Values, evaluate, references

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
_MEMBERS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys((*_ORDER, "Equals"), frozenset({"LeftValue", "RightValue"})),
    "In": frozenset({"QueryValue", "Values"}),
    "Not": frozenset({"Condition"}),
    "Or": frozenset({"Conditions"}),
}


def check(condition: object) -> None:
    """Raise `ValueError` unless a condition is well formed."""
    if not isinstance(condition, Mapping):
        raise ValueError(f"a condition must be an object, not {condition!r}")  # noqa: TRY004 - one kind of error
    kind = condition.get("Type")
    if not isinstance(kind, str) or kind not in _MEMBERS:
        raise ValueError(f"condition type {kind!r} is unknown: it must be one of {', '.join(sorted(_MEMBERS))}")
    if condition.keys() - {"Type"} != _MEMBERS[kind]:
        wanted = " and ".join(sorted(_MEMBERS[kind]))
        raise ValueError(f"condition {kind} takes {wanted}, not {', '.join(sorted(condition.keys() - {'Type'}))}")
    if kind in {"In", "Or"}:
        member = "Values" if kind == "In" else "Conditions"
        if not isinstance(condition[member], list) or not condition[member]:
            raise ValueError(f"{member} of condition {kind} must be a list with at least one item")
    for child in _children(condition):
        check(child)
    list(references(condition))


def holds(condition: Mapping[str, Any], values: Values) -> bool:
    """Return whether a condition is true; `StepFailedError` for values that cannot be compared."""
    kind = condition["Type"]
    if kind == "Not":
        return not holds(condition["Condition"], values)
    if kind == "Or":
        return any(holds(child, values) for child in condition["Conditions"])
    if kind == "In":
        query = evaluate(condition["QueryValue"], values)
        return any(_equal(query, evaluate(item, values)) for item in condition["Values"])
    left, right = evaluate(condition["LeftValue"], values), evaluate(condition["RightValue"], values)
    return _equal(left, right) if kind == "Equals" else _compare(kind, left, right)


def _children(condition: Mapping[str, Any]) -> Iterator[object]:
    if condition["Type"] == "Not":
        yield condition["Condition"]
    elif condition["Type"] == "Or":
        yield from condition["Conditions"]


def _compare(kind: str, left: object, right: object) -> bool:
    for value in (left, right):
        if not _is_number(value):
            raise StepFailedError(f"Condition {kind} compares numbers, and {value!r} is not a number.")
    return _ORDER[kind](left, right)


def _equal(left: object, right: object) -> bool:
    if type(left) is not type(right) and not (_is_number(left) and _is_number(right)):
        raise StepFailedError(f"{left!r} and {right!r} cannot be compared: they are of different types.")
    return left == right


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
