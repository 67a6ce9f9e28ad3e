"""What every REST API here has: a log of who asked what, limits, and errors of one form."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.foundation.roles import service_role

INTEGRATION_LIMIT: Final = cdk.Duration.seconds(29)  # API Gateway's own, unless an account's quota was raised
FUNCTION_LIMIT: Final = cdk.Duration.seconds(28)  # ends before the API stops waiting for it
JSON: Final = "application/json"
ACCESS_LOG: Final[Mapping[str, str]] = {  # who asked what, and how it went; never the body
    "requestId": "$context.requestId",
    "extendedRequestId": "$context.extendedRequestId",
    "requestTime": "$context.requestTime",
    "sourceIp": "$context.identity.sourceIp",
    "caller": "$context.identity.userArn",
    "httpMethod": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "integrationStatus": "$context.integrationStatus",
    "errorType": "$context.error.responseType",
}
ERRORS: Final = {  # what API Gateway answers by itself, in the form of the function's own errors
    "AccessDenied": (apigateway.ResponseType.ACCESS_DENIED, "access_denied"),
    "BadBody": (apigateway.ResponseType.BAD_REQUEST_BODY, "invalid_body"),
    "InvalidSignature": (apigateway.ResponseType.INVALID_SIGNATURE, "invalid_signature"),
    "NoToken": (apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN, "not_signed_or_not_found"),
    "TimeOut": (apigateway.ResponseType.INTEGRATION_TIMEOUT, "timeout"),
    "TooLarge": (apigateway.ResponseType.REQUEST_TOO_LARGE, "too_large"),
    "Throttled": (apigateway.ResponseType.THROTTLED, "throttled"),
    "UnsupportedType": (apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
    "ClientError": (apigateway.ResponseType.DEFAULT_4_XX, "bad_request"),
    "ServerError": (apigateway.ResponseType.DEFAULT_5_XX, "internal_error"),
}


def rest_api(
    scope: Construct,
    *,
    name: str,
    description: str,
    stage: str,
    logs: LogSettings,
    rate: int,
    burst: int,
    binary: Sequence[str] = (),
    caller: Mapping[str, str] | None = None,
    limits: Mapping[str, tuple[int, int]] | None = None,
) -> apigateway.RestApi:
    """Return a regional REST API with one stage in `scope`, whose log also has `caller`, by names of API Gateway's.

    Requests beyond `rate` a second (`burst` at once) get 429; `limits` are such pairs of methods that have their own,
    by path and method, as "/auth/POST". Bodies of the types `binary` go byte for byte.
    """
    kept: dict[str, Any] = {
        "data_trace_enabled": False,
        "logging_level": apigateway.MethodLoggingLevel.ERROR,
        "metrics_enabled": True,
    }
    own = {
        method: apigateway.MethodDeploymentOptions(throttling_rate_limit=each, throttling_burst_limit=at_once, **kept)
        for method, (each, at_once) in (limits or {}).items()
    }
    access_log = logs.group(scope, "AccessLog")
    api = apigateway.RestApi(
        scope,
        "Api",
        rest_api_name=name,
        description=description,
        binary_media_types=list(binary) or None,
        endpoint_types=[apigateway.EndpointType.REGIONAL],
        cloud_watch_role=False,
        deploy_options=apigateway.StageOptions(
            stage_name=stage,
            access_log_destination=apigateway.LogGroupLogDestination(access_log),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps({**ACCESS_LOG, **(caller or {})})),
            method_options=own or None,
            throttling_burst_limit=burst,
            throttling_rate_limit=rate,
            tracing_enabled=True,
            **kept,
        ),
    )
    api.node.try_remove_child("Endpoint")  # the output of an address that the stack names itself
    api.deployment_stage.node.add_dependency(_account(scope))
    return api


def request_validator(api: apigateway.RestApi) -> apigateway.RequestValidator:
    """Return a validator of bodies and parameters, which refuses requests before a function sees them."""
    return api.add_request_validator("Request", validate_request_body=True, validate_request_parameters=True)


def add_errors(api: apigateway.RestApi, more: Mapping[str, tuple[apigateway.ResponseType, str]] | None = None) -> None:
    """Let API Gateway answer errors of its own in the form of the functions'; `more` by the id of their constructs."""
    for construct_id, (type_, code) in {**ERRORS, **(more or {})}.items():
        # messageString comes quoted; validationErrorString does not, and holds quotation marks of its own.
        said = '"message":$context.error.messageString,"request_id":"$context.requestId"'
        template = f'{{"error":{{"code":"{code}",{said}}}}}'
        api.add_gateway_response(construct_id, type=type_, templates={JSON: template})


def _account(scope: Construct) -> apigateway.CfnAccount:
    """Let API Gateway write logs; AWS has this once an account and region, and keeps it when the stack goes."""
    role = service_role(
        scope,
        "GatewayRole",
        service="apigateway.amazonaws.com",
        description="Writes the logs of API Gateway",
        tells_account=False,  # its documented trust has no condition, and a role that it cannot assume is refused
    )
    iam.Grant.add_to_principal(
        grantee=role,
        actions=[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
            "logs:GetLogEvents",
            "logs:PutLogEvents",
        ],
        resource_arns=["*"],
    )
    acknowledge(
        role,
        service_trust="API Gateway does not tell its account, and refuses a role that it cannot take on.",
        star_resource="API Gateway makes up the names of log groups, and refuses a role that has less.",
    )
    account = apigateway.CfnAccount(scope, "Account", cloud_watch_role_arn=role.role_arn)
    account.node.add_dependency(role)
    return account
