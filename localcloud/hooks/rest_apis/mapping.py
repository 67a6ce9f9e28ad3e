"""Mapping templates of mock integrations, which MiniStack gives as they are written.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html, and
.../how-to-mock-integration.html. MiniStack's engine renders them: `#set`, and references without loops and conditions.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import responses
from ministack.services import apigateway_v1 as apigateway

Answered = tuple[int, dict[str, str], bytes]
Request = Mapping[str, Any]
_request: ContextVar[Request] = ContextVar("request", default={})  # noqa: B039 - it is read only


def render_mocks() -> None:
    """Let templates of mock integrations be rendered with what is asked of them."""
    execute, invoke = apigateway._execute_in_scope, apigateway._invoke_mock_v1

    async def executed(request: Request, *given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        _, _, method, _, _, body, *_ = given
        _request.set({"method": method, "body": body, "found": request})
        return await execute(request, *given)

    def invoked(integration: Mapping[str, Any]) -> Answered:
        asked = _request.get()
        return rendered(invoke, integration, {**asked.get("found", {}), **asked})

    apigateway._execute_in_scope, apigateway._invoke_mock_v1 = executed, invoked


def mock(integration: Mapping[str, Any], request: Request) -> Answered:
    """Return what a mock integration answers to a request that came by no stage."""
    token = _request.set({**request, "found": {}})
    try:
        answered: Answered = apigateway._invoke_mock_v1(integration)
    finally:
        _request.reset(token)
    return answered


def rendered(
    invoke: Callable[[Mapping[str, Any]], Answered], integration: Mapping[str, Any], request: Request
) -> Answered:
    """Return what a mock integration answers, its templates of requests and of responses rendered."""
    templates = integration.get("requestTemplates") or {}
    responses_by_status = {
        status: {
            **each,
            "responseTemplates": {
                kind: _render(text, request) for kind, text in (each.get("responseTemplates") or {}).items()
            },
        }
        for status, each in (integration.get("integrationResponses") or {}).items()
    }
    return invoke(
        {
            **integration,
            "requestTemplates": {kind: _render(text, request) for kind, text in templates.items()},
            "integrationResponses": responses_by_status,
        }
    )


def _render(template: str | None, request: Request) -> str:
    body = request.get("body") or b""
    query = {
        name: values[-1] if isinstance(values, list) else values
        for name, values in (request.get("query_params") or {}).items()
    }
    path, headers = request.get("path_params") or {}, request.get("headers") or {}
    state = {
        "vars": {"stageVariables": (request.get("stage") or {}).get("variables") or {}},
        "context": {
            "accountId": responses.get_account_id(),
            "apiId": request.get("api_id", ""),
            "httpMethod": request.get("method", ""),
            "requestId": request.get("request_id", ""),
            "resourcePath": request.get("resource_path", ""),
            "stage": request.get("stage_name", ""),
            "identity": {"sourceIp": "127.0.0.1", "userAgent": headers.get("user-agent", "")},
        },
        "body": body.decode(errors="replace") if isinstance(body, bytes) else str(body),
        "params": {**headers, **query, **path},
        "gobbled": False,
    }
    return str(apigateway._vtl_render(template or "", state))
