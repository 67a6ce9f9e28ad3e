"""Filter policies of SNS subscriptions: which ones AWS refuses, and in what words.

Sources: developer guide of SNS, "Subscription filter policy constraints" and "String value matching"; answers that
localstack/localstack recorded from AWS (tests/aws/services/sns/test_sns_filter_policy.snapshot.json, Apache-2.0).
AWS adds where in the text it stumbled; this does not.
"""

import ipaddress
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST_KEYS = 5
MOST_COMBINATIONS = 150
BODY, ATTRIBUTES = "MessageBody", "MessageAttributes"
SCOPES = (BODY, ATTRIBUTES)
_TEXTS = frozenset({"prefix", "suffix", "equals-ignore-case", "wildcard"})
_NUMBERS = ("=", "<", "<=", ">", ">=")
_NAMES = {"=": "equals"}
_PAIR, _RANGE = 2, 4


class PolicyError(ValueError):
    """A filter policy that SNS refuses."""


def check(text: str, scope: str) -> None:
    """Raise `PolicyError` for a filter policy, as JSON, that SNS does not take in this scope."""
    try:
        policy = json.loads(text)
    except ValueError:
        raise PolicyError("failed to parse JSON.") from None
    if not isinstance(policy, Mapping):
        raise PolicyError("Filter is not an object")
    for rules in _rules(policy):
        _check_rules(rules)
    if len(policy) > MOST_KEYS:
        raise PolicyError(f"Filter policy can not have more than {MOST_KEYS} keys")
    if sum(map(math.prod, _combinations(policy, 1))) > MOST_COMBINATIONS:
        raise PolicyError("Filter policy is too complex")
    if scope == ATTRIBUTES and _is_nested(policy):
        raise PolicyError("Filter policy scope MessageAttributes does not support nested filter policy")


def _alternatives(key: str, value: object) -> Sequence[Mapping[str, Any]] | None:
    """Return what an `$or` chooses from; None for any other key, as a plain `$or` with values may be."""
    if key == "$or" and isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        return value
    return None


def _rules(policy: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    """Yield the rules of each key, however deep it lies."""
    for key, value in policy.items():
        if alternatives := _alternatives(key, value):
            for each in alternatives:
                yield from _rules(each)
        elif isinstance(value, Mapping):
            yield from _rules(value)
        elif isinstance(value, list):
            yield value
        else:
            raise PolicyError(f'"{key}" must be an object or an array')


def _is_nested(policy: Mapping[str, Any]) -> bool:
    return any(
        any(map(_is_nested, alternatives))
        if (alternatives := _alternatives(key, value))
        else isinstance(value, Mapping)
        for key, value in policy.items()
    )


def _combinations(policy: Mapping[str, Any], depth: int) -> list[list[int]]:
    """Return, for every way through the `$or`s, the numbers whose product is what AWS counts: values times depth."""
    ways: list[list[int]] = [[]]
    for key, value in policy.items():
        if alternatives := _alternatives(key, value):
            added = [way for each in alternatives for way in _combinations(each, depth)]
        elif isinstance(value, Mapping):
            added = _combinations(value, depth + 1)
        else:
            added = [[len(value) * depth]]
        ways = [[*way, *more] for way in ways for more in added]
    return ways


def _check_rules(rules: Sequence[Any]) -> None:
    if not rules:
        raise PolicyError("Empty arrays are not allowed")
    for rule in rules:
        if isinstance(rule, Mapping):
            _check_match(rule)
        elif isinstance(rule, list):
            raise PolicyError("Match value must be String, number, true, false, or null")


def _check_match(rule: Mapping[str, Any]) -> None:
    if len(rule) != 1:
        raise PolicyError("Only one key allowed in match expression")
    ((operator, value),) = rule.items()
    if operator in _TEXTS:
        _check_text(operator, value)
    elif operator == "exists":
        if not isinstance(value, bool):
            raise PolicyError("exists match pattern must be either true or false.")
    elif operator == "cidr":
        _check_addresses(value)
    elif operator == "numeric":
        _check_numbers(value)
    elif operator == "anything-but":
        _check_anything_but(value)
    else:
        raise PolicyError(f"Unrecognized match type {operator}")


def _check_text(operator: str, value: object) -> None:
    if not isinstance(value, str):
        raise PolicyError(f"{operator} match pattern must be a string")


def _check_anything_but(value: object) -> None:
    if not isinstance(value, Mapping):
        return
    for operator, pattern in value.items():
        if operator not in {"prefix", "wildcard"}:
            raise PolicyError(f"Unsupported anything-but pattern: {operator}")
        _check_text(operator, pattern)


def _check_addresses(value: object) -> None:
    _check_text("prefix", value)  # AWS's own word here
    address, slash, bits = str(value).partition("/")
    if not slash:
        raise PolicyError("Malformed CIDR, one '/' required")
    if not bits.isdecimal():
        raise PolicyError("Malformed CIDR, mask bits must be an integer")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise PolicyError(f"Nonstandard IP address: {address}") from None


def _check_numbers(value: object) -> None:
    if not isinstance(value, list) or not value:
        raise PolicyError("Invalid member in numeric match: ]")
    first = value[0]
    if not isinstance(first, str):
        raise PolicyError(f"Invalid member in numeric match: {first}")
    if first not in _NUMBERS:
        raise PolicyError(f"Unrecognized numeric range operator: {first}")
    _check_number(value, 1)
    if len(value) == _PAIR:
        return
    if first in {"=", "<", "<="}:
        raise PolicyError("Too many elements in numeric expression")
    second = value[2]
    if not isinstance(second, str):
        raise PolicyError(f"Bad value in numeric range: {second}")
    if second not in {"<", "<="}:
        raise PolicyError(f"Bad numeric range operator: {second}")
    _check_number(value, 3)
    if value[1] >= value[3]:
        raise PolicyError("Bottom must be less than top")
    if len(value) > _RANGE:
        raise PolicyError("Too many terms in numeric range expression")


def _check_number(value: Sequence[Any], at: int) -> None:
    operator = value[at - 1]
    if len(value) <= at or isinstance(value[at], bool) or not isinstance(value[at], int | float):
        raise PolicyError(f"Value of {_NAMES.get(operator, operator)} must be numeric")
