"""Models and endpoint configurations: what can be deployed, checked when it is named."""

from collections.abc import Mapping
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.kinds import ENDPOINT_CONFIG, MODEL
from localsagemaker.kernel.host import Host, Scope
from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Resources, describe
from localsagemaker.registry.packages import Registry


class Models:
    """Records of models and endpoint configurations."""

    def __init__(self, host: Host, resources: Resources, registry: Registry) -> None:
        self._host, self._resources, self._registry = host, resources, registry

    def operations(self) -> dict[str, Handler]:
        """Return every operation of both kinds."""
        handlers: dict[str, Handler] = {
            "CreateModel": self._create_model,
            "CreateEndpointConfig": self._create_endpoint_config,
        }
        for kind in (MODEL, ENDPOINT_CONFIG):
            handlers[f"Describe{kind.name}"] = self._shower(kind)
            handlers[f"List{kind.name}s"] = self._lister(kind)
            handlers[f"Delete{kind.name}"] = self._remover(kind)
        return handlers

    def deployable(self, scope: Scope, name: str) -> dict[str, Any]:
        """Return a model whose containers name their image and data, those of packages taken from the packages.

        `ValidationException` when a package is not approved.
        """
        model = dict(self._resources.get(MODEL, scope, name))
        if "PrimaryContainer" in model:
            model["PrimaryContainer"] = self._resolve(scope, model["PrimaryContainer"])
        else:
            model["Containers"] = [self._resolve(scope, container) for container in model["Containers"]]
        return model

    def _resolve(self, scope: Scope, container: Mapping[str, Any]) -> dict[str, Any]:
        """Fill in a container from its package; the container's own members and variables win."""
        if "ModelPackageName" not in container:
            return dict(container)
        package = self._registry.require_approved(scope, container["ModelPackageName"])
        packed = package.get("InferenceSpecification", {}).get("Containers", [])
        if len(packed) != 1:
            raise ServiceError(
                "ValidationException",
                f"Model package {package['ModelPackageArn']} has {len(packed)} containers: it must have one.",
            )
        own = {name: value for name, value in container.items() if name != "ModelPackageName"}
        environment = {**packed[0].get("Environment", {}), **own.get("Environment", {})}
        return {**packed[0], **own, "Environment": environment}

    def _create_model(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        if ("Containers" in parameters) == ("PrimaryContainer" in parameters):
            raise ServiceError("ValidationException", "Give either PrimaryContainer or Containers, and not both.")
        role = parameters.get("ExecutionRoleArn")
        if not role:
            raise ServiceError("ValidationException", "ExecutionRoleArn is missing: a model needs one here.")
        self._host.assume(scope, role, parameters["ModelName"])
        for container in parameters.get("Containers") or [parameters["PrimaryContainer"]]:
            resolved = self._resolve(scope, container)
            if "Image" not in resolved:
                raise ServiceError("ValidationException", "A container needs an Image or a ModelPackageName.")
            source = resolved.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri")
            data = resolved.get("ModelDataUrl") or source
            if data:
                self._check_data(scope, role, data)
        members = {"EnableNetworkIsolation": False, **parameters}
        if "PrimaryContainer" in parameters:
            members["PrimaryContainer"] = _complete(parameters["PrimaryContainer"])
        else:
            members["Containers"] = [_complete(container) for container in parameters["Containers"]]
        record = self._resources.add(MODEL, scope, parameters["ModelName"], members)
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
        for variant in variants:
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


def _complete(container: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a container with the mode that the service fills in; one of a package takes it from there."""
    return {"Mode": "SingleModel", **container} if "Image" in container else container
