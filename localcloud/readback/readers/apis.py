"""REST APIs of API Gateway, and HTTP APIs by their own operations."""

from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Reader, optional, pascal

MAPS = (
    "requestModels",
    "requestParameters",
    "requestTemplates",
    "responseModels",
    "responseParameters",
    "responseTemplates",
    "stageVariableOverrides",
    "tags",
    "variables",
)
ANY_METHOD = "x-amazon-apigateway-any-method"
METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})
"""Of an OpenAPI document's path; `parameters` and extensions stand beside them."""


def rest_api(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an API; the OpenAPI document that it was made of, if it has every method of that."""
    answer = ask("apigateway", "get_rest_api", restApiId=name)
    found: dict[str, Any] = {**pascal(answer, maps=MAPS), "ApiKeySourceType": answer.get("apiKeySource")}
    if isinstance(body := properties.get("Body"), Mapping):
        listed = ask("apigateway", "get_resources", restApiId=name, embed=["methods"], limit=500)["items"]
        there = {(item["path"], method) for item in listed for method in item.get("resourceMethods", {})}
        wanted = {
            (path, "ANY" if method == ANY_METHOD else method.upper())
            for path, methods in body.get("paths", {}).items()
            for method in methods
            if method == ANY_METHOD or method in METHODS
        }
        found |= {"Body": body} if wanted <= there else {}
    return found


def resource(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a path of an API."""
    api = properties["RestApiId"]
    return {**pascal(ask("apigateway", "get_resource", restApiId=api, resourceId=name)), "RestApiId": api}


def method(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a method with its integration, answers as the lists that templates have."""
    del name
    where = {"restApiId": properties["RestApiId"], "resourceId": properties["ResourceId"]}
    found = ask("apigateway", "get_method", **where, httpMethod=properties["HttpMethod"])
    method: dict[str, Any] = pascal(found, maps=MAPS)
    integration = method.get("MethodIntegration", {})
    return {
        **pascal(where),
        **method,
        "OperationName": found.get("operationName"),
        "MethodResponses": list(method.get("MethodResponses", {}).values()),
        "Integration": {
            **integration,
            "IntegrationHttpMethod": integration.get("HttpMethod"),
            "IntegrationResponses": list(integration.get("IntegrationResponses", {}).values()),
        },
    }


def model(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a model."""
    api = properties["RestApiId"]
    return {**pascal(ask("apigateway", "get_model", restApiId=api, modelName=name)), "RestApiId": api}


def validator(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a request validator."""
    api = properties["RestApiId"]
    found = pascal(ask("apigateway", "get_request_validator", restApiId=api, requestValidatorId=name))
    return {**found, "RestApiId": api}


def gateway_response(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an answer of the gateway itself."""
    del name
    api, kind = properties["RestApiId"], properties["ResponseType"]
    found = ask("apigateway", "get_gateway_response", restApiId=api, responseType=kind)
    return {**pascal(found, maps=MAPS), "RestApiId": api}


def deployment(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a deployment, and the stage that the template has it make, if one of that name is there."""
    api = properties["RestApiId"]
    found = pascal(ask("apigateway", "get_deployment", restApiId=api, deploymentId=name))
    named = properties.get("StageName")
    made = optional(ask, "apigateway", "get_stage", restApiId=api, stageName=named) if named else None
    if not made:
        return {**found, "RestApiId": api}
    everywhere = pascal(made.get("methodSettings", {}).get("*/*", {}))
    return {
        **found,
        "RestApiId": api,
        "StageName": made.get("stageName"),
        "StageDescription": {**everywhere, **_stage(made, api)},
    }


def stage(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a stage."""
    api = properties["RestApiId"]
    return _stage(ask("apigateway", "get_stage", restApiId=api, stageName=name), api)


def _stage(found: Mapping[str, Any], api: str) -> dict[str, Any]:
    """Return a stage with its settings of methods as the list that templates have."""
    settings = found.get("methodSettings", {})
    tags = found.get("tags", {})
    return {
        **pascal(found, maps=MAPS),
        "RestApiId": api,
        "AccessLogSetting": pascal(found.get("accessLogSettings")),
        "MethodSettings": [_method_setting(path, setting) for path, setting in settings.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def _method_setting(path: str, setting: Mapping[str, Any]) -> dict[str, Any]:
    place, _, method = path.rpartition("/")
    return {**pascal(setting), "HttpMethod": method, "ResourcePath": "/*" if place == "*" else place}


def authorizer(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an authorizer."""
    api = properties["RestApiId"]
    found = pascal(ask("apigateway", "get_authorizer", restApiId=api, authorizerId=name))
    return {**found, "RestApiId": api}


def api_key(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a key of callers."""
    del properties
    found: dict[str, Any] = pascal(ask("apigateway", "get_api_key", apiKey=name, includeValue=True), maps=MAPS)
    return {**found, "Tags": _tags(found)}


def usage_plan(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a usage plan."""
    del properties
    found: dict[str, Any] = pascal(ask("apigateway", "get_usage_plan", usagePlanId=name), maps=(*MAPS, "throttle"))
    stages = [
        {**stage, "Throttle": {method: pascal(limits) for method, limits in stage.get("Throttle", {}).items()}}
        for stage in found.get("ApiStages", ())
    ]
    return {
        **found,
        "UsagePlanName": found.get("Name"),
        "ApiStages": stages,
        "Throttle": pascal(found.get("Throttle")),
        "Tags": _tags(found),
    }


def usage_plan_key(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read whether a key is in a usage plan."""
    del name
    where = {"usagePlanId": properties["UsagePlanId"], "keyId": properties["KeyId"]}
    found = ask("apigateway", "get_usage_plan_key", **where)
    return {"KeyId": found["id"], "KeyType": found["type"], "UsagePlanId": properties["UsagePlanId"]}


def _tags(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value} for key, value in found.get("Tags", {}).items()]


def http_api(operation: str, member: str) -> Reader:
    """Make a reader of a part of an HTTP or WebSocket API."""

    def read(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        api = properties.get("ApiId", name)
        own = {} if member == "ApiId" else {member: name}
        return {**ask("apigatewayv2", operation, ApiId=api, **own), "ApiId": api}

    return read


READERS: Mapping[str, Reader] = {
    "AWS::ApiGateway::RestApi": rest_api,
    "AWS::ApiGateway::Resource": resource,
    "AWS::ApiGateway::Method": method,
    "AWS::ApiGateway::Model": model,
    "AWS::ApiGateway::RequestValidator": validator,
    "AWS::ApiGateway::GatewayResponse": gateway_response,
    "AWS::ApiGateway::Deployment": deployment,
    "AWS::ApiGateway::Stage": stage,
    "AWS::ApiGateway::Authorizer": authorizer,
    "AWS::ApiGateway::ApiKey": api_key,
    "AWS::ApiGateway::UsagePlan": usage_plan,
    "AWS::ApiGateway::UsagePlanKey": usage_plan_key,
    "AWS::ApiGatewayV2::Api": http_api("get_api", "ApiId"),
    "AWS::ApiGatewayV2::Stage": http_api("get_stage", "StageName"),
    "AWS::ApiGatewayV2::Route": http_api("get_route", "RouteId"),
    "AWS::ApiGatewayV2::Integration": http_api("get_integration", "IntegrationId"),
    "AWS::ApiGatewayV2::Authorizer": http_api("get_authorizer", "AuthorizerId"),
}
