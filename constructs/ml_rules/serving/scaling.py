"""Rules of scaling: what scales exists, within limits, and never to one instance in production."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from ml_rules.requests import requests
from ml_rules.rule import rule
from ml_rules.serving.endpoints import endpoint_of, endpoints_and_components, instances_of, rollouts
from ml_rules.templates import Resource, Templates, leads_elsewhere
from ml_rules.values import as_list, get, mappings, number

Found = Iterator[tuple[Resource, str]]

LEAST: Final = 2
_SCALED_ID: Final = re.compile(
    r"endpoint/(?P<endpoint>.+)/variant/(?P<variant>.+)|inference-component/(?P<component>.+)"
)
_SCALED: Final = ("sagemaker:variant:", "sagemaker:inference-component:")


def _targets(templates: Templates) -> Iterator[tuple[Resource, str, str]]:
    for target in templates.of("AWS::ApplicationAutoScaling::ScalableTarget"):
        if str(target.get("ScalableDimension", "")).startswith(_SCALED):
            match = _SCALED_ID.fullmatch(str(target.get("ResourceId")))
            yield (
                target,
                (match["endpoint"] or match["component"]) if match else "",
                (match["variant"] or "") if match else "",
            )


@rule
def scaling_target_variant(templates: Templates) -> Found:
    """A scaling target names a variant of an endpoint, or a component, that exists, and a policy a target that does."""
    for target, name, variant in _targets(templates):
        endpoint = endpoint_of(templates, name)
        if endpoint is None and name and leads_elsewhere(name):
            continue
        if endpoint is None:
            yield target, f"There is no {name or target.get('ResourceId')}."
        elif variant not in endpoint.variants:
            yield target, f"{name} has no variant {variant}, but {', '.join(endpoint.variants)}."
    for policy in templates.of("AWS::ApplicationAutoScaling::ScalingPolicy"):
        reference = policy.get("ScalingTargetId") or policy.get("ScalableTargetId")
        if reference:
            found = templates.find(reference)
            if found is None or found.type != "AWS::ApplicationAutoScaling::ScalableTarget":
                yield policy, "It scales nothing that exists."
        elif str(policy.get("ScalableDimension", "")).startswith(_SCALED) and not any(
            target.get("ResourceId") == policy.get("ResourceId") for target, *_ in _targets(templates)
        ):
            yield policy, f"There is no scaling target {policy.get('ResourceId')}."


@rule
def scaling_bounds(templates: Templates) -> Found:
    """Scaling goes from a minimum to a maximum that is not below it, and the endpoint starts in between."""
    for target in templates.of("AWS::ApplicationAutoScaling::ScalableTarget"):
        for least, most in _limits(target):
            yield from _bounds(target, least, most, None)
    for resource in templates.resources:
        yield from _pairs(resource)
    for target, name, variant in _targets(templates):
        endpoint = endpoint_of(templates, name)
        if endpoint is not None:
            start = endpoint.variants.get(variant)
            yield from _bounds(target, target.get("MinCapacity"), target.get("MaxCapacity"), start)
    for function, variables in rollouts(templates):
        start = number(variables.get("INSTANCE_COUNT"))
        yield from _bounds(function, variables.get("MIN_CAPACITY"), variables.get("MAX_CAPACITY"), start)


def _pairs(resource: Resource) -> Found:
    """Yield minima above the maxima beside them, whatever they limit."""
    for item in mappings(resource.properties):
        pairs = [(name, f"Max{name.removeprefix('Min')}") for name in item if name.startswith("Min")]
        for least, most in [*pairs, ("ProvisionedConcurrency", "MaxConcurrency")]:
            if (number(item.get(least)) or 0) > (number(item.get(most)) or math.inf):
                yield resource, f"Its {least} is {item[least]}, its {most} {item[most]}."


def _limits(target: Resource) -> Iterator[tuple[object, object]]:
    """Yield the minimum and maximum of a scaling target, and those that its scheduled actions set."""
    least, most = target.get("MinCapacity"), target.get("MaxCapacity")
    yield least, most
    for action in as_list(target.get("ScheduledActions")):
        yield (
            get(action, "ScalableTargetAction.MinCapacity", least),
            get(action, "ScalableTargetAction.MaxCapacity", most),
        )


def _bounds(resource: Resource, least: object, most: object, start: float | None) -> Found:
    low, high = number(least), number(most)
    if low is None or high is None or low > high:
        yield resource, f"Its minimum is {least}, its maximum {most}."
    elif start is not None and not low <= start <= high:
        yield resource, f"It starts with {start:g} instances, outside {low:g} to {high:g}."


@rule
def redundant_instances(templates: Templates) -> Found:
    """An endpoint in production has two instances or more, a component two copies, and neither scales below."""
    for endpoint in endpoints_and_components(templates):
        if endpoint.resource.environment.production:
            for variant, count in endpoint.variants.items():
                if count is not None and count < LEAST:
                    yield endpoint.resource, f"Its variant {variant or 'of copies'} starts with {count:g} instances."
    for resource, name, request in requests(templates):
        for variant in as_list(request.get("ProductionVariants")) if resource.environment.production else ():
            count = instances_of(variant) if isinstance(variant, Mapping) else None
            if count is not None and count < LEAST:
                yield resource, f"The endpoint of {name} starts with {count:g} instances."
    for resource, lower in _minima(templates):
        least = number(lower)
        if resource.environment.production and (least is None or least < LEAST):
            yield resource, f"It scales down to {lower}."


def _minima(templates: Templates) -> Iterator[tuple[Resource, object]]:
    """Yield what an endpoint may scale down to, by whatever scales it."""
    for target, _, _ in _targets(templates):
        yield from ((target, least) for least, _ in _limits(target))
    for config in templates.of("AWS::SageMaker::EndpointConfig"):
        scaling = [get(variant, "ManagedInstanceScaling") for variant in as_list(config.get("ProductionVariants"))]
        yield from ((config, get(managed, "MinInstanceCount")) for managed in scaling if managed)
    for function, variables in rollouts(templates):
        yield function, variables.get("MIN_CAPACITY")


RULES: Final = (scaling_target_variant, scaling_bounds, redundant_instances)
