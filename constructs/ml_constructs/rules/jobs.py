"""Rules of what runs code: functions, state machines, and the jobs in definitions of pipelines and state machines."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_constructs.rules.rule import rule
from ml_constructs.rules.templates import REFERENCE, Resource, Templates, as_list, get, is_true, named, number

Found = Iterator[tuple[Resource, str]]
Json = Mapping[str, Any]

_KINDS: Final = {
    "AutoMLJobConfig": "AutoMLJobConfig.SecurityConfig",
    "AutoMLJobInputDataConfig": "SecurityConfig",
    "JobResources": "JobResources.ClusterConfig",
    "MonitoringResources": "MonitoringResources.ClusterConfig",
    "ProcessingResources": "ProcessingResources.ClusterConfig",
    "ResourceConfig": "ResourceConfig",
    "TransformResources": "TransformResources",
}
"""What tells a request to create a job, and where it names its machines."""
_RESULTS: Final = (
    "DataQualityJobOutputConfig",
    "ModelBiasJobOutputConfig",
    "ModelExplainabilityJobOutputConfig",
    "ModelQualityJobOutputConfig",
    "MonitoringOutputConfig",
    "OutputDataConfig",
    "ProcessingOutputConfig",
    "TransformOutput",
)
"""Where it says what becomes of its results."""
_STOPPED: Final = {"AutoMLJobConfig", "AutoMLJobInputDataConfig", "JobResources", "MonitoringResources"}
"""Jobs of Autopilot, Model Monitor and Clarify, which these stop themselves unless they are told otherwise."""
_MONITORED: Final = {
    "AWS::SageMaker::DataQualityJobDefinition": "",
    "AWS::SageMaker::ModelBiasJobDefinition": "",
    "AWS::SageMaker::ModelExplainabilityJobDefinition": "",
    "AWS::SageMaker::ModelQualityJobDefinition": "",
    "AWS::SageMaker::MonitoringSchedule": "MonitoringScheduleConfig.MonitoringJobDefinition",
}
"""Resources that are such a job, and where in them it is."""
_SECRET: Final = re.compile(
    r"(PASSWORD|PASSWD|SECRET|(?<!HTTP)TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)S?$", re.IGNORECASE
)
_FOUND_ELSEWHERE: Final = re.compile(r"\$\{|\{\{resolve:(secretsmanager|ssm-secure)|^arn:")


def jobs(templates: Templates) -> Iterator[tuple[Resource, str, Json]]:
    """Yield the job requests in definitions, of pipelines, state machines and monitors: resource, name and request."""
    for monitor in templates.of(*_MONITORED):
        path = _MONITORED[monitor.type]
        if request := monitor.get(path) if path else monitor.properties:
            yield monitor, "Its job", request
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        definition = pipeline.get("PipelineDefinition")
        for step in as_list(get(_parsed(get(definition, "PipelineDefinitionBody", definition)), "Steps")):
            for name, request in _requests(step, str(step.get("Name"))):
                yield pipeline, name, request
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        for name, state in states(machine):
            for found, request in _requests(state.get("Parameters", state.get("Arguments", {})), name):
                yield machine, found, request


def states(machine: Resource) -> Iterator[tuple[str, Json]]:
    """Yield the states of a state machine by name, those inside of Map and Parallel too."""
    pending = [_parsed(machine.get("DefinitionString") or machine.get("Definition") or {})]
    while pending:
        definition = pending.pop()
        for name, state in definition.get("States", {}).items():
            yield name, state
            pending += [state[key] for key in ("ItemProcessor", "Iterator") if key in state]
            pending += as_list(state.get("Branches"))


def _parsed(definition: Any) -> Json:  # noqa: ANN401 - text or an object
    if isinstance(definition, str):
        try:
            definition = json.loads(definition)
        except ValueError:
            return {}
    return definition if isinstance(definition, Mapping) else {}


def _requests(value: Any, name: str) -> Iterator[tuple[str, Json]]:  # noqa: ANN401 - part of a definition
    if isinstance(value, Mapping):
        if any(key in value for key in _KINDS):
            yield str(value.get("Name", name)), value
        for item in value.values():
            yield from _requests(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _requests(item, str(item.get("Name", name)) if isinstance(item, Mapping) else name)


def _vpc(request: Json) -> Json:
    places = (
        "VpcConfig",
        "NetworkConfig.VpcConfig",
        "SecurityConfig.VpcConfig",
        "AutoMLJobConfig.SecurityConfig.VpcConfig",
    )
    return next((found for place in places if isinstance(found := get(request, place), Mapping)), {})


@rule
def job_network(templates: Templates) -> Found:
    """Where the network is closed, jobs run in subnets of the VPC; in production in those of two zones or more."""
    for resource, name, request in jobs(templates):
        subnets = as_list(_vpc(request).get("Subnets"))
        if not resource.environment.closed or "TransformResources" in request:
            continue
        if len(subnets) < (2 if resource.environment.production else 1):
            yield resource, f"{name} is in {len(subnets)} subnets."


@rule
def job_encrypted(templates: Templates) -> Found:
    """The volumes and results of every job are encrypted with a key of the account."""
    for resource, name, request in jobs(templates):
        for kind, path in _KINDS.items():
            machines = get(request, path, {})
            if kind in request and isinstance(machines, Mapping) and not _key(machines, "VolumeKmsKeyId"):
                yield resource, f"The volume of {name} has no key."
        outputs = [get(request, path) for path in _RESULTS]
        for output in filter(None, outputs):
            if not _key(output, "KmsKeyId"):
                yield resource, f"The results of {name} have no key."


@rule
def job_traffic_encrypted(templates: Templates) -> Found:
    """Instances of one job talk to each other encrypted."""
    for resource, name, request in jobs(templates):
        machines: object = next((get(request, path) for kind, path in _KINDS.items() if kind in request), {})
        count = number(get(machines, "InstanceCount", 1))
        encrypted = request.get("EnableInterContainerTrafficEncryption") or get(
            request, "NetworkConfig.EnableInterContainerTrafficEncryption"
        )
        if count != 1 and "TransformResources" not in request and not is_true(encrypted):
            yield resource, f"Instances of {name} talk in the clear."


@rule
def job_ends(templates: Templates) -> Found:
    """Every job has a time after which it is stopped."""
    for resource, name, request in jobs(templates):
        stops = {"TransformResources", *_STOPPED} & request.keys()
        if not stops and not get(request, "StoppingCondition.MaxRuntimeInSeconds"):
            yield resource, f"{name} may run for days."


@rule
def task_retried(templates: Templates) -> Found:
    """Every task of a state machine has a time-out, is retried with jitter, and its failure is caught."""
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        for name, state in states(machine):
            if state.get("Type") != "Task":
                continue
            if not any(key in state for key in ("TimeoutSeconds", "TimeoutSecondsPath")):
                yield machine, f"{name} has no time-out."
            if not any(
                item.get("JitterStrategy") == "FULL" and item.get("MaxAttempts") != 0
                for item in as_list(state.get("Retry"))
            ):
                yield machine, f"{name} is not retried with full jitter."
            caught = [error for item in as_list(state.get("Catch")) for error in as_list(item.get("ErrorEquals"))]
            if "States.ALL" not in caught:
                yield machine, f"Nothing catches what {name} fails with."


@rule
def machine_logged(templates: Templates) -> Found:
    """A state machine logs its executions and traces them."""
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        if machine.get("LoggingConfiguration.Level", "OFF") == "OFF":
            yield machine, "It logs nothing."
        if not is_true(machine.get("TracingConfiguration.Enabled")):
            yield machine, "It is not traced."


@rule
def function_logged(templates: Templates) -> Found:
    """A function logs to a group that its template has, encrypted and kept as said there, and is traced."""
    for function in templates.of("AWS::Lambda::Function"):
        group = templates.find(function.get("LoggingConfig.LogGroup"))
        if group is None or group.type != "AWS::Logs::LogGroup":
            yield function, "It logs to a group that Lambda makes, which is kept for ever."
        if function.get("TracingConfig.Mode") != "Active":
            yield function, "It is not traced."


@rule
def function_door(templates: Templates) -> Found:
    """A function has no address of its own that answers without IAM, and an API asks who calls."""
    for url in templates.of("AWS::Lambda::Url"):
        if url.get("AuthType") != "AWS_IAM":
            yield url, "It answers everybody."
    for method in templates.of("AWS::ApiGateway::Method"):
        if method.get("HttpMethod") != "OPTIONS" and method.get("AuthorizationType", "NONE") == "NONE":
            yield method, "It answers everybody."
    for route in templates.of("AWS::ApiGatewayV2::Route"):
        if route.get("AuthorizationType", "NONE") == "NONE":
            yield route, "It answers everybody."


@rule
def api_guarded(templates: Templates) -> Found:
    """A stage of an API throttles its callers, and logs who asked what."""
    for stage in templates.of("AWS::ApiGatewayV2::Stage"):
        settings = [stage.get("DefaultRouteSettings", {}), *stage.get("RouteSettings", {}).values()]
        if not any((number(item.get("ThrottlingRateLimit")) or 0) > 0 for item in settings):
            yield stage, "It does not throttle."
        if not stage.get("AccessLogSettings.DestinationArn"):
            yield stage, "It has no access log."
        if any(is_true(item.get("DataTraceEnabled")) for item in settings):
            yield stage, "It logs what requests hold."
    for stage in templates.of("AWS::ApiGateway::Stage"):
        settings = as_list(stage.get("MethodSettings"))
        if not any((number(item.get("ThrottlingRateLimit")) or 0) > 0 for item in settings):
            yield stage, "It does not throttle."
        if not stage.get("AccessLogSetting.DestinationArn"):
            yield stage, "It has no access log."
        if any(is_true(item.get("DataTraceEnabled")) for item in settings):
            yield stage, "It logs what requests hold."


@rule
def no_secret_in_plain_text(templates: Templates) -> Found:
    """A secret is not written into a template: variables and properties named so refer to where it is kept."""
    for resource in templates.resources:
        for name, value in named(resource.properties):
            if _SECRET.search(name) and isinstance(value, str) and value and not _FOUND_ELSEWHERE.search(value):
                yield resource, f"{name} is written out."


def _key(value: Json, name: str) -> bool:
    return bool(value.get(name) or value.get(f"{name}.$"))


def _dead(text: str, templates: Templates) -> bool:
    """Return whether `text` is a reference to a resource that no template has."""
    return bool(REFERENCE.fullmatch(text)) and templates.find(text) is None


@rule
def references_exist(templates: Templates) -> Found:
    """What a template refers to in itself or in another stack exists."""
    for resource in templates.resources:
        for _, value in named(resource.properties):
            if isinstance(value, str) and _dead(value, templates):
                yield resource, f"There is no {value}."


RULES: Final = (
    job_network,
    job_encrypted,
    job_traffic_encrypted,
    job_ends,
    task_retried,
    machine_logged,
    function_logged,
    function_door,
    api_guarded,
    no_secret_in_plain_text,
    references_exist,
)
