"""Our services on the wire: AWS JSON 1.1 for the control planes, plain HTTP for invocations."""

import asyncio
import contextvars
import functools
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any
from urllib.parse import unquote

from localcloud.hooks.callers import identity
from localcloud.hooks.requests.services import Answer, Handler
from localcloud.records_wire import record_request
from localsagemaker import closed
from localsagemaker.errors import ServiceError
from localsagemaker.hosting.invocation import Request
from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.kernel.requests import service_model
from localsagemaker.mlflow.apps import ApiRequest
from localsagemaker.service import SageMaker, to_json

JSON = "application/x-amz-json-1.1"
Call = Callable[[str, Mapping[str, Any], Caller], Mapping[str, Any]]
_MLFLOW_APP = "x-sm-mlflow-app-arn"
_INVOCATION = re.compile(r"/endpoints/([^/]+)/invocations")


def control_plane(call: Call, threads: Executor | None = None) -> Handler:
    """Make a handler of `X-Amz-Target: <prefix>.<Operation>` requests that runs `call` on a worker thread.

    An operation that waits for others' requests needs `threads` of its own: those of all would run out.
    """

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        del method, path, query
        try:
            operation = headers.get("x-amz-target", "").rpartition(".")[2]
            parameters = _parameters(body)
            run = functools.partial(contextvars.copy_context().run, call, operation, parameters, _caller())
            result = await asyncio.get_running_loop().run_in_executor(threads, run)
        except ServiceError as error:
            return _refusal(error, JSON)
        return 200, {"Content-Type": JSON}, to_json(result)

    return handle


def sagemaker(service: SageMaker) -> Handler:
    """Make a handler of SageMaker's control plane, of endpoints' invocations, of feature records and of MLflow apps."""
    control = control_plane(service.call)

    async def records(operation: str, parameters: Mapping[str, Any]) -> Answer:
        try:
            result = await asyncio.to_thread(service.feature_store_runtime.call, operation, parameters, _caller())
        except ServiceError as error:
            return _refusal(error, "application/json")
        return 200, {"Content-Type": "application/json"}, to_json(result)

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        if _MLFLOW_APP in headers:
            return await _track(service, ApiRequest(headers[_MLFLOW_APP], method, path, query, body))
        try:
            record = record_request(method, path, query, body)
        except ServiceError as error:
            return _refusal(error, "application/json")
        if record is not None:
            return await records(*record)
        invocation = _INVOCATION.fullmatch(path)
        if "x-amz-target" in headers:
            return await control(method, path, headers, body, query)
        try:
            if invocation is None or method != "POST":
                raise _unknown(method, path)
            request = Request.read(headers, body)
            answer = await asyncio.to_thread(service.invoke_endpoint, unquote(invocation[1]), request, _caller())
        except ServiceError as error:
            return _refusal(error, "application/json")
        return answer.status, dict(answer.headers), answer.body

    return handle


async def _track(service: SageMaker, request: ApiRequest) -> Answer:
    try:
        status, answer = await asyncio.to_thread(service.mlflow_apps.call, request, _caller())
    except ServiceError as error:
        return _refusal(error, "application/json")
    return status, {"Content-Type": "application/json"}, answer


def _unknown(method: str, path: str) -> ServiceError:
    """Return the refusal of what no operation of the runtime that we have is asked by."""
    name = _runtime_operation(method, path)
    if name:
        closed.refuse(name)
    asked = f"operation {name}" if name else f"answer to {method} {path}"
    message = f"The local cloud has no {asked} of the SageMaker runtime."
    return ServiceError("UnknownOperationException", message, 404)


def _runtime_operation(method: str, path: str) -> str | None:
    """Return the operation of a SageMaker runtime, of A2I's too, that a path is of; None where it is of none."""
    for model in map(service_model, ("sagemaker-runtime", "sagemaker-a2i-runtime")):
        for name in model.operation_names:
            http = model.operation_model(name).http
            form = re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(http["requestUri"]))
            if http["method"] == method and re.fullmatch(form, path):
                return name
    return None


def _caller() -> Caller:
    account, region = identity.request_scope()
    return Caller(Scope(account, region), identity.request_caller())


def _parameters(body: bytes) -> dict[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", "The request body is not JSON") from error
    if not isinstance(parameters, dict):
        raise ServiceError("SerializationException", "The request body is not a JSON object")
    return parameters


def _refusal(error: ServiceError, content_type: str) -> Answer:
    members = getattr(error, "members", {})
    body = {"__type": error.code, "message": str(error), "Message": str(error), **members}
    return error.status, {"Content-Type": content_type, "x-amzn-ErrorType": error.code}, json.dumps(body).encode()
