"""Rules of endpoints: large enough, scaled, watched, and rolled out so that a bad model goes back.

An endpoint is either a template's own (`AWS::SageMaker::Endpoint`) or one that a roll-out function creates from its
environment variables; both are judged by the same rules.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.rule import rule
from ml_rules.serving.endpoints import Endpoint, components, endpoint_of, endpoints_and_components, rollouts
from ml_rules.templates import Resource, Templates, leads_elsewhere
from ml_rules.values import as_list, get, is_true, number

Found = Iterator[tuple[Resource, str]]

CANARY_LIMIT: Final = 50.0
LEAST: Final = 2
_OF_QUEUES: Final = {
    "ApproximateAgeOfOldestRequest",
    "ApproximateBacklogSize",
    "ApproximateBacklogSizePerInstance",
    "ExpiredRequests",
    "HasBacklogWithoutCapacity",
    "InvocationFailures",
    "InvocationsProcessed",
    "TimeInBacklog",
    "TimeToDownload",
    "TimeToUpload",
}
"""Metrics of asynchronous endpoints, of no variant (SageMaker guide, "Monitoring asynchronous endpoints")."""


@rule
def component_variant(templates: Templates) -> Found:
    """An inference component is on a variant of an endpoint that exists."""
    for component in components(templates):
        name, variant = component.resource.get("EndpointName"), component.resource.get("VariantName")
        endpoint = endpoint_of(templates, str(name))
        if endpoint is None:
            if not leads_elsewhere(name):
                yield component.resource, f"There is no endpoint {name}."
        elif variant is not None and variant not in endpoint.variants:
            yield component.resource, f"{name} has no variant {variant}."


@rule
def alarm_variant(templates: Templates) -> Found:
    """An alarm on an endpoint names a variant that exists: its metrics have both dimensions, or no data."""
    for alarm in templates.of("AWS::CloudWatch::Alarm", "AWS::CloudWatch::AnomalyDetector"):
        for metric in metrics(alarm):
            dimensions = {str(item.get("Name")): str(item.get("Value")) for item in as_list(metric.get("Dimensions"))}
            name = dimensions.get("EndpointName")
            if "sagemaker" not in str(metric.get("Namespace")).lower():
                continue
            component = dimensions.get("InferenceComponentName")
            if component is not None and endpoint_of(templates, component) is None and not leads_elsewhere(component):
                yield alarm, f"There is no component {component}."
            if name is None:
                if "VariantName" in dimensions:
                    yield alarm, "It names a variant, and no endpoint."
                continue
            endpoint = endpoint_of(templates, name)
            of_queue = metric.get("MetricName") in _OF_QUEUES
            if endpoint is None and not leads_elsewhere(name):
                yield alarm, f"There is no endpoint {name}."
            elif not of_queue and not _has_variant(endpoint, dimensions):
                yield alarm, f"{name} has no variant {dimensions.get('VariantName')}."


def _has_variant(endpoint: Endpoint | None, dimensions: Mapping[str, str]) -> bool:
    """Return whether dimensions name a variant of an endpoint, or any where the endpoint is elsewhere."""
    if endpoint is None:
        return bool({"VariantName", "InferenceComponentName"} & dimensions.keys())
    return dimensions.get("VariantName") in endpoint.variants


def metrics(alarm: Resource) -> Iterator[Mapping[str, Any]]:
    """Yield the metrics that an alarm watches."""
    yield alarm.properties
    for query in as_list(alarm.get("Metrics")):
        metric = get(query, "MetricStat.Metric")
        if metric:
            yield metric


@rule
def canary_share(templates: Templates) -> Found:
    """A canary or linear step takes half of the capacity or less, and so does a rolling batch."""
    for endpoint in endpoints_and_components(templates):
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
    if size.get("Type") in {"INSTANCE_COUNT", "COPY_COUNT"} and instances and (value is None or value > instances / 2):
        yield resource, f"{name} is {size.get('Value')} of {instances:g}."


@rule
def rollback_alarm(templates: Templates) -> Found:
    """A roll-out goes in steps, and back when an alarm that exists says so."""
    known = {
        alarm.get("AlarmName") for alarm in templates.of("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    }
    for endpoint in endpoints_and_components(templates):
        if not endpoint.guarded:
            yield endpoint.resource, "A new model takes all of the traffic at once."
        if not endpoint.alarms:
            yield endpoint.resource, "No alarm rolls a bad model back."
        for name in endpoint.alarms:
            alarm = templates.find(name)
            missing = alarm is None or not alarm.type.startswith("AWS::CloudWatch::")
            if name not in known and missing and not leads_elsewhere(name):
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
def alarm_heard(templates: Templates) -> Found:
    """An alarm does what it is there for: its actions are on."""
    for alarm in templates.of("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        if str(alarm.get("ActionsEnabled", True)).lower() == "false":
            yield alarm, "Its actions are off."


@rule
def model_network(templates: Templates) -> Found:
    """Where the network is closed, a model is in it; in production in two subnets or more, each in another zone."""
    for model in [*templates.of("AWS::SageMaker::Model", "AWS::SageMaker::Cluster"), *_of_components(templates)]:
        subnets = model.get("VpcConfig.Subnets", [])
        if isinstance(subnets, list):
            yield from _subnets(model, [str(subnet) for subnet in subnets])
    for config in _of_components(templates):
        if not is_true(config.get("EnableNetworkIsolation")):
            yield config, "The containers of its components reach the network."
    for function, variables in rollouts(templates):
        yield from _subnets(function, [name for name in variables.get("SUBNET_IDS", "").split(",") if name])
        if not variables.get("KMS_KEY_ARN"):
            yield function, "The volumes of its endpoint have no key."


def _of_components(templates: Templates) -> Iterator[Resource]:
    """Yield the configurations of endpoints for inference components, which have the network of the models."""
    for config in templates.of("AWS::SageMaker::EndpointConfig"):
        if config.get("ExecutionRoleArn"):  # a role and a network of its own are for components alone
            yield config


def _subnets(resource: Resource, subnets: list[str]) -> Found:
    least = LEAST if resource.environment.production else 1
    if resource.environment.closed and len(set(subnets)) < least:
        yield resource, f"Its models are in {len(set(subnets))} subnets."


RULES: Final = (
    component_variant,
    alarm_variant,
    canary_share,
    rollback_alarm,
    alarm_heard,
    all_at_once,
    capture_encrypted,
    model_network,
)
