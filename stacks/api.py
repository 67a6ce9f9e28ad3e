"""The platform's HTTP API."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.serving.api import PredictionApi, Reviewed
from stacks.foundation import Foundation
from stacks.systems.system import Deployed, System


class ApiStack(cdk.Stack):
    """The REST API that applications ask for predictions."""

    def __init__(
        self, scope: Construct, construct_id: str, *, on: Foundation, systems: Mapping[System, Deployed]
    ) -> None:
        super().__init__(scope, construct_id, description="Prediction API")
        served = {system: deployed.rollout for system, deployed in systems.items() if deployed.rollout}
        pictures = [kind for system in served for kind in system.content_types if kind.startswith("image/")]
        predictions = PredictionApi(
            self,
            "Predictions",
            functions=on.functions,
            rate=on.environment.throttle.rate,
            burst=on.environment.throttle.burst,
            pictures=list(dict.fromkeys(pictures)),
        )
        for system, rollout in served.items():
            predictions.add(
                system.api_id or system.title,
                system=system.name,
                rollout=rollout,
                content_types=system.content_types,
                reviewed=_rule_of(system, on),
            )
        cdk.CfnOutput(self, "ApiUrl", value=predictions.api.url)


def _rule_of(system: System, on: Foundation) -> Reviewed | None:
    """Return which predictions of a system people may review, where they do."""
    rule = on.environment.labeling.reviews
    if rule is None or system not in on.environment.reviewed:
        return None
    return Reviewed(folder=on.predictions(system.name), below=rule.below, share=rule.share)
