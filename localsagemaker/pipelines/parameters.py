"""Parameters of a pipeline: their types, defaults and allowed values, and the values of one execution."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localsagemaker.errors import ServiceError

Value = str | int | float | bool
_NUMBERS: Mapping[str, re.Pattern[str]] = {
    "Integer": re.compile(r"[+-]?[0-9]+"),
    "Float": re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"),
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
}


@dataclass(frozen=True)
class Parameter:
    """A declared parameter; one without a default must be given at the start of every execution."""

    name: str
    type: str
    default: Value | None = None
    allowed: tuple[Value, ...] = ()

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Parameter":
        """Return a parameter from the definition; `ValueError` when it is badly declared."""
        name, kind = item.get("Name"), item.get("Type")
        if not isinstance(name, str) or not name:
            raise ValueError(f"a parameter has no Name: {dict(item)!r}")
        if not isinstance(kind, str) or kind not in _TYPES:
            raise ValueError(f"parameter {name} has type {kind!r}: it must be one of {', '.join(_TYPES)}")
        parameter = cls(name, kind, item.get("DefaultValue"), tuple(item.get("EnumValues", ())))
        for value in (*parameter.allowed, *([] if parameter.default is None else [parameter.default])):
            if not parameter.accepts(value):
                raise ValueError(f"{value!r} is not a value of parameter {name}, whose type is {kind}")
        if parameter.default is not None and parameter.allowed and parameter.default not in parameter.allowed:
            raise ValueError(f"the default of parameter {name}, {parameter.default!r}, is not among its EnumValues")
        return parameter

    def accepts(self, value: object) -> bool:
        """Return whether a value has the parameter's type."""
        if isinstance(value, bool):
            return self.type == "Boolean"
        if isinstance(value, float) and not math.isfinite(value):
            return False
        return isinstance(value, _TYPES[self.type])

    def parse(self, text: str) -> Value:
        """Return the value that a start request gives as a text; `ValueError` unless it is one of this parameter's."""
        value = self._convert(text)
        if self.allowed and value not in self.allowed:
            choices = ", ".join(str(choice) for choice in self.allowed)
            raise ValueError(f"parameter {self.name} is {text!r}: it must be one of {choices}")
        return value

    def _convert(self, text: str) -> Value:
        wrong = ValueError(f"parameter {self.name} is {text!r}, which is not of type {self.type}")
        if self.type == "Boolean":
            if text.lower() not in {"true", "false"}:
                raise wrong
            return text.lower() == "true"
        if self.type == "String":
            if not text:
                raise ValueError('[string "" is too short (length: 0, required minimum: 1)]')
            return text
        if not _NUMBERS[self.type].fullmatch(text):
            raise wrong
        number = int(text) if self.type == "Integer" else float(text)
        if not math.isfinite(number):
            raise wrong
        return number


def bind(declared: Iterable[Parameter], given: Sequence[Mapping[str, str]]) -> dict[str, Value]:
    """Return every parameter's value in one execution; `ValidationException` for unknown or missing ones."""
    parameters = {parameter.name: parameter for parameter in declared}
    values = {name: parameter.default for name, parameter in parameters.items() if parameter.default is not None}
    seen: set[str] = set()
    for item in given:
        name = item["Name"]
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            raise ServiceError("ValidationException", f"Unknown parameter [{name}]: the pipeline's are {known}.")
        if name in seen:
            raise ServiceError("ValidationException", f"Parameter [{name}] is given twice.")
        seen.add(name)
        try:
            values[name] = parameters[name].parse(item["Value"])
        except ValueError as error:
            raise ServiceError("ValidationException", f"{error}.") from error
    missing = [name for name in parameters if name not in values]
    if missing:
        raise ServiceError("ValidationException", f"Parameters without a value: {', '.join(missing)}.")
    return values
