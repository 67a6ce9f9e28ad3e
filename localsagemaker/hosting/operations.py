"""The operations on endpoints; their containers run in `endpoints`."""

import contextlib
from collections.abc import Mapping
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.endpoints import Deployment, Endpoints
from localsagemaker.hosting.kinds import ENDPOINT, ENDPOINT_CONFIG
from localsagemaker.hosting.models import Models
from localsagemaker.kernel.host import Scope
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Resources, describe


class EndpointOperations:
    """Records of endpoints, kept up to date by what their containers do."""

    def __init__(self, resources: Resources, models: Models, endpoints: Endpoints) -> None:
        self._resources, self._models, self._endpoints = resources, models, endpoints

    def operations(self) -> dict[str, Handler]:
        """Return every operation on endpoints."""
        return {
            "CreateEndpoint": self._create,
            "DescribeEndpoint": self._describe,
            "ListEndpoints": lambda request: listing(request, self._resources.all(ENDPOINT, request.scope), ENDPOINT),
            "UpdateEndpoint": self._update,
            "UpdateEndpointWeightsAndCapacities": self._update_weights,
            "DeleteEndpoint": self._delete,
        }

    def _create(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        name = parameters["EndpointName"]
        deployment = self._deployment(scope, parameters["EndpointConfigName"])
        members = {member: value for member, value in parameters.items() if member != "DeploymentConfig"}
        record = self._resources.add(
            ENDPOINT,
            scope,
            name,
            {
                **members,
                "EndpointStatus": "Creating",
                **({"LastDeploymentConfig": config} if (config := parameters.get("DeploymentConfig")) else {}),
            },
        )

        def update(fields: Mapping[str, Any]) -> None:
            with contextlib.suppress(ServiceError):  # an endpoint that was deleted meanwhile has no record
                self._resources.update(ENDPOINT, scope, name, fields)

        try:
            self._endpoints.create(scope, name, record["EndpointArn"], deployment, update)
        except ServiceError:
            self._resources.remove(ENDPOINT, scope, name)
            raise
        return {"EndpointArn": record["EndpointArn"]}

    def _deployment(self, scope: Scope, config_name: str) -> Deployment:
        config = self._resources.get(ENDPOINT_CONFIG, scope, config_name)
        names = {variant["ModelName"] for variant in config["ProductionVariants"]}
        return Deployment(
            config["EndpointConfigName"], config, {name: self._models.deployable(scope, name) for name in sorted(names)}
        )

    def _describe(self, request: Request) -> dict[str, Any]:
        record = self._resources.get(ENDPOINT, request.scope, request.parameters["EndpointName"])
        return describe(record, request.operation)

    def _update(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        record = self._resources.get(ENDPOINT, scope, parameters["EndpointName"])
        strategy = parameters.get("DeploymentConfig")
        if strategy is None and parameters.get("RetainDeploymentConfig"):
            strategy = record.get("LastDeploymentConfig")
        excluded = parameters.get("ExcludeRetainedVariantProperties", ())
        self._endpoints.update(
            scope,
            record["EndpointName"],
            self._deployment(scope, parameters["EndpointConfigName"]),
            deployment_config=strategy,
            retain_all_variant_properties=parameters.get("RetainAllVariantProperties", False),
            exclude_retained_variant_properties=[item["VariantPropertyType"] for item in excluded],
        )
        return {"EndpointArn": record["EndpointArn"]}

    def _update_weights(self, request: Request) -> dict[str, Any]:
        record = self._resources.get(ENDPOINT, request.scope, request.parameters["EndpointName"])
        wanted = request.parameters["DesiredWeightsAndCapacities"]
        known = {variant["VariantName"] for variant in record.get("ProductionVariants", ())}
        for item in wanted:
            if item["VariantName"] not in known:
                raise ServiceError(
                    "ValidationException",
                    f"Endpoint {record['EndpointArn']} has no variant {item['VariantName']}: it has "
                    f"{', '.join(sorted(known)) or 'none yet'}.",
                )
        self._endpoints.update_weights(request.scope, record["EndpointName"], wanted)
        return {"EndpointArn": record["EndpointArn"]}

    def _delete(self, request: Request) -> dict[str, Any]:
        record = self._resources.get(ENDPOINT, request.scope, request.parameters["EndpointName"])
        self._endpoints.delete(request.scope, record["EndpointName"])
        self._resources.remove(ENDPOINT, request.scope, record["EndpointName"])
        return {}
