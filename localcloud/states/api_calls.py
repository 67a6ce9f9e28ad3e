"""Calls of `apigateway:invoke`: of an address without scheme, at this cloud, signed in the role's name where asked.

Source: developer guide of Step Functions, "Create API Gateway REST APIs with Step Functions": `ApiEndpoint` is a host
(`<api>.execute-api.<region>.amazonaws.com`), and `AuthType` is NO_AUTH or IAM_ROLE, which signs with SigV4.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_api_gateway

WITH_BODY: Final = frozenset({"PATCH", "POST", "PUT"})
IAM_ROLE: Final = "IAM_ROLE"
SECONDS: Final = 30
"""How long an API may take: 29 seconds, and the way. Source: quotas of API Gateway, "Integration timeout"."""
_HOST: Final = re.compile(r"(https://)?(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")
Clients = Callable[[str, str, str], Any]


def reach_apis(clients: Clients) -> None:
    """Let tasks call the APIs of this cloud."""
    task = state_task_service_api_gateway.StateTaskServiceApiGateway
    local = task._invoke_url_of  # noqa: SLF001 - moto's, for addresses of a laptop

    def invoke(
        self: Any,  # noqa: ANN401 - moto's
        env: Any,  # noqa: ANN401 - moto's
        resource_runtime_part: Any,  # noqa: ANN401 - moto's
        normalised_parameters: Mapping[str, Any],
        state_credentials: Any,  # noqa: ANN401 - moto's
    ) -> None:
        given, region = normalised_parameters, resource_runtime_part.region
        body = given.get("RequestBody")
        if body is not None and given["Method"] not in WITH_BODY:
            raise ValueError(f"RequestBody is not supported with the method {given['Method']}.")
        client = clients("apigateway", region, state_credentials.role_arn)
        url = address_of(given, client.meta.endpoint_url) or local(given)
        data = None if body is None else json.dumps(body)
        request = AWSRequest(given["Method"], url, headers=self._headers_of(given), data=data)
        if given.get("AuthType") == IAM_ROLE:
            credentials = client._request_signer._credentials  # noqa: SLF001 - botocore has no other way to them
            SigV4Auth(credentials, "execute-api", region).add_auth(request)
        response = requests.request(given["Method"], url, headers=dict(request.headers), data=data, timeout=SECONDS)
        if not response.ok:
            raise state_task_service_api_gateway.SfnGatewayException(parameters=given, response=response)
        env.stack.append(self._invoke_output_of(response))

    task._eval_service_task = invoke  # noqa: SLF001


def address_of(parameters: Mapping[str, Any], cloud: str) -> str | None:
    """Return where this cloud serves an API; nothing for an address that is not API Gateway's."""
    found = _HOST.fullmatch(parameters["ApiEndpoint"].rstrip("/"))
    if found is None:
        return None
    parts = [parameters.get("Stage") or "", (parameters.get("Path") or "").lstrip("/")]
    query = urlencode(parameters.get("QueryParameters") or {}, doseq=True)
    return f"{cloud}/_aws/execute-api/{found['api']}/{'/'.join(parts)}{f'?{query}' if query else ''}"
