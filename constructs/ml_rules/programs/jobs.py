"""Rules of what runs code: functions, state machines, and the jobs in definitions of pipelines and state machines."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.requests import KINDS, Json, jobs, models, requests, states
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates, leads_elsewhere
from ml_rules.values import as_list, get, is_true, mappings, number

Found = Iterator[tuple[Resource, str]]

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
_STORE: Final = re.compile(r"ml\.(?:[a-z]+\d+[a-z]*d[a-z]*|dl1|g[567]e?|p5e?n?|p6-b\d+|trn1n?|trn2)\.")
"""Instances with disks of their own: a `d` behind the generation, and families of accelerators.

Source: EC2's "Instance type naming conventions" and "Accelerated computing" of its instance types guide.
"""


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
        elsewhere = isinstance(_vpc(request).get("Subnets"), str) and leads_elsewhere(subnets[0])
        if elsewhere or not resource.environment.closed or "TransformResources" in request:
            continue
        if len(subnets) < (2 if resource.environment.production else 1):
            yield resource, f"{name} is in {len(subnets)} subnets."


@rule
def job_encrypted(templates: Templates) -> Found:
    """The volumes and results of every job, and the volumes of endpoints, are encrypted with a key of the account."""
    for resource, name, request in jobs(templates):
        for kind, path in KINDS.items():
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
        machines: object = next((get(request, path) for kind, path in KINDS.items() if kind in request), {})
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
            ours = bool(machine.environment.name)
            waits = str(state.get("Resource", "")).endswith(".waitForTaskToken") and not ours
            if not waits and not any(
                (item.get("JitterStrategy") == "FULL" or not ours) and item.get("MaxAttempts") != 0
                for item in as_list(state.get("Retry"))
            ):
                yield machine, f"{name} is not retried{' with full jitter' * ours}."
            if not _catches(state) and (ours or not any(map(_catches, _around(machine, name)))):
                yield machine, f"Nothing catches what {name} fails with."


def _catches(state: Json) -> bool:
    """Return whether whatever a state fails with is caught."""
    return any("States.ALL" in as_list(get(item, "ErrorEquals")) for item in as_list(state.get("Catch")))


def _around(machine: Resource, name: str) -> Iterator[Json]:
    """Yield the states that a state is inside of."""
    for _, state in states(machine):
        inside = [state.get("ItemProcessor"), state.get("Iterator"), *as_list(state.get("Branches"))]
        if any(name in each.get("States", {}) for item in inside if item for each in mappings(item)):
            yield state


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
        group = templates.find(function.get("LoggingConfig.LogGroup")) or _own_group(templates, function)
        unknown = not function.environment.name and leads_elsewhere(function.get("LoggingConfig.LogGroup"))
        if (group is None or group.type != "AWS::Logs::LogGroup") and not unknown:
            yield function, "It logs to a group that Lambda makes, which is kept for ever."
        if function.get("TracingConfig.Mode") != "Active":
            yield function, "It is not traced."


def _own_group(templates: Templates, function: Resource) -> Resource | None:
    """Return the group that Lambda writes to where a function names none, which has the function's name."""
    if function.get("LoggingConfig.LogGroup") is not None or function.get("FunctionName") is None:
        return None
    name = f"/aws/lambda/{function.get('FunctionName')}"
    return next((each for each in templates.of("AWS::Logs::LogGroup") if each.get("LogGroupName") == name), None)


def unknown_group(templates: Templates) -> Found:
    """Yield the functions whose log group is said elsewhere: nobody here knows how long it is kept."""
    for function in templates.of("AWS::Lambda::Function"):
        name = function.get("LoggingConfig.LogGroup")
        if templates.find(name) is None and leads_elsewhere(name):
            yield (
                function,
                f"Its log group {name} is in no template: how long it is kept, and with which key, is unknown.",
            )


def _has_encrypted_volume(machines: Mapping[str, Json]) -> bool:
    """Return whether volumes have a key, or are local storage, which the instance's hardware encrypts."""
    name = machines.get("InstanceType")
    return _key(machines, "VolumeKmsKeyId") or (isinstance(name, str) and is_own_disk(name))


def is_own_disk(instance: str) -> bool:
    """Return whether an instance type keeps data on its own disks, by its name."""
    return _STORE.match(instance) is not None


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
