"""API Gateway of MiniStack: request validators, access logs and the scope of signatures of REST APIs."""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, sigv4
from ministack.services import apigateway as http_apis
from ministack.services import apigateway_v1 as apigateway
from ministack.services.cloudformation import provisioners

from localcloud.hooks import api_account, telemetry
from localcloud.hooks.callers import identity
from localcloud.hooks.rest_apis import defaults
from localcloud.hooks.stacks import cloudformation

INVOKE = "execute-api:Invoke"
_VARIABLE = re.compile(r"\$context\.([A-Za-z.]+)")
OF_METHODS = frozenset(
    {
        "CacheDataEncrypted",
        "CacheTtlInSeconds",
        "CachingEnabled",
        "DataTraceEnabled",
        "LoggingLevel",
        "MetricsEnabled",
        "ThrottlingBurstLimit",
        "ThrottlingRateLimit",
    }
)
"""What a deployment says of all methods of its stage, and a stage in its settings of methods."""


_HOST = re.compile(r"^([a-f0-9]{8})\.execute-api\.localhost(?::\d+)?$")


def is_host(host: str) -> bool:
    """Return whether a host is an API's own: `<api>.execute-api.localhost`."""
    return bool(_HOST.match(host))


def answer_by_host() -> None:
    """Let an API answer at a host of its own, where browsers and signatures see its stages as on AWS."""
    app._EXECUTE_API_RE = _HOST


class RequestValidator:
    """`AWS::ApiGateway::RequestValidator`, which MiniStack's CloudFormation only pretends to make."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Make the validator of an API."""
        del stack
        api, validator = properties["RestApiId"], identity.unique_id(8)
        apigateway._request_validators.setdefault(api, {})[validator] = {
            "id": validator,
            "name": properties.get("Name", logical_id),
            "validateRequestBody": _true(properties.get("ValidateRequestBody")),
            "validateRequestParameters": _true(properties.get("ValidateRequestParameters")),
        }
        return validator, {"RequestValidatorId": validator}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Change what is validated."""
        del old, stack, logical_id
        record = apigateway._request_validators.setdefault(new["RestApiId"], {})[physical_id]
        record["validateRequestBody"] = _true(new.get("ValidateRequestBody"))
        record["validateRequestParameters"] = _true(new.get("ValidateRequestParameters"))
        return physical_id, {"RequestValidatorId": physical_id}

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Remove the validator."""
        apigateway._request_validators.get(properties["RestApiId"], {}).pop(physical_id, None)


def keep_settings() -> None:
    """Keep where an API can be called, and where it reads keys, which MiniStack's CloudFormation leaves out."""

    def keep(api: str, properties: dict[str, Any]) -> dict[str, Any]:
        apigateway._rest_apis[api] |= {
            "endpointConfiguration": defaults.endpoints(properties.get("EndpointConfiguration")),
            "apiKeySource": properties.get("ApiKeySourceType", "HEADER"),
            "disableExecuteApiEndpoint": _true(properties.get("DisableExecuteApiEndpoint")),
        }
        return {}

    cloudformation.after("AWS::ApiGateway::RestApi", keep)


