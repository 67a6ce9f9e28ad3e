"""The definition of a pipeline: JSON of schema 2020-12-01 into typed steps, or a sentence that says what is wrong."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.jobs.kinds import kind_of_step
from localsagemaker.pipelines import conditions
from localsagemaker.pipelines.cache import NO_CACHE, CacheConfig
from localsagemaker.pipelines.expressions import (
    PropertyFileReference,
    StepReference,
    VariableReference,
    references,
)
from localsagemaker.pipelines.parameters import Parameter
from localsagemaker.pipelines.shapes import call_of, check_arguments, check_property, step_types

VERSION = "2020-12-01"
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_TOP = {"Version", "Metadata", "Parameters", "PipelineExperimentConfig", "MlflowConfig", "Steps"}
_STEP = {"Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description"}
_STEP_EXTRA: Mapping[str, set[str]] = {
    "Model": {"RetryPolicies"},
    "RegisterModel": {"RetryPolicies"},
    "Lambda": {"FunctionArn", "OutputParameters", "CacheConfig"},
}
_JOB_EXTRA = {"PropertyFiles", "CacheConfig", "RetryPolicies"}
_RETRIABLE = {
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
}


@dataclass(frozen=True)
class PropertyFile:
    """A JSON file of a processing step's output, by output name and path within it."""

    name: str
    output: str
    path: str


@dataclass(frozen=True)
class RetryPolicy:
    """When and how often a step is tried again; `interval` and `expiry` in seconds."""

    exceptions: frozenset[str]
    interval: float = 1.0
    backoff: float = 2.0
    attempts: int | None = None
    expiry: float | None = None


@dataclass(frozen=True)
class Step:
    """One step. `branch` is the condition step that decides about it, and the outcome that it needs."""

    name: str
    type: str
    arguments: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    branch: tuple[str, bool] | None = None
    property_files: Mapping[str, PropertyFile] = field(default_factory=dict)
    retries: tuple[RetryPolicy, ...] = ()
    function: Any = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    display_name: str | None = None
    description: str | None = None
    cache: CacheConfig = NO_CACHE

    @property
    def needs(self) -> frozenset[str]:
        """Names of the steps that must have succeeded before this one starts."""
        referred = {
            reference.step
            for reference in references([dict(self.arguments), self.function])
            if isinstance(reference, StepReference | PropertyFileReference)
        }
        return frozenset({*self.depends_on, *referred, *([self.branch[0]] if self.branch else ())})


@dataclass(frozen=True)
class Definition:
    """A whole pipeline: its parameters, and all steps of all branches in the order they are written."""

    parameters: tuple[Parameter, ...]
    steps: Mapping[str, Step]
    experiment: Mapping[str, Any] | None = None


def parse(text: str) -> Definition:
    """Return a definition from its JSON; `ValidationException` with a sentence for the first thing that is wrong."""
    try:
        return _definition(json.loads(text))
    except json.JSONDecodeError as error:
        raise ServiceError(
            "ValidationException", f"Unable to parse pipeline definition. It is not JSON: {error}."
        ) from error
    except ValueError as error:
        raise ServiceError("ValidationException", f"Unable to parse pipeline definition. {error}.") from error
    except (AttributeError, KeyError, TypeError) as error:
        message = f"Unable to parse pipeline definition. A member is missing or of a wrong type: {error}."
        raise ServiceError("ValidationException", message) from error


def _definition(document: object) -> Definition:
    if not isinstance(document, Mapping):
        raise ValueError("it must be an object")  # noqa: TRY004 - one kind of error
    if document.get("Version") != VERSION:
        raise ValueError(f"Version is {document.get('Version')!r}: it must be {VERSION!r}")
    _refuse_unknown(document, _TOP, "the definition")
    parameters = tuple(Parameter.of(item) for item in document.get("Parameters", ()))
    _unique([parameter.name for parameter in parameters], "parameter")
    written = document.get("Steps")
    if not isinstance(written, list) or not written:
        raise ValueError("Steps must be a list with at least one step")
    steps = list(_steps(written, None))
    _unique([step.name for step in steps], "step")
    definition = Definition(parameters, {step.name: step for step in steps}, document.get("PipelineExperimentConfig"))
    for step in steps:
        _check(step, definition)
    try:
        TopologicalSorter({step.name: step.needs for step in steps}).prepare()
    except CycleError as error:
        raise ValueError(f"steps depend on each other in a circle: {' → '.join(error.args[1])}") from error
    return definition


def _steps(written: object, branch: tuple[str, bool] | None) -> Iterator[Step]:
    if not isinstance(written, list):
        raise ValueError(f"steps must be a list, not {written!r}")  # noqa: TRY004 - one kind of error
    for item in written:
        step = _step(item, branch)
        yield step
        if step.type == "Condition":
            arguments = item.get("Arguments", {})
            yield from _steps(arguments.get("IfSteps", []), (step.name, True))
            yield from _steps(arguments.get("ElseSteps", []), (step.name, False))


