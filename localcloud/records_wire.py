"""The feature store's runtime on the wire: its REST routes, as botocore's model of it has them."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.model import ListShape, StructureShape

from localsagemaker.errors import ServiceError
from localsagemaker.feature_store.runtime import SERVICE
from localsagemaker.kernel.requests import service_model

_VARIABLE = "{FeatureGroupName}"


def record_request(
    method: str, path: str, query: Mapping[str, Sequence[str] | str], body: bytes
) -> tuple[str, dict[str, Any]] | None:
    """Return operation and parameters of a request to a route of the runtime; none for any other.

    The name of the group in the path may be an ARN, with its slash. Raise `ServiceError("SerializationException")`
    when the body is no JSON object.
    """
    for (verb, head, tail), (operation, shape) in _routes().items():
        if verb != method or not path.startswith(head) or not path.endswith(tail):
            continue
        name = unquote(path[len(head) : len(path) - len(tail)])
        if bool(head.endswith("/")) != bool(name) or (name and tail == "" and _extra(name)):
            continue
        parameters: dict[str, Any] = {"FeatureGroupName": name} if name else {}
        for member, member_shape in shape.members.items():
            key = member_shape.serialization.get("name", member)
            if member_shape.serialization.get("location") == "querystring" and key in query:
                parameters[member] = _value(query[key], many=isinstance(member_shape, ListShape))
        return operation, parameters | _body(body)
    return None


@cache
def _routes() -> Mapping[tuple[str, str, str], tuple[str, StructureShape]]:
    """Operation by method, and by what the path has before and after the name of the group."""
    model = service_model(SERVICE)
    found = {}
    for operation in model.operation_names:
        described = model.operation_model(operation)
        head, _, tail = described.http["requestUri"].partition(_VARIABLE)
        if isinstance(described.input_shape, StructureShape):
            found[described.http["method"], head, tail] = (operation, described.input_shape)
    return found


def _extra(name: str) -> bool:
    """Return whether a name has a further part of a path, which the one slash of an ARN is not."""
    return "/" in (name.split(":feature-group/", 1)[-1] if name.startswith("arn:") else name)


def _value(given: Sequence[str] | str, *, many: bool) -> list[str] | str:
    values = [given] if isinstance(given, str) else list(given)
    return values if many else values[-1]


def _body(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", "The request body is not JSON") from error
    if not isinstance(members, dict):
        raise ServiceError("SerializationException", "The request body is not a JSON object")
    return members
