"""The platform's HTTP API."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.serving.api import PredictionApi
from stacks.environments import Environment
from stacks.knn import KnnStack
from stacks.network import NetworkStack
from stacks.serving import ServingStack
from stacks.storage import StorageStack
from stacks.vision import INFERENCE, PICTURES, VisionStack


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
        knn: KnnStack,
        vision: VisionStack | None,
    ) -> None:
        super().__init__(scope, construct_id, description="Prediction API")
        predictions = PredictionApi(
            self,
            "Predictions",
            functions=network.functions,
            logs=storage.logs,
            log_level=environment.log_level,
            rate=environment.throttle.rate,
            burst=environment.throttle.burst,
            pictures=PICTURES if vision else (),
        )
        predictions.add("Predictions", system="fraud", rollout=serving.fraud)  # the id of a time when it was alone
        predictions.add("Knn", system="knn", rollout=knn.rollout)
        if vision and vision.rollout:
            predictions.add("Images", system="images", rollout=vision.rollout, content_types=INFERENCE.content_types)
        cdk.CfnOutput(self, "ApiUrl", value=predictions.api.url)