def _step(item: object, branch: tuple[str, bool] | None) -> Step:
    if not isinstance(item, Mapping):
        raise ValueError(f"a step must be an object, not {item!r}")  # noqa: TRY004 - one kind of error
    name, kind, arguments = item.get("Name"), item.get("Type"), item.get("Arguments", {})
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"step name {name!r} must match {_NAME.pattern}")
    known = (*step_types(), "Condition", "Fail", "Lambda")
    if kind not in known:
        raise ValueError(
            f"step {name} is of type {kind!r}, which is not provided: it must be one of {', '.join(known)}"
        )
    if not isinstance(arguments, Mapping):
        raise ValueError(f"Arguments of step {name} must be an object")  # noqa: TRY004 - one kind of error
    extra = _JOB_EXTRA if kind_of_step(kind) else _STEP_EXTRA.get(kind, set())
    _refuse_unknown(item, _STEP | extra, f"step {name} of type {kind}")
    if kind == "Condition":
        _refuse_unknown(arguments, {"Conditions", "IfSteps", "ElseSteps"}, f"Arguments of step {name}")
        arguments = {"Conditions": arguments.get("Conditions")}
    return Step(
        name=name,
        type=kind,
        arguments=arguments,
        depends_on=tuple(item.get("DependsOn", ())),
        branch=branch,
        property_files={file.name: file for file in _property_files(item, name)},
        retries=tuple(_retry(policy, name) for policy in item.get("RetryPolicies", ())),
        function=item.get("FunctionArn"),
        outputs={output["OutputName"]: output["OutputType"] for output in item.get("OutputParameters", ())},
        display_name=item.get("DisplayName"),
        description=item.get("Description"),
        cache=_cache(item, name),
    )


def _cache(item: Mapping[str, Any], step: str) -> CacheConfig:
    try:
        return CacheConfig.of(item["CacheConfig"]) if "CacheConfig" in item else NO_CACHE
    except ValueError as error:
        raise ValueError(f"step {step}: {error}") from error


def _property_files(item: Mapping[str, Any], step: str) -> Iterator[PropertyFile]:
    names = []
    for file in item.get("PropertyFiles", ()):
        if set(file) != {"PropertyFileName", "OutputName", "FilePath"}:
            raise ValueError(f"a property file of step {step} takes PropertyFileName, OutputName and FilePath")
        names.append(file["PropertyFileName"])
        yield PropertyFile(file["PropertyFileName"], file["OutputName"], file["FilePath"])
    _unique(names, f"property file of step {step}")


def _retry(policy: Mapping[str, Any], step: str) -> RetryPolicy:
    unknown = set(policy["ExceptionType"]) - _RETRIABLE
    if unknown:
        raise ValueError(
            f"a retry policy of step {step} names {', '.join(sorted(unknown))}: "
            f"exception types are {', '.join(sorted(_RETRIABLE))}"
        )
    if not {"MaxAttempts", "ExpireAfterMin"} & set(policy):
        raise ValueError(f"a retry policy of step {step} must have MaxAttempts or ExpireAfterMin")
    minutes = policy.get("ExpireAfterMin")
    return RetryPolicy(
        frozenset(policy["ExceptionType"]),
        float(policy.get("IntervalSeconds", 1)),
        float(policy.get("BackoffRate", 2)),
        policy.get("MaxAttempts"),
        None if minutes is None else 60.0 * minutes,
    )


def _check(step: Step, definition: Definition) -> None:
    for name in step.depends_on:
        if name not in definition.steps:
            raise ValueError(f"step {step.name} depends on step {name!r}, which does not exist")
    try:
        _check_references(step, definition)
        if step.type == "Condition":
            _check_condition(step)
        elif call := call_of(step.type):
            check_arguments(call, step.arguments, {item.name: item.type for item in definition.parameters})
    except ValueError as error:
        raise ValueError(f"step {step.name}: {error}") from error
    if step.type == "Fail" and set(step.arguments) != {"ErrorMessage"}:
        raise ValueError(f"step {step.name} takes one argument, ErrorMessage")
    if step.type == "Lambda" and not step.function:
        raise ValueError(f"step {step.name} has no FunctionArn")
    outputs = _output_names(step)
    for file in step.property_files.values():
        if outputs is not None and file.output not in outputs:
            known = ", ".join(sorted(outputs)) or "none"
            raise ValueError(
                f"property file {file.name} of step {step.name} is in output {file.output!r}: its outputs are {known}"
            )


def _check_condition(step: Step) -> None:
    items = step.arguments["Conditions"]
    if not isinstance(items, list) or not items:
        raise ValueError("Conditions must be a list with at least one condition")
    for condition in items:
        conditions.check(condition)


def _check_references(step: Step, definition: Definition) -> None:
    declared = {parameter.name for parameter in definition.parameters}
    for reference in references([dict(step.arguments), step.function]):
        if isinstance(reference, StepReference | PropertyFileReference):
            target = definition.steps.get(reference.step)
            if target is None:
                raise ValueError(f"it refers to step {reference.step!r}, which does not exist")
            if isinstance(reference, StepReference):
                check_property(target.type, target.outputs, reference)
            elif reference.name not in target.property_files:
                known = ", ".join(target.property_files) or "none"
                raise ValueError(
                    f"it refers to property file {reference.name!r} of step {target.name}, whose property files "
                    f"are {known}"
                )
        elif not isinstance(reference, VariableReference) and reference.name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise ValueError(f"it refers to parameter {reference.name!r}, and the declared ones are {known}")


def _output_names(step: Step) -> set[str] | None:
    """Names of a processing step's outputs; nothing when an expression makes the list."""
    outputs = step.arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])
    if not isinstance(outputs, list):
        return None
    return {str(output.get("OutputName")) for output in outputs if isinstance(output, Mapping)}


def _refuse_unknown(item: Mapping[str, Any], members: set[str], what: str) -> None:
    unknown = set(item) - members
    if unknown:
        raise ValueError(f"{what} has unknown members: {', '.join(sorted(unknown))}")


def _unique(names: list[str], what: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two have the same {what} name: {', '.join(twice)}")
