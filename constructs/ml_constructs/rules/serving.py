"""Rules of endpoints: large enough, scaled, watched, and rolled out so that a bad model goes back.

An endpoint is either a template's own (`AWS::SageMaker::Endpoint`) or one that a roll-out function creates from its
environment variables; both are judged by the same rules.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ml_constructs.rules.rule import rule
from ml_constructs.rules.templates import Resource, Templates, as_list, get, is_true, number

Found = Iterator[tuple[Resource, str]]

CANARY_LIMIT: Final = 50.0
LEAST: Final = 2
_VARIANT_ID: Final = re.compile(r"endpoint/(?P<endpoint>.+)/variant/(?P<variant>.+)")
_SCALED: Final = "sagemaker:variant:"


@dataclass(frozen=True)
class Endpoint:
    """What is known of an endpoint. `variants` holds the instances of each, None where it is serverless."""

    resource: Resource
    names: frozenset[str]
    variants: Mapping[str, float | None]
    alarms: tuple[str, ...]
    guarded: bool


def endpoints(templates: Templates) -> Iterator[Endpoint]:
    """Yield every endpoint, of templates and of roll-out functions."""
    for resource in templates.of("AWS::SageMaker::Endpoint"):
        config = templates.find(resource.get("EndpointConfigName"))
        variants = as_list(config.get("ProductionVariants")) if config else []
        reference = f"${{{resource.stack}/{resource.logical_id}.EndpointName}}"
        alarms = as_list(resource.get("DeploymentConfig.AutoRollbackConfiguration.Alarms"))
        alarms = alarms or as_list(resource.get("DeploymentConfig.AutoRollbackConfiguration"))
        yield Endpoint(
            resource,
            frozenset(
                filter(None, (reference, f"${{{resource.stack}/{resource.logical_id}}}", resource.get("EndpointName")))
            ),
            {str(item.get("VariantName")): _instances(item) for item in variants},
            tuple(str(get(alarm, "AlarmName", "")) for alarm in alarms),
            guarded=any(
                resource.get(f"DeploymentConfig.{kind}") for kind in ("BlueGreenUpdatePolicy", "RollingUpdatePolicy")
            ),
        )
    for function, variables in rollouts(templates):
        yield Endpoint(
            function,
            frozenset({variables["ENDPOINT_NAME"]}),
            {variables.get("VARIANT_NAME", ""): number(variables.get("INSTANCE_COUNT"))},
            tuple(filter(None, variables.get("ALARM_NAMES", "").split(","))),
            guarded="CANARY_PERCENT" in variables,
        )


def rollouts(templates: Templates) -> Iterator[tuple[Resource, Mapping[str, str]]]:
    """Yield the functions that create endpoints, and the variables that say how."""
    for function in templates.of("AWS::Lambda::Function"):
        variables = {key: str(value) for key, value in function.get("Environment.Variables", {}).items()}
        if {"ENDPOINT_NAME", "MODEL_ROLE_ARN"} <= set(variables):
            yield function, variables


def _instances(variant: Mapping[str, Any]) -> float | None:
    return None if "ServerlessConfig" in variant else number(variant.get("InitialInstanceCount", 1))


def _endpoint(templates: Templates, name: str) -> Endpoint | None:
    return next((endpoint for endpoint in endpoints(templates) if name in endpoint.names), None)


def _targets(templates: Templates) -> Iterator[tuple[Resource, str, str]]:
    for target in templates.of("AWS::ApplicationAutoScaling::ScalableTarget"):
        if str(target.get("ScalableDimension", "")).startswith(_SCALED):
            match = _VARIANT_ID.fullmatch(str(target.get("ResourceId")))
            yield target, match["endpoint"] if match else "", match["variant"] if match else ""


@rule
def scaling_target_variant(templates: Templates) -> Found:
    """A scaling target names a variant of an endpoint that exists, and a policy a target that does."""
    for target, name, variant in _targets(templates):
        endpoint = _endpoint(templates, name)
        if endpoint is None:
            yield target, f"There is no endpoint {name or target.get('ResourceId')}."
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
    for target, name, variant in _targets(templates):
        endpoint = _endpoint(templates, name)
        if endpoint is not None:
            start = endpoint.variants.get(variant)
            yield from _bounds(target, target.get("MinCapacity"), target.get("MaxCapacity"), start)
    for function, variables in rollouts(templates):
        start = number(variables.get("INSTANCE_COUNT"))
        yield from _bounds(function, variables.get("MIN_CAPACITY"), variables.get("MAX_CAPACITY"), start)


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
    """An endpoint in production has two instances or more, and never scales below."""
    for endpoint in endpoints(templates):
        if endpoint.resource.environment.production:
            for variant, count in endpoint.variants.items():
                if count is not None and count < LEAST:
                    yield endpoint.resource, f"Its variant {variant} starts with {count:g} instances."
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


@rule
def alarm_variant(templates: Templates) -> Found:
    """An alarm on an endpoint names a variant that exists: SageMaker's metrics have both dimensions, or no data."""
    for alarm in templates.of("AWS::CloudWatch::Alarm"):
        for metric in _metrics(alarm):
            dimensions = {str(item.get("Name")): str(item.get("Value")) for item in as_list(metric.get("Dimensions"))}
            name = dimensions.get("EndpointName")
            if name is None or "sagemaker" not in str(metric.get("Namespace")).lower():
                continue
            endpoint = _endpoint(templates, name)
            if endpoint is None:
                yield alarm, f"There is no endpoint {name}."
            elif dimensions.get("VariantName") not in endpoint.variants:
                yield alarm, f"{name} has no variant {dimensions.get('VariantName')}."


