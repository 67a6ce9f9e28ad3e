"""Requests and answers held against AWS's own service models, as botocore has them."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import botocore.session
from botocore.model import ListShape, OperationModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

_CLASSES: Final = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": r" \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
"""What models write in Java's dialect, in Python's: letters, digits, spaces."""


class RequestError(ValueError):
    """A request that is refused: one sentence that names the member and the remedy."""


def problems(service: str, operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the model does not take: types, names and bounds in botocore's words, patterns and sets in ours."""
    shape = _operation(service, operation).input_shape
    if shape is None:
        raise TypeError(f"{operation} of {service} takes nothing")
    for line in ParamValidator().validate(dict(body), shape).generate_report().splitlines():
        yield line.replace("Missing required parameter in input", "Missing required parameter in the request") + "."
    yield from _mismatches(body, shape, "")


@cache
def _operation(service: str, operation: str) -> OperationModel:
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def _mismatches(value: Any, shape: Shape, path: str) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, child in value.items():
            yield from _mismatches(child, shape.members[name], f"{path}.{name}".lstrip("."))
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, child in enumerate(value):
            yield from _mismatches(child, shape.member, f"{path}[{number}]")
    else:
        most, pattern = shape.metadata.get("max"), shape.metadata.get("pattern")
        size = len(value) if isinstance(value, str) else value
        if most is not None and isinstance(size, int) and size > most:
            yield f"{path} is more than {most}."
        if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
            yield f"{path} is none of {', '.join(shape.enum)}."
        elif pattern and isinstance(value, str) and not _compile(pattern).fullmatch(value):
            yield f"{path} has not the form {pattern}."


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)
