"""Requests to API Gateway as its model names them, and what refuses one."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from botocore.model import OperationModel, StructureShape
from ministack.core import responses
from ministack.services import apigateway_v1 as apigateway

from localsagemaker.kernel.requests import service_model

Parameters = Mapping[str, Any]
SERVICE = "apigateway"
_PLACE = re.compile(r"\\\{(\w+)(?:\\\+)?\\\}")


class RefusedError(ValueError):
    """A request that API Gateway refuses: its code and status, and what it says."""

    def __init__(self, message: str, code: str = "BadRequestException", status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass(frozen=True)
class Call:
    """An operation with its parameters, by their names in requests, and the bytes of its body."""

    operation: str
    parameters: Parameters
    body: bytes = b""

    @property
    def model(self) -> OperationModel:
        """Return the operation as botocore knows it."""
        return service_model(SERVICE).operation_model(self.operation)


def absent(message: str) -> RefusedError:
    """Return the refusal of what is not there."""
    return RefusedError(message, "NotFoundException", HTTPStatus.NOT_FOUND)


def conflict(message: str) -> RefusedError:
    """Return the refusal of what stands against what is there."""
    return RefusedError(message, "ConflictException", HTTPStatus.CONFLICT)


def absent_api(api: str) -> RefusedError:
    """Return the refusal of an API that is not there."""
    return absent(f"Invalid API identifier specified {responses.get_account_id()}:{api}")


def api_of(parameters: Parameters) -> dict[str, Any]:
    """Return the API that a request names."""
    found: dict[str, Any] | None = apigateway._rest_apis.get(parameters["restApiId"])
    if found is None:
        raise absent_api(parameters["restApiId"])
    return found


def resource_of(parameters: Parameters, name: str = "resourceId") -> dict[str, Any]:
    """Return the resource that a request names."""
    found: dict[str, Any] | None = resources_of(parameters["restApiId"]).get(parameters[name])
    if found is None:
        raise absent("Invalid Resource identifier specified")
    return found


def resources_of(api: str) -> dict[str, dict[str, Any]]:
    """Return the resources of an API by id; none of one that is not there."""
    found: dict[str, dict[str, Any]] = apigateway._resources.get(api) or {}
    return found


def method_of(parameters: Parameters) -> dict[str, Any]:
    """Return the method that a request names."""
    found: dict[str, Any] | None = resource_of(parameters)["resourceMethods"].get(parameters["httpMethod"])
    if found is None:
        raise absent("Invalid Method identifier specified")
    return found


def integration_of(parameters: Parameters) -> dict[str, Any]:
    """Return the integration of the method that a request names."""
    found: dict[str, Any] | None = method_of(parameters).get("methodIntegration")
    if not found:
        raise absent("Invalid Integration identifier specified")
    return found


def response_of(responses_by_status: Mapping[str, dict[str, Any]], parameters: Parameters) -> dict[str, Any]:
    """Return the response that a request names by its status."""
    found = responses_by_status.get(parameters["statusCode"])
    if found is None:
        raise absent("Invalid Response status code specified")
    return found


def call_of(method: str, path: str, body: bytes, query: Mapping[str, Any]) -> Call | None:
    """Return what is asked of the control plane; nothing for what no operation has that address."""
    for name, verb, address in _addresses():
        if verb == method and (found := address.fullmatch(path)) and _is_chosen(name, query):
            return Call(name, _parameters(name, found.groupdict(), body, query), body)
    return None


def _is_chosen(name: str, query: Mapping[str, Any]) -> bool:
    """Return whether what stands behind the question mark of an operation's address, as `mode=import`, is asked."""
    fixed = service_model(SERVICE).operation_model(name).http["requestUri"].partition("?")[2]
    wanted = dict(part.partition("=")[::2] for part in fixed.split("&") if part)
    return all(_first(query.get(key)) == value for key, value in wanted.items())


def _parameters(name: str, address: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> dict[str, Any]:
    shape = service_model(SERVICE).operation_model(name).input_shape
    found: dict[str, Any] = {}
    if not isinstance(shape, StructureShape):
        return found
    if payload := shape.serialization.get("payload"):
        found[payload] = body
    given: Any = {}
    with suppress(ValueError):
        given = json.loads(body or b"{}")
    for member, each in shape.members.items():
        place, key = each.serialization.get("location"), each.serialization.get("name", member)
        if place == "uri":
            found[member] = unquote(address[key])
        elif place == "querystring" and key in query:
            found[member] = query[key] if each.type_name == "list" else _first(query[key])
        elif place is None and isinstance(given, dict) and key in given:
            found[member] = given[key]
    return found


def _first(value: Any) -> Any:  # noqa: ANN401 - a text or a list of them
    return value[0] if isinstance(value, list) and value else value


@cache
def _addresses() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Return each operation's method and address, those that say more of their query first."""
    model = service_model(SERVICE)
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = http["requestUri"].partition("?")[0]
        pattern = _PLACE.sub(r"(?P<\1>[^/]+)", re.escape(path))
        found.append((name, http["method"], re.compile(pattern), "?" in http["requestUri"]))
    found.sort(key=lambda each: not each[3])
    return tuple((name, verb, address) for name, verb, address, _ in found)