def keep_route_settings() -> None:
    """Name the settings of a stage's routes as the API of HTTP and WebSocket APIs does, and not as a template."""

    def named(settings: Mapping[str, Any]) -> dict[str, Any]:
        return {name[:1].lower() + name[1:]: value for name, value in settings.items()}

    def keep(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        stage = http_apis._stages[properties["ApiId"]][name]
        stage["defaultRouteSettings"] = named(properties.get("DefaultRouteSettings") or {})
        routes = properties.get("RouteSettings") or {}
        stage["routeSettings"] = {route: named(settings) for route, settings in routes.items()}
        return {}

    cloudformation.after("AWS::ApiGatewayV2::Stage", keep)


def validate_requests() -> None:
    """Make validators real, tie methods to them, and validate only bodies whose content type has a model."""
    cloudformation.register("AWS::ApiGateway::RequestValidator", RequestValidator(), ("Name", "RestApiId"))
    put = provisioners._apigw_v1._put_method

    def put_method(api: str, resource: str, method: str, data: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's answer
        tied = _validators.pop((api, resource, method), None)  # a template's method; a request names its own
        return put(api, resource, method, {**data, "requestValidatorId": tied or data.get("requestValidatorId")})

    def tie(properties: dict[str, Any]) -> dict[str, Any]:
        key = (properties["RestApiId"], properties["ResourceId"], properties["HttpMethod"])
        _validators[key] = properties.get("RequestValidatorId")
        return {}

    apigateway._put_method = put_method
    cloudformation.before("AWS::ApiGateway::Method", tie)
    check = apigateway._check_request_validation

    def check_typed(method: Mapping[str, Any], api: str, request: Any, headers: Any, body: Any, query: Any) -> Any:  # noqa: ANN401, PLR0913, PLR0917 - MiniStack's
        models = method.get("requestModels") or {}
        kind = str(apigateway._header_ci(headers, "content-type") or "application/json").split(";", 1)[0].strip()
        model = models.get(kind) or models.get("$default")
        return check({**method, "requestModels": {kind: model} if model else {}}, api, request, headers, body, query)

    apigateway._check_request_validation = check_typed


def write_access_logs() -> None:
    """Write a line per call to the log group that a stage names, in its own format, where the account's role can."""

    def keep_settings(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        setting = properties.get("AccessLogSetting") or {}
        stage = apigateway._stages_v1[properties["RestApiId"]][name]
        stage["accessLogSettings"] = {"destinationArn": setting.get("DestinationArn"), "format": setting.get("Format")}
        return {}

    cloudformation.after("AWS::ApiGateway::Stage", keep_settings)
    execute = apigateway.handle_execute

    async def logged(api: str, stage: str, method: str, path: str, headers: Any, body: Any, query: Any) -> Any:  # noqa: ANN401, PLR0913, PLR0917 - MiniStack's
        started = time.time()
        status, answer_headers, answer = await execute(api, stage, method, path, headers, body, query)
        settings = (apigateway.stages_for_api(api).get(stage) or {}).get("accessLogSettings") or {}
        if settings.get("destinationArn") and settings.get("format") and api_account.writes_logs():
            values = {
                "requestId": answer_headers.get("x-amzn-requestid", identity.unique_id(32)),
                "extendedRequestId": answer_headers.get("x-amz-apigw-id", "-"),
                "apiId": api,
                "stage": stage,
                "httpMethod": method,
                "path": f"/{stage}{path}",
                "resourcePath": path,
                "protocol": "HTTP/1.1",
                "status": str(status),
                "requestTime": datetime.fromtimestamp(started, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
                "requestTimeEpoch": str(int(started * 1000)),
                "responseLength": str(len(answer)),
                "responseLatency": str(int((time.time() - started) * 1000)),
                "integrationLatency": str(int((time.time() - started) * 1000)),
                "identity.sourceIp": "127.0.0.1",
                "identity.caller": identity.request_caller(),
                "identity.user": identity.request_caller(),
                "identity.userArn": identity.request_caller(),
            }
            line = _VARIABLE.sub(lambda variable: values.get(variable[1], "-"), settings["format"])
            telemetry.write_log(settings["destinationArn"].split(":")[6], f"{api}/{stage}", [line])
        return status, answer_headers, answer

    apigateway.handle_execute = logged


def throttle_methods_by_plan() -> None:
    """Keep the limits that a usage plan has for single methods as API Gateway has them."""

    def keep(plan: str, properties: dict[str, Any]) -> dict[str, Any]:
        del properties
        for stage in apigateway._usage_plans[plan]["apiStages"]:
            stage["throttle"] = {
                method: {name[:1].lower() + name[1:]: value for name, value in limits.items()}
                for method, limits in (stage.get("throttle") or {}).items()
            }
        return {}

    cloudformation.after("AWS::ApiGateway::UsagePlan", keep)


def describe_stages_of_deployments() -> None:
    """Let a deployment describe the whole stage that it makes, as a stage of its own would."""
    own = provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::Stage"]["update"]

    def describe(deployment: str, properties: dict[str, Any]) -> dict[str, Any]:
        described = properties.get("StageDescription")
        if not properties.get("StageName") or not isinstance(described, dict):
            return {}
        where = {name: properties[name] for name in ("RestApiId", "StageName")}
        everywhere = {name: value for name, value in described.items() if name in OF_METHODS}
        settings = [*described.get("MethodSettings", ()), *([everywhere] if everywhere else ())]
        stage = {name: value for name, value in described.items() if name not in OF_METHODS}
        if settings:
            stage["MethodSettings"] = settings
        own(where["StageName"], where, {**stage, **where, "DeploymentId": deployment}, "")
        return {}

    cloudformation.after("AWS::ApiGateway::Deployment", describe)


def limit_methods_by_their_paths() -> None:
    """Let a stage limit a method by itself, whose path templates write with `~1` for each slash.

    Source: template reference, "AWS::ApiGateway::Stage MethodSetting", ResourcePath.
    """
    own = apigateway._method_throttle_settings

    def settings(stage: Mapping[str, Any], path: str, method: str) -> Any:  # noqa: ANN401 - MiniStack's
        encoded = path.lstrip("/").replace("/", "~1")
        return (stage.get("methodSettings") or {}).get(f"/~1{encoded}/{method}") or own(stage, path, method)

    apigateway._method_throttle_settings = settings


def require_scope() -> None:
    """Refuse a signature that was made for another service or region, once it is known to be right."""
    enforce = iam_evaluator.enforce

    def scoped(key: str, action: str, service: str, region: str, **resource: Any) -> Any:  # noqa: ANN401 - MiniStack's
        request = iam_evaluator._signed_request.get()
        denied = enforce(key, action, service, region, **resource)
        if action != INVOKE or request is None or isinstance(denied, iam_evaluator.AuthError):
            return denied
        parse, held = (
            (sigv4.parse_query_signature, request.query_params)
            if request.presigned
            else (sigv4.parse_header_signature, request.headers)
        )
        signature = parse(held)
        if isinstance(signature, tuple):
            return iam_evaluator.AuthError(*signature)
        problem = _scope_problem(signature, resource["resource_arn"])
        return iam_evaluator.AuthError("SignatureDoesNotMatch", problem) if problem else denied

    iam_evaluator.enforce = scoped


def _scope_problem(signature: sigv4.HeaderSignature, method: str) -> str:
    """Return what AWS says of a signature's scope; empty when it is that of the method (ARN) that is called."""
    _, _, service, _, _, called = method.split(":", 5)
    place = apigateway.find_api_scope(called.split("/", 1)[0])
    problem = ""
    if place and signature.region_set is None and signature.region != place[1]:
        problem += f"Credential should be scoped to a valid region, not '{signature.region}'. "
    if signature.service != service:
        problem += f"Credential should be scoped to correct service: '{service}'. "
    return problem


def _true(value: object) -> bool:
    return str(value).lower() == "true"


_validators: dict[tuple[str, str, str], str | None] = {}
