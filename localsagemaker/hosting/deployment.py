"""What an endpoint is to run: the variants of a configuration, with their models and images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.images import Image, Images

STARTUP_S = 480.0
"""The documented time in which a container must answer /ping, in seconds."""


@dataclass(frozen=True)
class Deployment:
    """What an endpoint is to run.

    `config` is the CreateEndpointConfig request, `models` the CreateModel requests of the models it names, whose
    containers have `Image` and, where there is model data, `ModelDataUrl` or `ModelDataSource`.
    """

    config_name: str
    config: Mapping[str, Any]
    models: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Container:
    """One container of a model."""

    image: Image
    definition: Mapping[str, Any]


@dataclass
class Variant:
    """One production variant. Weight and instance count change while it runs."""

    name: str
    containers: Sequence[Container]
    model: Mapping[str, Any]
    startup_s: float
    weight: float
    instances: int


def variants(deployment: Deployment, images: Images) -> list[Variant]:
    """Read the variants of a configuration; ServiceError `ValidationException` for what cannot be served here."""
    return [_variant(each, deployment, images) for each in deployment.config["ProductionVariants"]]


def _variant(requested: Mapping[str, Any], deployment: Deployment, images: Images) -> Variant:
    name, model_name = requested["VariantName"], requested.get("ModelName", "")
    if model_name not in deployment.models:
        raise ServiceError("ValidationException", f'Could not find model "{model_name}" of variant {name}.')
    model = deployment.models[model_name]
    definitions = model.get("Containers") or [model["PrimaryContainer"]]
    return Variant(
        name=name,
        containers=[Container(images.find(each["Image"]), each) for each in definitions],
        model=model,
        startup_s=float(requested.get("ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_S)),
        weight=float(requested.get("InitialVariantWeight", 1.0)),
        instances=int(requested.get("InitialInstanceCount", 1)),
    )
