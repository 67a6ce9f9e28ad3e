"""Rules of what runs code: functions, state machines, and the jobs in definitions of pipelines and state machines."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from account.instance_types import has_local_storage
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, number, parse_json

Found = Iterator[tuple[Resource, str]]
Json = Mapping[str, Any]

DEFINED: Final = {"AWS::SageMaker::Pipeline", "AWS::StepFunctions::StateMachine"}
"""Types of resources whose definitions hold requests."""
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
    "OutputConfig",
    "OutputDataConfig",
    "ProcessingOutputConfig",
    "TransformOutput",
)
"""Where it says what becomes of its results."""
_STOPPED: Final = {"AutoMLJobConfig", "AutoMLJobInputDataConfig", "JobResources", "MonitoringResources"}
"""Jobs of Autopilot, Model Monitor and Clarify, which these stop themselves unless they are told otherwise."""
_BARE: Final = re.compile(r"(?<=[:\[,])(\s*)\$\{[^}]*\}(?=\s*[,}\]])")
"""A substitution that stands for a number or for true."""
_MONITORED: Final = {
    "AWS::SageMaker::DataQualityJobDefinition": "",
    "AWS::SageMaker::ModelBiasJobDefinition": "",
    "AWS::SageMaker::ModelExplainabilityJobDefinition": "",
    "AWS::SageMaker::ModelQualityJobDefinition": "",
    "AWS::SageMaker::MonitoringSchedule": "MonitoringScheduleConfig.MonitoringJobDefinition",
    "AWS::SageMaker::ProcessingJob": "",
}
"""Resources that are such a job, and where in them it is."""


def requests(templates: Templates) -> Iterator[tuple[Resource, str, Json]]:
    """Yield the requests of pipelines, state machines and schedules: resource, name and request."""
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        definition = parse_json(pipeline.get("PipelineDefinition"))
        for step in as_list(get(parse_json(get(definition, "PipelineDefinitionBody", definition)), "Steps")):
            for name, request in _mappings_by_step(step, str(step.get("Name"))):
                yield pipeline, name, request
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        for name, state in states(machine):
            for found, request in _mappings_by_step(state.get("Parameters", state.get("Arguments", {})), name):
                yield machine, found, request
    for schedule in templates.of("AWS::Scheduler::Schedule"):
        for name, request in _mappings_by_step(parse_json(schedule.get("Target.Input")), "what it starts"):
            yield schedule, name, request


def jobs(templates: Templates) -> Iterator[tuple[Resource, str, Json]]:
    """Yield the requests that create jobs, also those of monitors."""
    for monitor in templates.of(*_MONITORED):
        path = _MONITORED[monitor.type]
        if request := monitor.get(path) if path else monitor.properties:
            yield monitor, "Its job", request
    for resource, name, request in requests(templates):
        if any(key in request for key in _KINDS):
            yield resource, name, request


def states(machine: Resource) -> Iterator[tuple[str, Json]]:
    """Yield the states of a state machine by name, those inside of Map and Parallel too."""
    pending = [definition(machine)]
    while pending:
        several = pending.pop()
        for name, state in several.get("States", {}).items():
            yield name, state
            pending += [state[key] for key in ("ItemProcessor", "Iterator") if key in state]
            pending += as_list(state.get("Branches"))


def definition(machine: Resource) -> Json:
    """Return the definition of a state machine; a number may be written as a substitution, without quotes."""
    text = machine.get("DefinitionString") or machine.get("Definition") or {}
    if isinstance(text, str):
        for name, value in machine.get("DefinitionSubstitutions", {}).items():
            text = text.replace(f"${{{name}}}", str(value))
        text = parse_json(text) or parse_json(_BARE.sub("1", text))
    return text if isinstance(text, Mapping) else {}


def _mappings_by_step(value: Any, name: str) -> Iterator[tuple[str, Json]]:  # noqa: ANN401 - part of a definition
    """Yield every mapping in `value`, with the name of the step or state that it is in."""
    if isinstance(value, dict):
        name = str(value["Name"]) if {"Name", "Type"} <= value.keys() else name
        yield name, value
        for item in value.values():
            yield from _mappings_by_step(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _mappings_by_step(item, name)


def models(templates: Templates) -> Iterator[tuple[Resource, str, Json]]:
    """Yield the requests that create models."""
    for resource, name, request in requests(templates):
        if "ExecutionRoleArn" in request and {"PrimaryContainer", "Containers"} & request.keys():
            yield resource, name, request


def _network(request: Json, name: str) -> Any:  # noqa: ANN401 - whatever a definition holds
    """Return a setting of the network of a job, wherever its kind of job has them."""
    return request.get(name, get(request, f"NetworkConfig.{name}", get(request, f"SecurityConfig.{name}")))


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
    """Where the network is closed, jobs and models run in subnets of the VPC; in production in two or more."""
    for resource, name, request in [*jobs(templates), *models(templates)]:
        subnets = as_list(_vpc(request).get("Subnets"))
        if not resource.environment.closed or "TransformResources" in request:
            continue
        if len(subnets) < (2 if resource.environment.production else 1):
            yield resource, f"{name} is in {len(subnets)} subnets."


@rule
def job_encrypted(templates: Templates) -> Found:
    """The volumes and results of every job, and the volumes of endpoints, are encrypted with a key of the account."""
    for resource, name, request in jobs(templates):
        for kind, path in _KINDS.items():
            machines = get(request, path, {})
            if kind in request and isinstance(machines, Mapping) and not _has_encrypted_volume(machines):
                yield resource, f"The volume of {name} has no key."
        outputs = [get(request, path) for path in _RESULTS]
        for output in filter(None, outputs):
            if not _key(output, "KmsKeyId"):
                yield resource, f"The results of {name} have no key."
    for resource, name, request in requests(templates):
        if any(isinstance(request.get(kind), Mapping) and not _key(request[kind], "KmsKeyId") for kind in _RESULTS):
            yield resource, f"The results of {name} have no key."
        if "ProductionVariants" in request and not _key(request, "KmsKeyId"):
            yield resource, f"The volumes of the endpoint of {name} have no key."


@rule
def job_isolated(templates: Templates) -> Found:
    """The containers of a job, and of a model, reach nothing but what SageMaker gives them."""
    for resource, name, request in [*jobs(templates), *models(templates)]:
        apart = {"TransformResources", *_STOPPED} & request.keys()
        if not apart and not is_true(_network(request, "EnableNetworkIsolation")):
            yield resource, f"The containers of {name} reach the network."


@rule
def job_traffic_encrypted(templates: Templates) -> Found:
    """Instances of one job talk to each other encrypted, also when there will be more than one."""
    for resource, name, request in jobs(templates):
        machines: object = next((get(request, path) for kind, path in _KINDS.items() if kind in request), {})
        encrypted = _network(request, "EnableInterContainerTrafficEncryption")
        several = number(get(machines, "InstanceCount", 1)) != 1 or encrypted is not None
        if several and "TransformResources" not in request and not is_true(encrypted):
            yield resource, f"Traffic between instances of {name} is not encrypted."


@rule
def job_ends(templates: Templates) -> Found:
    """Every job has a time after which it is stopped."""
    for resource, name, request in jobs(templates):
        stops = {"TransformResources", *_STOPPED} & request.keys()
        if not stops and not get(request, "StoppingCondition.MaxRuntimeInSeconds"):
            yield resource, f"{name} has no limit on its run time: set MaxRuntimeInSeconds."


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
        logging = machine.get("LoggingConfiguration", {})
        if logging.get("Level", "OFF") == "OFF" or not logging.get("Destinations"):
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


def _has_encrypted_volume(machines: Mapping[str, Json]) -> bool:
    """Return whether volumes have a key, or are local storage, which the instance's hardware encrypts."""
    name = machines.get("InstanceType")
    return _key(machines, "VolumeKmsKeyId") or (isinstance(name, str) and has_local_storage(name))


def _key(value: Json, name: str) -> bool:
    return bool(value.get(name) or value.get(f"{name}.$"))


RULES: Final = (
    job_network,
    job_encrypted,
    job_isolated,
    job_traffic_encrypted,
    job_ends,
    task_retried,
    machine_logged,
    function_logged,
)
