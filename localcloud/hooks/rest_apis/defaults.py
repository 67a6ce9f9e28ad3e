"""What API Gateway gives a REST API and its parts that a request leaves out, and leaves away what MiniStack adds.

Sources: https://docs.aws.amazon.com/apigateway/latest/api/API_EndpointConfiguration.html (EDGE), API_Integration.html;
and the answers that localstack/localstack recorded from AWS (tests/aws/services/apigateway, Apache-2.0).
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from ministack.services import apigateway_v1 as apigateway

from localcloud.hooks.rest_apis.calls import Call, method_of
from localcloud.hooks.rest_apis.checks import PRIVATE

MODELS: Final = (
    {
        "name": "Empty",
        "description": "This is a default empty schema model",
        "contentType": "application/json",
        "schema": json.dumps(
            {"$schema": "http://json-schema.org/draft-04/schema#", "title": "Empty Schema", "type": "object"}
        ),
    },
    {
        "name": "Error",
        "description": "This is a default error schema model",
        "contentType": "application/json",
        "schema": json.dumps(
            {
                "$schema": "http://json-schema.org/draft-04/schema#",
                "title": "Error Schema",
                "type": "object",
                "properties": {"message": {"type": "string"}},
            }
        ),
    },
)
"""The models that every API has from the start."""
OVER_HTTP: Final = frozenset({"HTTP", "HTTP_PROXY"})


def give_apis_defaults() -> None:
    """Make every API with its two models, reachable at the edge unless it says otherwise."""
    create = apigateway._create_rest_api

    def created(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's answer
        status, headers, body = create({**data, "endpointConfiguration": endpoints(data.get("endpointConfiguration"))})
        if api := json.loads(body).get("id"):
            apigateway._models[api] = {each["name"]: {"id": apigateway._new_id()[:6], **each} for each in MODELS}
        return status, headers, body

    apigateway._create_rest_api = created
    answer_of = apigateway._gateway_response_for_type

    def answered(customized: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """Give an answer of the gateway the status of its family, where that is customized and it is not."""
        found: dict[str, Any] = answer_of(customized, kind)
        family = customized.get(apigateway._gateway_response_family(kind)) or {}
        return (
            found if kind in customized or "statusCode" not in family else {**found, "statusCode": family["statusCode"]}
        )

    apigateway._gateway_response_for_type = answered
    export = apigateway._export_model_schemas
    apigateway._export_model_schemas = lambda api: {
        name: schema for name, schema in export(api).items() if name in _used(api) or name not in _DEFAULT
    }
    delete = apigateway._delete_resource

    def deleted(api: str, resource: str) -> Any:  # noqa: ANN401 - MiniStack's answer
        """Delete what stands under a resource with it."""
        for child in [each["id"] for each in (apigateway._resources.get(api) or {}).values()]:
            if (apigateway._resources[api].get(child) or {}).get("parentId") == resource:
                deleted(api, child)
        return delete(api, resource)

    apigateway._delete_resource = deleted


def endpoints(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return where an API can be called: at the edge, over IPv4, unless it says otherwise."""
    found = {"types": ["EDGE"], **{name[:1].lower() + name[1:]: value for name, value in (given or {}).items()}}
    return {"ipAddressType": "dualstack" if found["types"] == [PRIVATE] else "ipv4", **found}


def completed(call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    """Return MiniStack's answer as API Gateway's, and leave out of its record what the request did."""
    match call.operation:
        case "PutIntegration":
            _forget(method_of(call.parameters)["methodIntegration"], call)
            if "connectionId" in call.parameters:
                method_of(call.parameters)["methodIntegration"]["connectionId"] = call.parameters["connectionId"]
            answer = method_of(call.parameters)["methodIntegration"]
        case "PutMethodResponse":
            _leave(
                method_of(call.parameters)["methodResponses"][call.parameters["statusCode"]],
                call,
                "responseModels",
                "responseParameters",
            )
            answer = method_of(call.parameters)["methodResponses"][call.parameters["statusCode"]]
        case "PutIntegrationResponse":
            answer = method_of(call.parameters)["methodIntegration"]["integrationResponses"][
                call.parameters["statusCode"]
            ]
            _leave(answer, call, "selectionPattern")
            templates = answer.get("responseTemplates") or {}
            answer["responseTemplates"] = {kind: template or None for kind, template in templates.items()}
        case "GetStages" if wanted := call.parameters.get("deploymentId"):
            answer = {"item": [stage for stage in answer["item"] if stage.get("deploymentId") == wanted]}
    if call.model.output_shape is not None and call.model.output_shape.name in {"Stage", "Stages"}:
        for stage in answer.get("item", [answer]):
            stage.setdefault("cacheClusterStatus", "AVAILABLE" if stage.get("cacheClusterEnabled") else "NOT_AVAILABLE")
    return answer


def _forget(integration: dict[str, Any], call: Call) -> None:
    _leave(integration, call, "httpMethod", given={"httpMethod": "integrationHttpMethod"})
    if integration.get("type") not in OVER_HTTP:
        _leave(integration, call, "connectionType")


def _leave(record: dict[str, Any], call: Call, *names: str, given: Mapping[str, str] | None = None) -> None:
    """Leave out of a record what its request did not say."""
    for name in names:
        if (given or {}).get(name, name) not in call.parameters:
            record.pop(name, None)


def _used(api: str) -> set[str]:
    methods = [
        method
        for resource in (apigateway._resources.get(api) or {}).values()
        for method in resource.get("resourceMethods", {}).values()
    ]
    return {
        name
        for method in methods
        for models in (
            method.get("requestModels"),
            *(each.get("responseModels") for each in method["methodResponses"].values()),
        )
        for name in (models or {}).values()
    }


_DEFAULT = frozenset(str(each["name"]) for each in MODELS)
