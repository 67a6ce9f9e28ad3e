"""Requests that templates hold: those that pipelines, state machines and schedules send, and those that create jobs."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, parse_json

Json = Mapping[str, Any]

DEFINED: Final = {"AWS::SageMaker::Pipeline", "AWS::StepFunctions::StateMachine"}
"""Types of resources whose definitions hold requests."""
KINDS: Final = {
    "AutoMLJobConfig": "AutoMLJobConfig.SecurityConfig",
    "AutoMLJobInputDataConfig": "SecurityConfig",
    "JobResources": "JobResources.ClusterConfig",
    "MonitoringResources": "MonitoringResources.ClusterConfig",
    "ProcessingResources": "ProcessingResources.ClusterConfig",
    "ResourceConfig": "ResourceConfig",
    "TransformResources": "TransformResources",
}
"""What tells a request to create a job, and where it names its machines."""
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
        for step in as_list(get(pipeline_body(pipeline), "Steps")):
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
        if any(key in request for key in KINDS):
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
            text = text.replace(f"${{{name}}}", value if isinstance(value, str) else json.dumps(value))
        text = parse_json(text) or parse_json(bare_numbers(text))
    return text if isinstance(text, Mapping) else {}


def pipeline_body(pipeline: Resource) -> Any:  # noqa: ANN401 - whatever a template holds
    """Return the definition of a pipeline, which a template may give as an object or as text."""
    given = parse_json(pipeline.get("PipelineDefinition"))
    body = get(given, "PipelineDefinitionBody", given)
    return (parse_json(body) or parse_json(bare_numbers(body))) if isinstance(body, str) else body


def bare_numbers(text: str) -> str:
    """Return JSON in which a substitution that stands for a number, without quotes, is one."""
    return _BARE.sub("1", text)


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
