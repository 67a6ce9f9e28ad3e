"""What is known of endpoints: those of templates, and those that a roll-out function makes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, number


@dataclass(frozen=True)
class Endpoint:
    """What is known of an endpoint, or of an inference component, whose copies are its one variant.

    `variants` holds the instances of each, None where it is serverless or a shadow.
    """

    resource: Resource
    names: frozenset[str]
    variants: Mapping[str, float | None]
    alarms: tuple[str, ...]
    guarded: bool


def endpoints(templates: Templates) -> Iterator[Endpoint]:
    """Yield every endpoint, of templates and of roll-out functions."""
    for resource in templates.of("AWS::SageMaker::Endpoint"):
        config = templates.find(resource.get("EndpointConfigName"))
        shadows = as_list(config.get("ShadowProductionVariants")) if config else []
        variants = as_list(config.get("ProductionVariants")) if config else []
        yield _endpoint_from(
            resource,
            dict.fromkeys((str(item.get("VariantName")) for item in shadows), None)
            | {str(item.get("VariantName")): instances_of(item) for item in variants},
        )
    for function, variables in rollouts(templates):
        yield Endpoint(
            function,
            frozenset({variables["ENDPOINT_NAME"]}),
            {variables.get("VARIANT_NAME", ""): number(variables.get("INSTANCE_COUNT"))},
            tuple(filter(None, variables.get("ALARM_NAMES", "").split(","))),
            guarded="CANARY_PERCENT" in variables,
        )


def components(templates: Templates) -> Iterator[Endpoint]:
    """Yield every inference component."""
    for resource in templates.of("AWS::SageMaker::InferenceComponent"):
        copies = resource.get("RuntimeConfig.CopyCount", resource.get("RuntimeConfig.DesiredCopyCount", 1))
        based = resource.get("Specification.BaseInferenceComponentName")  # an adapter runs on another's copies
        yield _endpoint_from(resource, {"": None if based else number(copies)})


def _endpoint_from(resource: Resource, variants: Mapping[str, float | None]) -> Endpoint:
    """Return what a template tells of an endpoint or component, by the properties that both have."""
    named = f"{resource.type.rpartition('::')[2]}Name"
    reference = f"{resource.stack}/{resource.logical_id}"
    alarms = as_list(resource.get("DeploymentConfig.AutoRollbackConfiguration.Alarms"))
    alarms = alarms or as_list(resource.get("DeploymentConfig.AutoRollbackConfiguration"))
    return Endpoint(
        resource,
        frozenset(filter(None, (f"${{{reference}.{named}}}", f"${{{reference}}}", resource.get(named)))),
        variants,
        tuple(str(get(alarm, "AlarmName", "")) for alarm in alarms),
        guarded=any(
            resource.get(f"DeploymentConfig.{kind}") for kind in ("BlueGreenUpdatePolicy", "RollingUpdatePolicy")
        ),
    )


def rollouts(templates: Templates) -> Iterator[tuple[Resource, Mapping[str, str]]]:
    """Yield the functions that create endpoints, and the variables that say how."""
    for function in templates.of("AWS::Lambda::Function"):
        variables = {key: str(value) for key, value in function.get("Environment.Variables", {}).items()}
        if {"ENDPOINT_NAME", "MODEL_ROLE_ARN"} <= set(variables):
            yield function, variables


def instances_of(variant: Mapping[str, Any]) -> float | None:
    """Return how many instances a variant starts with, or None where it is serverless."""
    return None if "ServerlessConfig" in variant else number(variant.get("InitialInstanceCount", 1))


def endpoints_and_components(templates: Templates) -> Iterator[Endpoint]:
    """Yield every endpoint and inference component."""
    yield from endpoints(templates)
    yield from components(templates)


def endpoint_of(templates: Templates, name: str) -> Endpoint | None:
    """Return the endpoint or component that has `name`."""
    return next((endpoint for endpoint in endpoints_and_components(templates) if name in endpoint.names), None)
