"""A REST API in front of the endpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.folder import Folder
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.functions.rest_api import (
    FUNCTION_LIMIT,
    INTEGRATION_LIMIT,
    JSON,
    add_errors,
    request_validator,
    rest_api,
)
from ml_constructs.serving.rollout import EndpointRollout

VERSION = "v1"
TABLES = ("text/csv", JSON, "application/jsonlines")


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """Which predictions are written to `folder`, for people to review: those less sure than `below`, and a `share`."""

    folder: Folder
    below: float
    share: float

    @property
    def variables(self) -> Mapping[str, str]:
        """What the function has to be told."""
        return {
            "REVIEW_BELOW": str(self.below),
            "REVIEW_BUCKET": self.folder.bucket.bucket_name,
            "REVIEW_PREFIX": "/".join([*map(str, self.folder.path), ""]),
            "REVIEW_SHARE": str(self.share),
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
        self.api = rest_api(
            self,
            name=cdk.Stack.of(self).stack_name,
            description="Predictions of the models",
            stage=VERSION,
            logs=functions.logs,
            rate=rate,
            burst=burst,
            binary=pictures,
        )
        self._validator = request_validator(self.api)
        self._instances = self._model()
        add_errors(self.api)
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
        reviewed: Reviewed | None = None,
    ) -> apigateway.Method:
        """Add `POST /v1/<system>/predictions`, which asks the endpoint of `rollout`; grant callers its `grant_execute`.

        JSON bodies are validated before the function sees them; those of the other `content_types` go to the model as
        they are. With `reviewed` people may review what a classifier of pictures says.
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
                **(reviewed.variables if reviewed else {}),
            },
            timeout=FUNCTION_LIMIT,
            settings=self._functions,
            memory=512,
            powertools=True,
        )
        rollout.grant_invoke(function.role)
        if reviewed:
            reviewed.folder.grant_put(function.role)
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
