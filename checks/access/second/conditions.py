"""Whether the conditions of a statement hold for a request."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any, Final

from checks.access.second.patterns import Context, is_arn_part_by_part, is_like, resolve

Test = Callable[[str, str], bool]
"""Says of the value of a policy and that of a request whether they match."""


class UnknownOperatorError(ValueError):
    """A condition that nobody here can judge."""


def _date(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    return datetime.fromisoformat(text)


def _equals(wanted: str, given: str) -> bool:
    return wanted == given


def _in_network(wanted: str, given: str) -> bool:
    return ip_address(given) in ip_network(wanted)


def _like(wanted: str, given: str) -> bool:
    return is_like(wanted, given)


TESTS: Final[Mapping[str, Test]] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.lower() == given.lower(),
    "StringLike": _like,
    "NumericEquals": lambda wanted, given: float(given) == float(wanted),
    "NumericLessThan": lambda wanted, given: float(given) < float(wanted),
    "NumericLessThanEquals": lambda wanted, given: float(given) <= float(wanted),
    "NumericGreaterThan": lambda wanted, given: float(given) > float(wanted),
    "NumericGreaterThanEquals": lambda wanted, given: float(given) >= float(wanted),
    "DateEquals": lambda wanted, given: _date(given) == _date(wanted),
    "DateLessThan": lambda wanted, given: _date(given) < _date(wanted),
    "DateLessThanEquals": lambda wanted, given: _date(given) <= _date(wanted),
    "DateGreaterThan": lambda wanted, given: _date(given) > _date(wanted),
    "DateGreaterThanEquals": lambda wanted, given: _date(given) >= _date(wanted),
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
    "BinaryEquals": lambda wanted, given: base64.b64decode(wanted) == base64.b64decode(given),
    "IpAddress": _in_network,
    "ArnEquals": is_arn_part_by_part,
    "ArnLike": is_arn_part_by_part,
}
NEGATED: Final = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
"""Operators that hold where another does not, and where the request has no such key."""
ALL, ANY, IF_EXISTS = "ForAllValues:", "ForAnyValue:", "IfExists"
PATTERNS: Final = {"StringLike", "ArnEquals", "ArnLike"}


def hold(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Return whether all conditions hold in a context whose keys are in lower case; raise for an unknown operator."""
    return all(
        _holds(operator, [str(each) for each in _list(wanted)], context.get(key.lower()), context)
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, wanted: list[str], given: str | list[str] | None, context: Context) -> bool:
    if operator == "Null":
        return (given is None) == (wanted[0].lower() == "true")
    of_all, of_any = operator.startswith(ALL), operator.startswith(ANY)
    name = operator.removeprefix(ALL).removeprefix(ANY)
    optional, name = name.endswith(IF_EXISTS), name.removesuffix(IF_EXISTS)
    negated, name = name in NEGATED, NEGATED.get(name, name)
    if name not in TESTS:
        raise UnknownOperatorError(f"{operator} is no operator that this evaluator knows: add it to TESTS.")
    values = [] if given is None else _list(given)
    if not values:
        return of_all or (optional and not of_any) or (negated and not of_any)

    def matches(value: str) -> bool:
        return any(_matches(name, pattern, value, context) for pattern in wanted) != negated

    return all(map(matches, values)) if of_all or (negated and not of_any) else any(map(matches, values))


def _matches(name: str, pattern: str, value: str, context: Context) -> bool:
    resolved = resolve(pattern, context)
    if resolved is None:
        return False
    if name not in PATTERNS:
        resolved = resolved.replace("\\", "") if "${" in pattern else pattern
    return TESTS[name](resolved, value)


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - a value of a policy
    return value if isinstance(value, list) else [value]
