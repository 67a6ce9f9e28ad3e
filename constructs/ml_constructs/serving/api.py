"""A REST API in front of the endpoints."""

import json
from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.roles import service_role
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.serving.rollout import EndpointRollout

VERSION = "v1"
INTEGRATION_LIMIT = cdk.Duration.seconds(29)  # API Gateway's own, unless an account's quota was raised
FUNCTION_LIMIT = cdk.Duration.seconds(28)  # ends before the API stops waiting for it
JSON = "application/json"
TABLES = ("text/csv", JSON, "application/jsonlines")
ACCESS_LOG = {  # who asked what, and how it went; never the body
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
ERRORS = {  # what API Gateway answers by itself, in the form of the function's own errors
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


class PredictionApi(Construct):
    """A regional REST API of models: `POST /v1/<system>/predictions`, signed with IAM credentials.

    Requests to a model beyond `rate` a second (`burst` at once) get 429. `pictures` are media types whose bodies reach
    the functions byte for byte, such as image/png; all others are text.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: FunctionSettings,
        rate: int,
        burst: int,
        pictures: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self._functions = functions
        self._pictures = frozenset(pictures)
        access_log = functions.logs.group(self, "AccessLog")
        self.api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=cdk.Stack.of(self).stack_name,
            description="Predictions of the models",
            binary_media_types=list(pictures) or None,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=False,
            deploy_options=apigateway.StageOptions(
                stage_name=VERSION,
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
                data_trace_enabled=False,
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                metrics_enabled=True,
                throttling_burst_limit=burst,
                throttling_rate_limit=rate,
                tracing_enabled=True,
            ),
        )
        self.api.node.try_remove_child("Endpoint")  # the output of an address that the stack names itself
        self.api.deployment_stage.node.add_dependency(self._account())
        self._validator = self.api.add_request_validator(
            "Request", validate_request_body=True, validate_request_parameters=True
        )
        self._instances = self._model()
        self._errors()
        acknowledge(
            self.api,
            APIGWAssociatedWithWAF="Only principals of this account with execute-api:Invoke get through, throttled, so "
            "that a firewall for anonymous traffic would have nothing to stop.",
            APIGWCacheEnabledAndEncrypted="An answer to one caller's data is never another's, so nothing is cached.",
            APIGWSSLEnabled="The stage calls a function through Lambda's API, which takes no client certificate.",
            COG4="Callers are services of this account that sign with IAM credentials; no end users log in.",
        )

    def add(
        self,
        construct_id: str,
        *,
        system: str,
        rollout: EndpointRollout,
        content_types: Sequence[str] = TABLES,
    ) -> apigateway.Method:
        """Add `POST /v1/<system>/predictions`, which asks the endpoint of `rollout`; grant callers its `grant_execute`.

        JSON bodies are validated before the function sees them; those of the other `content_types` go to the model as
        they are.
        """
        if text := [kind for kind in content_types if kind.startswith("image/") and kind not in self._pictures]:
            raise ValueError(f"{', '.join(text)} would reach the {system} model as text: name it among the pictures.")
        function = PythonFunction(
            self,
            construct_id,
            handler="predictions.handler.handler",
            description=f"Asks the {system} model",
            environment={
                "CONTENT_TYPES": ",".join(content_types),
                "ENDPOINT_NAME": rollout.endpoint_name,
                "POWERTOOLS_METRICS_NAMESPACE": "mdlc",
                "POWERTOOLS_SERVICE_NAME": "predictions",
            },
            timeout=FUNCTION_LIMIT,
            settings=self._functions,
            memory=512,
            powertools=True,
        )
        rollout.grant_invoke(function.role)
        resource = self.api.root.add_resource(system).add_resource("predictions")
        return resource.add_method(
            "POST",
            apigateway.LambdaIntegration(
                function.function, allow_test_invoke=False, proxy=True, timeout=INTEGRATION_LIMIT
            ),
            authorization_type=apigateway.AuthorizationType.IAM,
            request_models={JSON: self._instances},
            request_validator=self._validator,
        )

    def _model(self) -> apigateway.Model:
        return self.api.add_model(
            "Instances",
            content_type=JSON,
            description="Feature rows, or raw records, to be scored",
            schema=apigateway.JsonSchema(
                schema=apigateway.JsonSchemaVersion.DRAFT4,
                title="Instances",
                type=apigateway.JsonSchemaType.OBJECT,
                required=["instances"],
                properties={
                    "instances": apigateway.JsonSchema(
                        type=apigateway.JsonSchemaType.ARRAY,
                        min_items=1,
                        items=apigateway.JsonSchema(
                            any_of=[
                                apigateway.JsonSchema(type=apigateway.JsonSchemaType.ARRAY, min_items=1),
                                apigateway.JsonSchema(type=apigateway.JsonSchemaType.OBJECT, min_properties=1),
                            ]
                        ),
                    )
                },
            ),
        )

    def _errors(self) -> None:
        for construct_id, (type_, code) in ERRORS.items():
            # messageString comes quoted; validationErrorString does not, and holds quotation marks of its own.
            said = '"message":$context.error.messageString,"request_id":"$context.requestId"'
            template = f'{{"error":{{"code":"{code}",{said}}}}}'
            self.api.add_gateway_response(construct_id, type=type_, templates={JSON: template})

    def _account(self) -> apigateway.CfnAccount:
        """Let API Gateway write logs; AWS has this once an account and region, and keeps it when the stack goes."""
        role = service_role(
            self,
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
        account = apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        account.node.add_dependency(role)
        return account
