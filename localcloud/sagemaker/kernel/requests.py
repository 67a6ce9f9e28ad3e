"""Requests against AWS's own service model: what a valid one is, and the one that an operation receives.

botocore checks types, required members and lower bounds; enumerations, patterns and upper bounds, which the real
service checks too, are checked here. Patterns that only Java's dialect has, such as Unicode classes, are not.
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

from localcloud.errors import ServiceError
from localcloud.sagemaker.kernel.host import Caller, Scope


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
    report = ParamValidator().validate(complete, shape)
    problems = report.generate_report().splitlines() or list(_violations(complete, shape, ""))
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


def _violations(value: Any, shape: Shape, path: str) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    constraint = unmet(value, shape)
    if constraint:
        yield f"Value '{value}' at '{path.lstrip('.')}' failed to satisfy constraint: Member must {constraint}"
    for child, child_shape, step in _children(value, shape):
        yield from _violations(child, child_shape, path + step)


def unmet(value: Any, shape: Shape) -> str | None:  # noqa: ANN401 - any JSON value
    """Return what a value of the right type must still do: keep to an enumeration, a pattern or an upper bound."""
    most = shape.metadata.get("max")
    if isinstance(shape, StringShape):
        pattern = shape.metadata.get("pattern")
        if shape.enum and value not in shape.enum:
            return f"satisfy enum value set: [{', '.join(shape.enum)}]"
        if pattern and not _matches(pattern, value):
            return f"satisfy regular expression pattern: {pattern}"
    if most is None:
        return None
    if isinstance(value, int | float):
        return f"have value less than or equal to {most}" if value > most else None
    return f"have length less than or equal to {most}" if len(value) > most else None


def _matches(pattern: str, text: str) -> bool:
    compiled = _compile(pattern)
    return compiled is None or compiled.fullmatch(text) is not None


@cache
def _compile(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of the model; nothing for one in Java's own dialect."""
    try:
        return re.compile(pattern)
    except re.error:
        return None