def _metrics(alarm: Resource) -> Iterator[Mapping[str, Any]]:
    yield alarm.properties
    for query in as_list(alarm.get("Metrics")):
        metric = get(query, "MetricStat.Metric")
        if metric:
            yield metric


@rule
def canary_share(templates: Templates) -> Found:
    """A canary or linear step takes half of the capacity or less, and so does a rolling batch."""
    for endpoint in endpoints(templates):
        resource, instances = endpoint.resource, sum(filter(None, endpoint.variants.values()))
        policy = resource.get("DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration", {})
        for kind in ("CanarySize", "LinearStepSize"):
            yield from _share(resource, kind, policy.get(kind), policy.get("Type"), instances)
        rolling = resource.get("DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize")
        yield from _share(resource, "MaximumBatchSize", rolling, "", instances)
    for function, variables in rollouts(templates):
        size = {"Type": "CAPACITY_PERCENT", "Value": variables.get("CANARY_PERCENT")}
        yield from _share(function, "CANARY_PERCENT", size, "CANARY", 0)


def _share(resource: Resource, name: str, size: object, routing: object, instances: float) -> Found:
    wanted = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(str(routing))
    if not isinstance(size, Mapping):
        if wanted == name:
            yield resource, f"{routing} routing has no {name}."
        return
    value = number(size.get("Value"))
    if size.get("Type") == "CAPACITY_PERCENT" and (value is None or not 1 <= value <= CANARY_LIMIT):
        yield resource, f"{name} is {size.get('Value')} percent."
    if size.get("Type") == "INSTANCE_COUNT" and instances and (value is None or value > instances / 2):
        yield resource, f"{name} is {size.get('Value')} of {instances:g} instances."


@rule
def rollback_alarm(templates: Templates) -> Found:
    """A roll-out goes in steps, and back when an alarm that exists says so."""
    known = {
        alarm.get("AlarmName") for alarm in templates.of("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    }
    for endpoint in endpoints(templates):
        if not endpoint.guarded:
            yield endpoint.resource, "A new model takes all of the traffic at once."
        if not endpoint.alarms:
            yield endpoint.resource, "No alarm rolls a bad model back."
        for name in endpoint.alarms:
            alarm = templates.find(name)
            if name not in known and (alarm is None or not alarm.type.startswith("AWS::CloudWatch::")):
                yield endpoint.resource, f"There is no alarm {name}."


@rule
def all_at_once(templates: Templates) -> Found:
    """In an environment that is to last, traffic does not go over to a new model all at once."""
    for endpoint in templates.of("AWS::SageMaker::Endpoint"):
        routing = endpoint.get("DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.Type")
        if endpoint.environment.lasting and routing == "ALL_AT_ONCE":
            yield endpoint, "Its traffic routing is ALL_AT_ONCE."


@rule
def capture_encrypted(templates: Templates) -> Found:
    """Captured requests and answers, and those of asynchronous inference, are encrypted with a key of the account."""
    for config in templates.of("AWS::SageMaker::EndpointConfig"):
        capture = config.get("DataCaptureConfig", {})
        if is_true(capture.get("EnableCapture")) and not capture.get("KmsKeyId"):
            yield config, "Its captured data has no key."
        output = config.get("AsyncInferenceConfig.OutputConfig")
        if output is not None and not output.get("KmsKeyId"):
            yield config, "Its answers have no key."


@rule
def model_network(templates: Templates) -> Found:
    """Where the network is closed, a model is in it; in production in two subnets or more, each in another zone."""
    for model in templates.of("AWS::SageMaker::Model"):
        subnets = model.get("VpcConfig.Subnets", [])
        if isinstance(subnets, list):
            yield from _subnets(model, [str(subnet) for subnet in subnets])
    for function, variables in rollouts(templates):
        yield from _subnets(function, [name for name in variables.get("SUBNET_IDS", "").split(",") if name])
        if not variables.get("KMS_KEY_ARN"):
            yield function, "The volumes of its endpoint have no key."


def _subnets(resource: Resource, subnets: list[str]) -> Found:
    least = LEAST if resource.environment.production else 1
    if resource.environment.closed and len(set(subnets)) < least:
        yield resource, f"Its models are in {len(set(subnets))} subnets."


RULES: Final = (
    scaling_target_variant,
    scaling_bounds,
    redundant_instances,
    alarm_variant,
    canary_share,
    rollback_alarm,
    all_at_once,
    capture_encrypted,
    model_network,
)
