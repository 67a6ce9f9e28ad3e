"""Requests as AWS's own service models have them: names, types, enumerations, patterns and bounds of every member."""

from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.kernel.requests import operation_model, parse, unmet

ANYBODY = Caller(Scope("111122223333", "eu-west-1"), "arn:aws:iam::111122223333:role/anybody")
TEXTS = ("example", "s3://bucket/key", "arn:aws:iam::111122223333:role/example", "1")


def refusal(service: str, operation: str, parameters: Any) -> str:
    """What the service would find wrong with a request; empty when it is valid."""
    try:
        parse(operation, parameters, ANYBODY, service)
    except ServiceError as error:
        return f"{operation}: {error}"
    return ""


def require_valid(model: OperationModel, params: dict[str, Any], **_event: object) -> None:
    """Refuse a request of a client; a handler of botocore's event `before-parameter-build`."""
    found = refusal(model.service_model.service_name, model.name, params)
    assert not found, found


def input_shape(service: str, operation: str) -> Shape | None:
    """What the request of an operation is made of; None for an operation that takes nothing."""
    return operation_model(operation, service).input_shape


def member(shape: Shape | None, name: str) -> Shape | None:
    """What a member of a structure or a map is; None for one that it does not know."""
    if isinstance(shape, StructureShape):
        return shape.members.get(name)
    return shape.value if isinstance(shape, MapShape) else None


def element(shape: Shape | None) -> Shape | None:
    """What a list is made of; None for what is no list."""
    return shape.member if isinstance(shape, ListShape) else None


def example(shape: Shape | None) -> Any:
    """A value that fits `shape`, for one that is known only when the request is made."""
    match shape:
        case StructureShape():
            return {name: example(shape.members[name]) for name in shape.required_members}
        case MapShape():
            return {"example": example(shape.value)}
        case ListShape():
            return [example(shape.member)]
        case StringShape():
            return shape.enum[0] if shape.enum else next((text for text in TEXTS if not unmet(text, shape)), TEXTS[0])
        case None:
            return TEXTS[0]
    return {"boolean": True, "timestamp": "2026-01-01T00:00:00Z", "blob": b""}.get(shape.type_name, 1)
