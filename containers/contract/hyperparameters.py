"""Hyperparameters: SageMaker's JSON object of strings as a dataclass with types and bounds."""

from __future__ import annotations

import json
import math
import typing
from dataclasses import MISSING, dataclass, fields

from contract.errors import InputError

if typing.TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What the SDKs and tuning jobs add to every training job; no algorithm declares them.
_RESERVED_PREFIXES = ("sagemaker_", "_tuning_")
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}

T = typing.TypeVar("T")


@dataclass(frozen=True)
class Bounds:
    """The values that a hyperparameter may take; attached to a field as ``Annotated[type, Bounds(...)]``."""

    at_least: float = -math.inf
    at_most: float = math.inf
    above: float = -math.inf
    choices: tuple[str, ...] = ()

    def refusal(self, value: object) -> str | None:
        """Return what ``value`` must be instead, or None when it is within the bounds."""
        if self.choices and value not in self.choices:
            return f"one of {', '.join(self.choices)}"
        if isinstance(value, (int, float)):
            if value < self.at_least:
                return f"at least {self.at_least:.15g}"
            if value > self.at_most:
                return f"at most {self.at_most:.15g}"
            if value <= self.above:
                return f"above {self.above:.15g}"
        return None


def read_hyperparameters(settings: type[T], path: Path) -> T:
    """Read the job's hyperparameters.json into the dataclass ``settings``; no file means all defaults."""
    return parse_hyperparameters(settings, read_strings(path))


def read_strings(path: Path) -> Mapping[str, str]:
    """Read the job's hyperparameters.json as it is; no file means none are given."""
    try:
        values = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}") from error
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise InputError(f"{path} must hold a JSON object whose values are all strings")
    return values


def parse_hyperparameters(settings: type[T], values: Mapping[str, str]) -> T:
    """Parse strings into the dataclass ``settings``; unknown, missing and wrong ones raise InputError.

    A name's hyphens are the field's underscores, as with the arguments of a command.
    """
    hints = typing.get_type_hints(settings, include_extras=True)
    declared = fields(typing.cast("typing.Any", settings))
    known = {field.name for field in declared}
    parsed: dict[str, object] = {}
    for name, text in values.items():
        if name.startswith(_RESERVED_PREFIXES):
            continue
        field_name = name.replace("-", "_")
        if field_name not in known:
            raise InputError(f"hyperparameter {name} is unknown: there are {', '.join(sorted(known))}")
        if field_name in parsed:
            raise InputError(f"hyperparameter {name} is given twice: with hyphens and with underscores")
        parsed[field_name] = _parse(name, text, hints[field_name])
    for field in declared:
        if field.default is MISSING and field.name not in parsed:
            raise InputError(f"hyperparameter {field.name} is missing: it has no default")
    return settings(**parsed)


def _parse(name: str, text: str, hint: object) -> object:
    extras = typing.get_args(hint)
    kind, bounds = (extras[0], extras[1:]) if extras else (hint, ())
    try:
        value = _convert(text.strip(), typing.cast("type", kind))
    except ValueError:
        raise InputError(f"hyperparameter {name} must be {_KINDS[typing.cast('type', kind)]}, not {text!r}") from None
    for bound in bounds:
        refusal = bound.refusal(value)
        if refusal is not None:
            raise InputError(f"hyperparameter {name} must be {refusal}, not {text!r}")
    return value


def _convert(text: str, kind: type) -> object:
    if text.startswith('"'):  # the SDKs encode texts as JSON, and people numbers as texts
        text = str(json.loads(text))
    if kind is bool:
        return {"true": True, "false": False}[text.lower()] if text.lower() in {"true", "false"} else _refuse(text)
    if kind is str:
        return text
    value = kind(text if text.isascii() and "_" not in text else "")
    return value if math.isfinite(value) else _refuse(text)


def _refuse(text: str) -> object:
    raise ValueError(text)
