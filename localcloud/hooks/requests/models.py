"""Requests that break the model of their service: names, numbers, enumerations and members that it does not take.

MiniStack reads of a request what it needs. The services listed here say of everything that their model bounds what is
wrong with it, in the words of AWS's common front end. Source: botocore's models; the codes are those of each service's
"Common errors".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from botocore.model import OperationModel, ServiceModel
from ministack import app
from ministack.core import responses
from moto.core.model import ServiceModel as MotoModel
from moto.core.parse import QueryParser
from moto.core.utils import get_service_model
from werkzeug.datastructures import MultiDict

from localcloud.hooks.requests.refusals import request
from localcloud.hooks.requests.services import Answer, Handler
from localsagemaker.kernel.requests import service_model, violations


@dataclass(frozen=True)
class JudgedService:
    """A service whose requests are judged: botocore's name of it, and its code for what its model does not take."""

    name: str
    code: str


SERVICES: Final[Mapping[str, JudgedService]] = {
    "cognito-idp": JudgedService("cognito-idp", "InvalidParameterException"),
    "ecr": JudgedService("ecr", "InvalidParameterException"),
    "events": JudgedService("events", "ValidationException"),
    "firehose": JudgedService("firehose", "ValidationException"),
    "iam": JudgedService("iam", "ValidationError"),
    "kinesis": JudgedService("kinesis", "ValidationException"),
    "kms": JudgedService("kms", "ValidationException"),
    "lambda": JudgedService("lambda", "ValidationException"),
    "logs": JudgedService("logs", "InvalidParameterException"),
    "secretsmanager": JudgedService("secretsmanager", "ValidationException"),
    "ssm": JudgedService("ssm", "ValidationException"),
    "sts": JudgedService("sts", "ValidationError"),
}


_UNJUDGED: Final = {
    "cognito-idp": {"domain"},  # the model's pattern is that of a prefix; the reference takes `auth.example.com` too
    "events": {"connectionArn"},  # as MiniStack makes it: without the id at its end
}
"""Members that hold more than the model's pattern says."""


def refuse_by_model() -> None:
    """Refuse what the services' models do not take, before MiniStack takes it."""
    for name, judged in SERVICES.items():
        app.SERVICE_HANDLERS[name] = _judging(app.SERVICE_HANDLERS[name], judged)


def wrong(service: str, operation: str, parameters: Mapping[str, Any], members: Iterable[str] | None = None) -> str:
    """Return what is wrong with a request, as one message; an empty text for a right one.

    Of a request whose other parameters are in its address, only `members` of the body are judged.
    """
    shape = service_model(service).operation_model(operation).input_shape
    if shape is None:
        return ""
    found = [
        each
        for each in violations(parameters, shape)
        if (members is None or _is_of(each, set(members))) and not _is_of(each, _UNJUDGED.get(service, set()))
    ]
    noun = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {noun} detected: {'; '.join(found)}" if found else ""


def _is_of(violation: str, members: set[str]) -> bool:
    found = re.search(r"at '(\w+)", violation)
    return found is not None and found[1].lower() in {member.lower() for member in members}


def _judging(handler: Handler, judged: JudgedService) -> Handler:
    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        message = _wrong(judged.name, method, path, headers, body)
        if not message:
            return await handler(method, path, headers, body, query)
        is_query = service_model(judged.name).metadata["protocol"] == "query"
        refuse = responses.error_response_xml if is_query else responses.error_response_json
        refused: Answer = refuse(judged.code, message, 400)
        return refused

    return answer


def _wrong(service: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
    model = service_model(service)
    if model.metadata["protocol"] == "rest-json":
        for operation in _routes(model, method, path):
            members = operation.input_shape.members if operation.input_shape else {}
            in_body = [name for name, each in members.items() if "location" not in each.serialization]
            return wrong(service, operation.name, request({"x-amz-target": operation.name}, body)[1], in_body)
        return ""
    operation_name, parameters = request(headers, body)
    if operation_name not in model.operation_names:
        return ""
    if model.metadata["protocol"] == "query":
        parser = QueryParser(_moto_model(service).operation_model(operation_name))
        parameters = parser.parse({"values": MultiDict(parameters)})
    return wrong(service, operation_name, parameters)


def _routes(model: ServiceModel, method: str, path: str) -> Iterator[OperationModel]:
    for name, (verb, address) in _addresses(model.service_name).items():
        if verb == method and address.fullmatch(path):
            yield model.operation_model(name)


@cache
def _addresses(service: str) -> dict[str, tuple[str, re.Pattern[str]]]:
    model = service_model(service)
    return {
        name: (http["method"], re.compile(re.sub(r"\\\{\w+(\\\+)?\\\}", "[^/]+", re.escape(_path(http["requestUri"])))))
        for name in model.operation_names
        for http in [model.operation_model(name).http]
    }


def _path(uri: str) -> str:
    return uri.partition("?")[0]


@cache
def _moto_model(service: str) -> MotoModel:
    return get_service_model(service)
