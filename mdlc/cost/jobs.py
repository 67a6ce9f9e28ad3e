"""The jobs that the pipelines and state machines of a template run, with the instances that they ask for."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from mdlc.cost.assembly import Template, resources

UNRESOLVED: Final = "(resolved at deployment)"
INSTANCES: Final = {"Processing": ("ProcessingResources", "ClusterConfig"), "Training": ("ResourceConfig",)}
"""Kinds of jobs, as types of steps, and where the requests that create them name their instances."""
WITHOUT_INSTANCES: Final = frozenset({"Condition", "Fail", "Lambda", "Callback", "Model", "RegisterModel"})
"""Types of steps that ask for no instance. A job of any other kind is one whose instances only a run knows."""
CREATING: Final = re.compile(r":create(\w+)Job\b")

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Job:
    """One kind of job of a pipeline; None is what only a run knows. Storage is GB of each instance, limit seconds."""

    pipeline: str
    step: str
    kind: str
    instance_type: str | None
    instance_count: Decimal | None
    storage: Decimal
    limit: Decimal
    spot: bool


def find(template: Template) -> Iterator[Job]:
    """Yield the jobs of every pipeline, in the order of the definitions."""
    for name, properties in resources(template, "AWS::SageMaker::Pipeline").items():
        definition = _definition(properties["PipelineDefinition"]["PipelineDefinitionBody"])
        values = {each["Name"]: each.get("DefaultValue") for each in definition.get("Parameters", [])}
        pipeline = properties.get("PipelineName", name)
        for step in _steps(definition.get("Steps", [])):
            yield _job(pipeline, step["Name"], step["Type"], _fill_in(step.get("Arguments", {}), values))
    for name, properties in resources(template, "AWS::StepFunctions::StateMachine").items():
        definition = _definition(properties["DefinitionString"])
        for state, body in _states(definition):
            arguments = body.get("Parameters") or body.get("Arguments", {})
            yield _job(properties.get("StateMachineName", name), state, _kind(body), arguments)


def _definition(value: str | Mapping[str, Any]) -> Body:
    """Parse a definition whose intrinsic functions stand inside of its strings."""
    if isinstance(value, str):
        text = value
    else:
        _, parts = value["Fn::Join"]
        text = "".join(part if isinstance(part, str) else UNRESOLVED for part in parts)
    definition: Body = json.loads(text)
    return definition


def _fill_in(value: Any, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Replace references to parameters by their defaults; what another step gives stays as it is."""
    if isinstance(value, list):
        return [_fill_in(each, parameters) for each in value]
    if not isinstance(value, dict):
        return value
    name = str(value.get("Get", "")).removeprefix("Parameters.")
    if name in parameters:
        return parameters[name]
    return {key: _fill_in(each, parameters) for key, each in value.items()}


def _steps(steps: list[Body]) -> Iterator[Body]:
    for step in steps:
        if step["Type"] not in WITHOUT_INSTANCES:
            yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from _steps(step.get("Arguments", {}).get(branch, []))


def _states(machine: Body) -> Iterator[tuple[str, Body]]:
    """Yield the states that create a job, those of maps and parallel branches included."""
    for name, state in machine.get("States", {}).items():
        if _kind(state):
            yield name, state
        inner = [state.get("ItemProcessor", {}), state.get("Iterator", {}), *state.get("Branches", [])]
        for each in inner:
            yield from _states(each)


def _kind(state: Body) -> str:
    """Return the kind of the job that a state creates; empty when it creates none."""
    found = CREATING.search(str(state.get("Resource", "")))
    return found[1] if found else ""


def _job(pipeline: str, step: str, kind: str, arguments: Body) -> Job:
    group = arguments if kind in INSTANCES else {}
    for member in INSTANCES.get(kind, ()):
        group = group[member]
    instance_type, count = group.get("InstanceType"), group.get("InstanceCount")
    return Job(
        pipeline=pipeline,
        step=step,
        kind=kind.lower(),
        instance_type=instance_type if isinstance(instance_type, str) else None,
        instance_count=Decimal(count) if isinstance(count, int) else None,
        storage=Decimal(group.get("VolumeSizeInGB", 0)),
        limit=Decimal(arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 0)),
        spot=bool(arguments.get("EnableManagedSpotTraining")),
    )
