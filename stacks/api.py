"""The platform's HTTP API."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from ml_constructs.endpoint_rollout import EndpointRollout
from ml_constructs.prediction_api import TABLES, GatewayAccount, PredictionApi
from stacks.environments import Environment
from stacks.network import NetworkStack
from stacks.serving import ServingStack
from stacks.storage import StorageStack
from stacks.vision import INFERENCE, VisionStack


class ApiStack(cdk.Stack):
    """Predictions for applications."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        storage: StorageStack,
        network: NetworkStack,
        serving: ServingStack,
        vision: VisionStack | None,
    ) -> None:
        super().__init__(scope, construct_id, description="Prediction API")
        account = GatewayAccount(self, "Account")

        def door(
            construct_id: str, system: str, rollout: EndpointRollout, content_types: Sequence[str]
        ) -> apigateway.RestApi:
            return PredictionApi(
                self,
                construct_id,
                system=system,
                rollout=rollout,
                account=account,
                functions=network.functions,
                logs=storage.logs,
                log_level=environment.log_level,
                rate=environment.throttle.rate,
                burst=environment.throttle.burst,
                content_types=content_types,
            ).api

        cdk.CfnOutput(self, "ApiUrl", value=door("Predictions", "fraud", serving.fraud, TABLES).url)
        if vision and vision.rollout:
            images = door("Images", "images", vision.rollout, INFERENCE.content_types)
            cdk.CfnOutput(self, "ImagesApiUrl", value=images.url)
