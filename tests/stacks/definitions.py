"""Requests of a state machine or a pipeline, with an example in place of each value known only at run time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import Shape

from tests.service_model import element, example, input_shape, member

OPTIMISED = re.compile(r"arn:aws:states:::(?P<service>[a-z-]+):(?P<action>[A-Za-z]+)(\.sync(:2)?|\.waitForTaskToken)?")
SDK = re.compile(r"arn:aws:states:::aws-sdk:(?P<service>[a-z]+):(?P<action>[A-Za-z]+)(\.waitForTaskToken)?")
FUNCTION = re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]+)?")
CLIENTS = {"states": "stepfunctions", "sfn": "stepfunctions"}
LITERAL = re.compile(r"States\.Format\('([^']*)'")
STEPS = {
    "AutoML": ("CreateAutoMLJobV2", {"AutoMLJobName": "job"}),
    "Model": ("CreateModel", {"ModelName": "model"}),
    "Processing": ("CreateProcessingJob", {"ProcessingJobName": "job"}),
    "RegisterModel": ("CreateModelPackage", {}),
    "Training": ("CreateTrainingJob", {"TrainingJobName": "job"}),
    "Transform": ("CreateTransformJob", {"TransformJobName": "job"}),
    "Tuning": ("CreateHyperParameterTuningJob", {"HyperParameterTuningJobName": "job"}),
}
"""Operation of a step, and what the pipeline adds to its arguments."""


@dataclass(frozen=True)
class Request:
    """One request of a state or a step."""

    place: str
    service: str
    operation: str
    parameters: Any


def of_machine(definition: Mapping[str, Any]) -> Iterator[Request]:
    """Requests of all tasks, those in maps and parallel branches included.

    A task on a function has none of its own; raises `AssertionError` for a resource that is no function's ARN either.
    """
    for name, state in definition["States"].items():
        for inner in (
            *state.get("Branches", ()),
            *(state[key] for key in ("Iterator", "ItemProcessor") if key in state),
        ):
            yield from of_machine(inner)
        if state["Type"] != "Task" or FUNCTION.fullmatch(state["Resource"]):
            continue
        found = OPTIMISED.fullmatch(state["Resource"]) or SDK.fullmatch(state["Resource"])
        assert found, f"{name}: {state['Resource']!r} is neither a function nor an integration"
        service = CLIENTS.get(found["service"], found["service"])
        operation = found["action"][:1].upper() + found["action"][1:]
        template = state.get("Parameters", state.get("Arguments", {}))
        if operation == "Invoke" and "Payload" in template:
            template = {**template, "Payload": b"{}"}
        yield Request(name, service, operation, _evaluated(template, input_shape(service, operation)))


def _evaluated(template: Any, shape: Shape | None) -> Any:
    """A payload template with what JSONPath and JSONata compute."""
    if isinstance(template, Mapping):
        found: dict[str, Any] = {}
        for key, value in template.items():
            name = key.removesuffix(".$")
            found[name] = (
                _computed(value, member(shape, name)) if name != key else _evaluated(value, member(shape, key))
            )
        return found
    if isinstance(template, list):
        return [_evaluated(item, element(shape)) for item in template]
    if isinstance(template, str) and template.startswith("{%"):
        return example(shape)
    return template


def _computed(expression: str, shape: Shape | None) -> Any:
    if literal := LITERAL.match(expression):
        return literal[1].replace("{}", "example")
    if expression.startswith("States.Array("):
        return [example(element(shape))]
    return example(shape)


def of_pipeline(definition: Mapping[str, Any]) -> Iterator[Request]:
    """Requests of all steps that make one, those of branches included."""
    parameters = {parameter["Name"]: parameter for parameter in definition["Parameters"]}
    for step in _steps(definition["Steps"]):
        if step["Type"] in STEPS:
            operation, added = STEPS[step["Type"]]
            arguments = _referred(step["Arguments"], input_shape("sagemaker", operation), parameters)
            yield Request(step["Name"], "sagemaker", operation, {**added, **arguments})
        else:
            assert step["Type"] in {"Condition", "Fail", "Lambda"}, f"{step['Name']}: unknown type {step['Type']}"


def _steps(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        if step["Type"] == "Condition":
            yield from _steps([*step["Arguments"]["IfSteps"], *step["Arguments"]["ElseSteps"]])


def _referred(value: Any, shape: Shape | None, parameters: Mapping[str, Mapping[str, Any]]) -> Any:
    match value:
        case {"Get": str(path)}:
            return _value(path, shape, parameters)
        case {"Std:Join": {"On": between, "Values": values}}:
            return between.join(str(_referred(item, None, parameters)) for item in values)
        case {"Std:JsonGet": _}:
            return example(shape)
        case dict():
            return {key: _referred(item, member(shape, key), parameters) for key, item in value.items()}
        case list():
            return [_referred(item, element(shape), parameters) for item in value]
    return value


def _value(path: str, shape: Shape | None, parameters: Mapping[str, Mapping[str, Any]]) -> Any:
    """What a reference stands for; within a text (`shape` is None) its own name says whether it is an address."""
    kind, _, name = path.partition(".")
    known = parameters[name].get("DefaultValue") if kind == "Parameters" else None
    if known is None and shape is None and "S3" in path:
        return "s3://bucket/key"
    return example(shape) if known is None else known
