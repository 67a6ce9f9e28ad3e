"""Models and endpoint configurations: what can be deployed, checked when it is named."""

from collections.abc import Mapping
from typing import Any

from mdlc.local.sagemaker.errors import ServiceError
from mdlc.local.sagemaker.host import Host, Scope
from mdlc.local.sagemaker.registry import Registry
from mdlc.local.sagemaker.requests import Handler, Request
from mdlc.local.sagemaker.resources import (
    ENDPOINT_CONFIG,
    MODEL,
    Kind,
    Resources,
    describe,
    listing,
)

_NOT_PROVIDED = ("DataCaptureConfig", "AsyncInferenceConfig", "ExplainerConfig", "ShadowProductionVariants")
_VARIANT_NOT_PROVIDED = ("ServerlessConfig", "InferenceAmiVersion", "CapacityReservationConfig", "InstancePools")


class Models:
    """Records of models and endpoint configurations."""

    def __init__(self, host: Host, resources: Resources, registry: Registry) -> None:
        self._host, self._resources, self._registry = host, resources, registry

    def operations(self) -> dict[str, Handler]:
        """Every operation of both kinds."""
        handlers: dict[str, Handler] = {
            "CreateModel": self._create_model,
            "CreateEndpointConfig": self._create_endpoint_config,
        }
        for kind in (MODEL, ENDPOINT_CONFIG):
            handlers[f"Describe{kind.name}"] = self._shower(kind)
            handlers[f"List{kind.name}s"] = self._lister(kind)
            handlers[f"Delete{kind.name}"] = self._remover(kind)
        return handlers

    def container(self, scope: Scope, model_name: str) -> dict[str, Any]:
        """Return the container that a model runs: its own, or that of the package which it names.

        The members of `ContainerDefinition`; those of the model override those of the package.
        """
        model = self._resources.get(MODEL, scope, model_name)
        own: Mapping[str, Any] = model["PrimaryContainer"]
        if "ModelPackageName" not in own:
            return dict(own)
        package = self._registry.approved(scope, own["ModelPackageName"])
        base = package["InferenceSpecification"]["Containers"][0]
        environment = {**base.get("Environment", {}), **own.get("Environment", {})}
        return {**base, **own, "Environment": environment}

    def _create_model(self, request: Request) -> dict[str, Any]:
        parameters, scope = dict(request.parameters), request.scope
        several = parameters.pop("Containers", [])
        if bool(several) == ("PrimaryContainer" in parameters):
            raise ServiceError("ValidationException", "Give either PrimaryContainer or Containers, and not both.")
        if len(several) > 1:
            raise ServiceError(
                "ValidationException", "A model of several containers (an inference pipeline) is not provided locally."
            )
        container = several[0] if several else parameters["PrimaryContainer"]
        role = parameters.get("ExecutionRoleArn")
        if not role:
            raise ServiceError("ValidationException", "ExecutionRoleArn is missing: a model needs one here.")
        self._host.assume(scope, role, parameters["ModelName"])
        if "ModelPackageName" in container:
            package = self._registry.approved(scope, container["ModelPackageName"])
            containers = package.get("InferenceSpecification", {}).get("Containers", [])
            if len(containers) != 1:
                raise ServiceError(
                    "ValidationException",
                    f"Model package {package['ModelPackageArn']} has {len(containers)} containers: it must have one.",
                )
            data = containers[0].get("ModelDataUrl")
        elif "Image" in container:
            data = container.get("ModelDataUrl")
        else:
            raise ServiceError("ValidationException", "A container needs an Image or a ModelPackageName.")
        if "ModelDataSource" in container:
            raise ServiceError("ValidationException", "ModelDataSource is not provided locally: use ModelDataUrl.")
        if data:
            self._check_data(scope, role, data)
        record = self._resources.add(
            MODEL,
            scope,
            parameters["ModelName"],
            {"EnableNetworkIsolation": False, **parameters, "PrimaryContainer": container},
        )
        return {"ModelArn": record["ModelArn"]}

    def _check_data(self, scope: Scope, role: str, uri: str) -> None:
        try:
            found = self._host.objects(scope, role).list(uri)
        except ServiceError as error:
            raise ServiceError(
                "ValidationException", f"Could not access model data at {uri} as {role}: {error.code}: {error}"
            ) from error
        if not found:
            raise ServiceError("ValidationException", f"Could not find model data at {uri}.")

    def _create_endpoint_config(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        variants = parameters["ProductionVariants"]
        names = [variant["VariantName"] for variant in variants]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ServiceError("ValidationException", f"Variant names must be unique: {', '.join(twice)}.")
        for member in _NOT_PROVIDED:
            if parameters.get(member):
                raise ServiceError("ValidationException", f"{member} is not provided locally.")
        for variant in variants:
            for member in _VARIANT_NOT_PROVIDED:
                if member in variant:
                    raise ServiceError("ValidationException", f"{member} of a variant is not provided locally.")
            if "ModelName" not in variant:
                raise ServiceError("ValidationException", f"Variant {variant['VariantName']} names no model.")
            self._resources.get(MODEL, scope, variant["ModelName"])
            if "InstanceType" not in variant or variant.get("InitialInstanceCount", 0) < 1:
                raise ServiceError(
                    "ValidationException",
                    f"Variant {variant['VariantName']} needs an InstanceType and an InitialInstanceCount of 1 or more.",
                )
        complete = [{"InitialVariantWeight": 1.0, **variant} for variant in variants]
        record = self._resources.add(
            ENDPOINT_CONFIG, scope, parameters["EndpointConfigName"], {**parameters, "ProductionVariants": complete}
        )
        return {"EndpointConfigArn": record["EndpointConfigArn"]}

    def _shower(self, kind: Kind) -> Handler:
        return lambda request: describe(
            self._resources.get(kind, request.scope, request.parameters[kind.key]), request.operation
        )

    def _lister(self, kind: Kind) -> Handler:
        return lambda request: listing(request, self._resources.all(kind, request.scope), kind)

    def _remover(self, kind: Kind) -> Handler:
        def remove(request: Request) -> dict[str, Any]:
            self._resources.remove(kind, request.scope, request.parameters[kind.key])
            return {}

        return remove
