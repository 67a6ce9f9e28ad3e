"""Rules of what answers callers: it asks who they are, throttles them, checks what they send, and logs who came."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, number, parse_json

Found = Iterator[tuple[Resource, str]]

_WITH_BODY: Final = {"POST", "PUT", "PATCH"}
_VERBS: Final = {"get", "head", "delete", "patch", "post", "put", "x-amazon-apigateway-any-method"}


@rule
def function_door(templates: Templates) -> Found:
    """A function has no address of its own that answers without IAM, and an API asks who calls."""
    for url in templates.of("AWS::Lambda::Url"):
        if url.get("AuthType") != "AWS_IAM":
            yield url, "It answers everybody."
    for way in templates.of("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route"):
        kind = way.get("AuthorizationType", "NONE")
        if kind == "NONE" and not _needs_no_authorization(templates, way):
            yield way, "It answers everybody."
        if kind in {"COGNITO_USER_POOLS", "CUSTOM", "JWT"} and not way.get("AuthorizerId"):
            yield way, f"No authorizer is there for {kind}."
    for api in templates.of("AWS::ApiGatewayV2::Api", "AWS::AppSync::GraphQLApi"):
        if api.get("Target") or api.get("AuthenticationType") == "API_KEY":
            yield api, "It answers everybody, or everybody who has its key."
    for api, path, operation in _operations(templates):
        if not _asks_who_calls(operation, api.get("Body")):
            yield api, f"{path} answers everybody."


def _needs_no_authorization(templates: Templates, way: Resource) -> bool:
    """Return whether nobody need say who calls: a browser's preflight request, or a web socket that is open already."""
    api = templates.find(way.get("ApiId"))
    socket = api is not None and api.get("ProtocolType") == "WEBSOCKET"
    return (socket and way.get("RouteKey") != "$connect") or bool(way.get("HttpMethod") == "OPTIONS")


@rule
def api_guarded(templates: Templates) -> Found:
    """A stage of an API throttles its callers, logs who asked what, and does not log what requests hold."""
    for stage, logs, settings in _stages(templates):
        if not any((number(get(item, "ThrottlingRateLimit")) or 0) > 0 for item in settings):
            yield stage, "It does not throttle."
        if not get(logs, "DestinationArn"):
            yield stage, "It has no access log."
        if any(is_true(get(item, "DataTraceEnabled")) for item in settings):
            yield stage, "It logs what requests hold."


@rule
def requests_validated(templates: Templates) -> Found:
    """A REST API refuses a body that does not have the schema of its model, before a function sees it."""
    for method in templates.of("AWS::ApiGateway::Method"):
        if method.get("HttpMethod") not in _WITH_BODY:
            continue
        validator = templates.find(method.get("RequestValidatorId"))
        if not method.get("RequestValidatorId") or (validator and not is_true(validator.get("ValidateRequestBody"))):
            yield method, "No validator checks what is sent to it."
        if not method.get("RequestModels"):
            yield method, "It has no model of what is sent to it."
    for api, path, operation in _operations(templates):
        chosen = operation.get("x-amazon-apigateway-request-validator") or get(
            parse_json(api.get("Body")), "x-amazon-apigateway-request-validator"
        )
        if "requestBody" in operation and api.type == "AWS::ApiGateway::RestApi" and not chosen:
            yield api, f"No validator checks what is sent to {path}."


@rule
def stage_watched(templates: Templates) -> Found:
    """A stage of a REST API is traced, logs what fails, and keeps answers only encrypted (APIGateway.1, .3 and .5)."""
    for stage in templates.of("AWS::ApiGateway::Stage"):
        settings = as_list(stage.get("MethodSettings"))
        if not is_true(stage.get("TracingEnabled")):
            yield stage, "It is not traced."
        if not any(str(get(item, "LoggingLevel")).upper() in {"ERROR", "INFO"} for item in settings):
            yield stage, "It logs no failures: its LoggingLevel is not ERROR."
        if any(str(get(item, "LoggingLevel", "ERROR")).upper() == "OFF" for item in settings):
            yield stage, "The LoggingLevel of some methods is OFF."
        cached = is_true(stage.get("CacheClusterEnabled")) or any(
            is_true(get(item, "CachingEnabled")) for item in settings
        )
        if cached and not all(is_true(get(item, "CacheDataEncrypted")) for item in settings):
            yield stage, "Its cache holds answers in the clear."


@rule
def integration_inside(templates: Templates) -> Found:
    """An API asks AWS, or what is in the VPC, and not with its caller's rights; a web ACL stands before something."""
    for method in templates.of("AWS::ApiGateway::Method"):
        outside = method.get("Integration.Type") in {"HTTP", "HTTP_PROXY"}
        if outside and method.get("Integration.ConnectionType") != "VPC_LINK":
            yield method, f"It sends requests out of the network, to {method.get('Integration.Uri')}."
        if "user/*" in str(method.get("Integration.Credentials")):
            yield method, "It acts with its caller's rights."
    for integration in templates.of("AWS::ApiGatewayV2::Integration"):
        outside = integration.get("IntegrationType") in {"HTTP", "HTTP_PROXY"}
        if outside and integration.get("ConnectionType") != "VPC_LINK":
            yield integration, f"It sends requests out of the network, to {integration.get('IntegrationUri')}."
    associated = [templates.find(each.get("WebACLArn")) for each in templates.of("AWS::WAFv2::WebACLAssociation")]
    for acl in templates.of("AWS::WAFv2::WebACL"):
        shared = any(
            templates.find(each.get("Value")) == acl for each in templates.declarations if each.type == "Output"
        )
        if acl not in associated and acl.get("Scope") == "REGIONAL" and not shared:
            yield acl, "It stands before nothing: no association names it."


def _stages(templates: Templates) -> Iterator[tuple[Resource, object, list[Any]]]:
    """Yield every stage, where it logs who asked, and its settings; a deployment may make one by the way."""
    for stage in templates.of("AWS::ApiGatewayV2::Stage"):
        settings = [stage.get("DefaultRouteSettings", {}), *stage.get("RouteSettings", {}).values()]
        yield stage, stage.get("AccessLogSettings"), settings
    for stage in templates.of("AWS::ApiGateway::Stage"):
        yield stage, stage.get("AccessLogSetting"), as_list(stage.get("MethodSettings"))
    for deployment in templates.of("AWS::ApiGateway::Deployment"):
        if deployment.get("StageName"):
            described = deployment.get("StageDescription", {})
            settings = [described, *as_list(get(described, "MethodSettings"))]
            yield deployment, get(described, "AccessLogSetting"), settings


def _operations(templates: Templates) -> Iterator[tuple[Resource, str, Mapping[str, Any]]]:
    """Yield every operation of APIs that are given in OpenAPI, and its path."""
    for api in templates.of("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        paths = get(parse_json(api.get("Body")), "paths", {})
        for path, operations in paths.items():
            for verb, operation in operations.items():
                if verb.lower() in _VERBS and isinstance(operation, Mapping):
                    yield api, path, operation


def _asks_who_calls(operation: Mapping[str, Any], body: object) -> bool:
    """Return whether an operation of OpenAPI asks who calls, itself or with the whole API."""
    auth = get(operation, "x-amazon-apigateway-auth.type", "NONE")
    return auth != "NONE" or bool(operation.get("security", get(parse_json(body), "security")))


RULES: Final = (function_door, api_guarded, requests_validated, stage_watched, integration_inside)
