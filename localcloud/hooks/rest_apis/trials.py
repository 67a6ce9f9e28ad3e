"""TestInvokeMethod: one method called without a deployment, with the lines that its log would have.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html, and the answers that
localstack/localstack recorded from AWS (tests/aws/services/apigateway, Apache-2.0).
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from ministack.core import responses
from ministack.services import apigateway_v1 as apigateway

from localcloud.hooks.callers import identity
from localcloud.hooks.rest_apis import mapping
from localcloud.hooks.rest_apis.calls import Call, api_of, method_of, resource_of

STAGE: Final = "test-invoke-stage"


async def invoke(call: Call) -> dict[str, Any]:
    """Call a method with what the request says, and return its answer and log."""
    given = call.parameters
    api, resource, method = api_of(given), resource_of(given), _method(given)
    split = urlsplit(given.get("pathWithQueryString") or resource["path"])
    headers = {name.lower(): value for name, value in (given.get("headers") or {}).items()}
    query = parse_qs(split.query, keep_blank_values=True)
    path_parameters = _path_parameters(resource["path"], split.path)
    started = time.time()
    status, answered, said = await _invoked(api, resource, method, given, split.path, headers, query, path_parameters)
    latency = int((time.time() - started) * 1000)
    request_id = identity.unique_id(32)
    at = datetime.now(UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    failed = status == HTTPStatus.INTERNAL_SERVER_ERROR
    told = (
        {"x-amzn-ErrorType": "InternalServerErrorException"}
        if failed
        else {"Content-Type": answered.get("Content-Type", "application/json"), **_own(answered)}
    )
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    lines = [
        f"Starting execution for request: {request_id}",
        f"HTTP Method: {given['httpMethod']}, Resource Path: {split.path}",
        f"Method request path: {_written(path_parameters)}",
        f"Method request query string: {_written({name: values[-1] for name, values in query.items()})}",
        f"Method request headers: {_written(given.get('headers') or {})}",
        f"Method request body before transformations: {given.get('body') or ''}",
        *_end(status, text, told),
        f"Method completed with status: {status}",
    ]
    return {
        "status": status,
        "body": text,
        "headers": told,
        "multiValueHeaders": {name: [value] for name, value in told.items()},
        "log": "\n".join([f"Execution log for request {request_id}", *(f"{at} : {line}" for line in lines), ""]),
        "latency": latency,
    }


def _method(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] | None = resource_of(given)["resourceMethods"].get("ANY")
    return found if found and given["httpMethod"] not in resource_of(given)["resourceMethods"] else method_of(given)


async def _invoked(  # noqa: PLR0913, PLR0917 - all that one call has
    api: Mapping[str, Any],
    resource: Mapping[str, Any],
    method: Mapping[str, Any],
    given: Mapping[str, Any],
    path: str,
    headers: Mapping[str, str],
    query: Mapping[str, Any],
    path_parameters: Mapping[str, str],
) -> tuple[int, Mapping[str, str], bytes]:
    """Give the call to the method's integration, as the data plane does once it has let a caller in."""
    failed = (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        {"Content-Type": "application/json"},
        b'{"message": "Internal server error"}',
    )
    integration, stage = method.get("methodIntegration"), {"variables": given.get("stageVariables") or {}}
    if not integration or "${stageVariables." in _put(integration.get("uri") or "", stage["variables"]):
        return failed
    integration = {**integration, "uri": _put(integration.get("uri") or "", stage["variables"])}
    body = (given.get("body") or "").encode()
    kind = integration["type"]
    if kind == "MOCK":
        request = {
            "api_id": api["id"],
            "stage_name": STAGE,
            "stage": stage,
            "method": given["httpMethod"],
            "headers": headers,
            "query_params": query,
            "path_params": path_parameters,
            "resource_path": resource["path"],
            "body": body,
        }
        return mapping.mock(integration, request)
    if kind in {"HTTP", "HTTP_PROXY"}:
        answer: tuple[int, Mapping[str, str], bytes] = await apigateway._invoke_http_proxy_v1(
            integration, path, given["httpMethod"], headers, body, query, path_parameters
        )
        return answer
    invoke_function = apigateway._invoke_lambda_proxy_v1 if kind == "AWS_PROXY" else apigateway._invoke_lambda_custom_v1
    result: tuple[int, Mapping[str, str], bytes] = await invoke_function(
        integration,
        api["id"],
        STAGE,
        stage,
        resource,
        path,
        given["httpMethod"],
        headers,
        body,
        query,
        path_parameters,
        owner_account_id=responses.get_account_id(),
        owner_region=responses.get_region(),
        binary_media_types=api.get("binaryMediaTypes") or [],
    )
    return result


def _put(uri: str, variables: Mapping[str, str]) -> str:
    for name, value in variables.items():
        uri = uri.replace(f"${{stageVariables.{name}}}", value)
    return uri


def _path_parameters(pattern: str, path: str) -> dict[str, str]:
    """Return a path's parameters: empty where the path is another one."""
    wanted, given = pattern.strip("/").split("/"), path.strip("/").split("/")
    fits = len(wanted) == len(given) and all(a == b or a.startswith("{") for a, b in zip(wanted, given, strict=True))
    return (
        {name[1:-1].rstrip("+"): value for name, value in zip(wanted, given, strict=True) if name.startswith("{")}
        if fits
        else {}
    )


def _own(answered: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in answered.items() if name.lower() != "content-type"}


def _written(values: Mapping[str, Any]) -> str:
    """Write a map as Java does."""
    return "{" + ", ".join(f"{name}={value}" for name, value in values.items()) + "}"


def _end(status: int, body: str, headers: Mapping[str, str]) -> list[str]:
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return ["Execution failed due to configuration error: Invalid endpoint address"]
    return [
        f"Method response body after transformations: {body}",
        f"Method response headers: {_written(headers)}",
        "Successfully completed execution",
    ]
