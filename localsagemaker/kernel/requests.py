"""Requests against AWS's own service model: what a valid one is, and the one that an operation receives.

What the service checks is checked here, in its words: required members, bounds, enumerations and patterns. Patterns
that only Java's dialect has, such as classes of punctuation, are not. Types and unknown members, which the clients of
AWS refuse before they send anything, are checked by botocore in its words.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope


@dataclass(frozen=True)
class Request:
    """A valid request: the operation, its parameters as the wire has them, who makes it, and the roles it passes."""

    operation: str
    parameters: Mapping[str, Any]
    caller: Caller
    roles: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        """Where the request acts."""
        return self.caller.scope


_OURS = ("Missing required parameter", "Invalid length", "Invalid range")
"""What botocore finds too, and the service says in other words."""
_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\w", r"\p{Z}": r" \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"}
"""Unicode classes of Java's within brackets. `\\w` takes in the underscore, as each such class of the model does."""
_NUMBERS = frozenset({"integer", "long", "float", "double"})
Handler = Callable[[Request], dict[str, Any]]


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of one service."""
    return botocore.session.get_session().get_service_model(service)


def operation_model(operation: str, service: str = "sagemaker") -> OperationModel:
    """Return the model of one operation; `UnknownOperationException` when AWS has none of that name."""
    model = service_model(service)
    if operation not in model.operation_names:
        raise ServiceError("UnknownOperationException", f"{service} has no operation {operation}.", 404)
    return model.operation_model(operation)


def parse(operation: str, parameters: Mapping[str, Any], caller: Caller, service: str = "sagemaker") -> Request:
    """Return a request, its idempotency token filled in; `ValidationException` unless it is valid."""
    shape = operation_model(operation, service).input_shape
    if not isinstance(shape, StructureShape):
        return Request(operation, dict(parameters), caller)
    complete = dict(parameters)
    for name, member in shape.members.items():
        if member.metadata.get("idempotencyToken"):
            complete.setdefault(name, str(uuid.uuid4()))
    report = ParamValidator().validate(complete, shape).generate_report().splitlines()
    problems = [*violations(complete, shape, ""), *(line for line in report if not line.startswith(_OURS))]
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise ServiceError("ValidationException", f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")
    roles = (value for member, value in _leaves(complete, shape) if member.name == "RoleArn")
    return Request(operation, complete, caller, tuple(dict.fromkeys(roles)))


def _leaves(value: Any, shape: Shape) -> Iterator[tuple[Shape, Any]]:  # noqa: ANN401 - any JSON value
    for child, child_shape, _ in _children(value, shape):
        yield child_shape, child
        yield from _leaves(child, child_shape)


def _children(value: Any, shape: Shape) -> Iterator[tuple[Any, Shape, str]]:  # noqa: ANN401 - any JSON value
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, child in value.items():
            if name in shape.members:
                yield child, shape.members[name], f".{name[:1].lower()}{name[1:]}"
    elif isinstance(shape, ListShape) and isinstance(value, list | tuple):
        for index, child in enumerate(value, 1):
            yield child, shape.member, f".{index}.member"
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for name, child in value.items():
            yield name, shape.key, f".{name}.key"
            yield child, shape.value, f".{name}.member"


def violations(value: Any, shape: Shape, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield what a service says of each part of a value that its model does not take."""
    for constraint in constraints(value, shape):
        said = "" if shape.metadata.get("sensitive") else f" '{value}'"
        yield f"Value{said} at '{path.lstrip('.')}' failed to satisfy constraint: Member must {constraint}"
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name in shape.required_members:
            if value.get(name) is None:
                where = f"{path}.{name[:1].lower()}{name[1:]}".lstrip(".")
                yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
    for child, child_shape, step in _children(value, shape):
        yield from violations(child, child_shape, path + step)


def unmet(value: Any, shape: Shape) -> str | None:  # noqa: ANN401 - any JSON value
    """Return the first thing that a value must still do; nothing when it does all."""
    return next(constraints(value, shape), None)


def constraints(value: Any, shape: Shape) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield what a value must still do: keep to an enumeration, a bound, a pattern; nothing for another type."""
    yield from _bounds(value, shape)
    if isinstance(shape, StringShape) and isinstance(value, str):
        pattern = shape.metadata.get("pattern")
        if shape.enum and value not in shape.enum:
            yield f"satisfy enum value set: [{', '.join(shape.enum)}]"
        elif pattern and not _matches(pattern, value):
            yield f"satisfy regular expression pattern: {pattern}"


def _bounds(value: Any, shape: Shape) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    is_number = isinstance(value, int | float) and shape.type_name in _NUMBERS
    if not is_number and not isinstance(value, str | list | tuple | Mapping):
        return
    size, what = (value, "value") if is_number else (len(value), "length")
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"have {what} greater than or equal to {least}"
    if most is not None and size > most:
        yield f"have {what} less than or equal to {most}"


def _matches(pattern: str, text: str) -> bool:
    compiled = _compile(pattern)
    return compiled is None or compiled.fullmatch(text) is not None


@cache
def _compile(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of the model; nothing for one in Java's own dialect, save letters, digits and spaces."""
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        return None
