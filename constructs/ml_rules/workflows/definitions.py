"""Rules of the ways through state machines and pipelines: none leads past a check, or runs for ever."""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from ml_rules.requests import definition, jobs, pipeline_body, states
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, mappings, number

Found = Iterator[tuple[Resource, str]]

_PENDING: Final = re.compile(r"pending|rejected|failed|unapproved", re.IGNORECASE)
"""Words for what nobody has approved."""
_DEPLOYS: Final = re.compile(
    r"(create|update)(Endpoint(WeightsAndCapacities)?|InferenceComponent|ModelPackage)\b|deploy|release|promote|roll_?out|register|approve",
    re.IGNORECASE,
)
_PAID: Final = re.compile(
    r"start[\w-]*(Training|Tuning|Job|Run)|create(Training|Processing|HyperParameterTuning|Transform|AutoML)\w*|startPipelineExecution|startBuild|runJob|submitJob",
    re.IGNORECASE,
)
_LONGEST: Final = 28 * 86400
"""Seconds that SageMaker lets a job run at most (API reference, StoppingCondition)."""
_REGISTERS: Final = {"RegisterModel", "Model", "Deploy", "CreateModel"}
_AT_LEAST: Final = {"GreaterThan", "GreaterThanOrEqualTo"}


def _machines(templates: Templates) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    """Yield every state machine, and the states of each of its levels: those inside of Map and Parallel are others."""
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        pending: list[Any] = [definition(machine)]
        while pending:
            level = get(pending.pop(), "States", {})
            yield machine, {name: state for name, state in level.items() if isinstance(state, Mapping)}
            for state in level.values():
                pending += [get(state, key) for key in ("ItemProcessor", "Iterator") if get(state, key)]
                pending += as_list(get(state, "Branches"))


def _deploys(name: str, state: Mapping[str, Any]) -> bool:
    """Return whether a state brings a model to where it serves."""
    what = (name, state.get("Resource"), get(state.get("Parameters", state.get("Arguments")), "FunctionName"))
    return state.get("Type") == "Task" and any(_DEPLOYS.search(str(each)) for each in what)


@rule
def failure_stops(templates: Templates) -> Found:
    """What fails in a state machine does not go on as if it had not: neither to what follows, nor to a success."""
    for machine, level in _machines(templates):
        for name, state in level.items():
            for caught in as_list(state.get("Catch")):
                following = str(get(caught, "Next"))
                target = level.get(following, {})
                if target.get("Type") == "Succeed":
                    yield machine, f"A failure of {name} is told as a success."
                elif _deploys(following, target):
                    yield machine, f"{following} follows when {name} failed."
                elif following == state.get("Next") and _PAID.search(str(target.get("Resource"))):
                    yield machine, f"{following} follows whether {name} failed or not."


@rule
def choice_closed(templates: Templates) -> Found:
    """A choice leads to what it guards by a value that it names: not by default, by a part of it, or by another's."""
    for machine, level in _machines(templates):
        for name, state in level.items():
            if state.get("Type") != "Choice":
                continue
            for choice in as_list(state.get("Choices")):
                following = str(get(choice, "Next"))
                guarded = _deploys(following, level.get(following, {}))
                if guarded and following == state.get("Default"):
                    yield machine, f"{name} leads to {following} by default: whatever it is told."
                for each in mappings(choice) if guarded else ():
                    if "*" in str(each.get("StringMatches", "")):
                        yield machine, f"{name} leads to {following} by what looks like {each['StringMatches']}."
                    if _PENDING.search(str(each.get("StringEquals", ""))):
                        yield machine, f"{name} leads to {following} by {each['StringEquals']}."
            default = str(state.get("Default"))
            if _deploys(default, level.get(default, {})) and not any(
                get(choice, "Next") == default for choice in as_list(state.get("Choices"))
            ):
                yield machine, f"{name} leads to {default} by default."


@rule
def machine_ends(templates: Templates) -> Found:
    """A state machine that goes in a circle ends by a time, and a map starts so many paid jobs at once as it says."""
    for machine, level in _machines(templates):
        body = definition(machine)
        if _has_circle(level) and not number(body.get("TimeoutSeconds")) and "TimeoutSeconds" not in body:
            yield machine, "It may go in a circle for a year: it has no TimeoutSeconds."
        for name, state in level.items():
            unlimited = state.get("Type") == "Map" and number(state.get("MaxConcurrency", 0)) == 0
            inside = state.get("ItemProcessor", state.get("Iterator"))
            paid = any(
                _PAID.search(f"{each.get('Resource', '')} {each.get('FunctionName', '')}") for each in mappings(inside)
            )
            if unlimited and paid and "MaxConcurrencyPath" not in state:
                yield machine, f"{name} starts as many jobs at once as it is given: it has no MaxConcurrency."


def _has_circle(level: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return whether states of one level lead back to themselves."""
    following = {
        name: {
            str(each)
            for each in (
                state.get("Next"),
                state.get("Default"),
                *(get(choice, "Next") for choice in as_list(state.get("Choices"))),
                *(get(caught, "Next") for caught in as_list(state.get("Catch"))),
            )
            if each
        }
        for name, state in level.items()
    }
    try:
        TopologicalSorter(following).prepare()
    except CycleError:
        return True
    return False


@rule
def role_told(templates: Templates) -> Found:
    """Who starts an execution does not choose what it acts as: a definition names the role."""
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        for name, state in states(machine):
            for holder in (state.get("Credentials"), state.get("Parameters"), state.get("Arguments")):
                for key, value in holder.items() if isinstance(holder, Mapping) else ():
                    chosen = key.endswith(".$") or "{%" in str(value)
                    if chosen and key.removesuffix(".$") in {"RoleArn", "ExecutionRoleArn"}:
                        yield machine, f"Who starts it chooses the role of {name}."


@rule
def gate_holds(templates: Templates) -> Found:
    """A pipeline registers what passes its gate, and nothing else: the gate asks for something."""
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        body = pipeline_body(pipeline)
        defaults = {get(each, "Name"): get(each, "DefaultValue") for each in as_list(get(body, "Parameters"))}
        for step in mappings(body):
            if step.get("Type") == "Condition":
                yield from _gate(pipeline, step, defaults)
            told = str(get(get(step, "ModelApprovalStatus"), "Get", ""))
            if told.startswith("Parameters.") and defaults.get(told.partition(".")[2]) == "Approved":
                yield pipeline, f"It registers models as approved: {told} is Approved unless somebody says otherwise."


def _gate(pipeline: Resource, step: Mapping[str, Any], defaults: Mapping[Any, Any]) -> Found:
    arguments = get(step, "Arguments", {})
    passed = {get(each, "Type") for each in as_list(arguments.get("IfSteps"))} & _REGISTERS
    failed = {get(each, "Type") for each in as_list(arguments.get("ElseSteps"))} & _REGISTERS
    if both := passed & failed:
        yield pipeline, f"{step.get('Name')} makes no difference: {', '.join(sorted(both))} follows either way."
    for condition in as_list(arguments.get("Conditions")):
        least = threshold(get(condition, "RightValue", ""), defaults)
        if get(condition, "Type") in _AT_LEAST and least is not None and least <= 0:
            yield pipeline, f"Every model passes {step.get('Name')}: it asks for {least:g} or more."


def threshold(value: object, defaults: Mapping[Any, Any]) -> float | None:
    """Return the number that a condition compares with: its own, or the default of a parameter."""
    parameter = str(get(value, "Get", "")).removeprefix("Parameters.")
    return number(defaults.get(parameter, "") if isinstance(value, Mapping) else value)


@rule
def run_limited(templates: Templates) -> Found:
    """A job may run for less than the longest that SageMaker knows: else a job that hangs is paid for four weeks."""
    for resource, name, request in jobs(templates):
        for limit in ("MaxRuntimeInSeconds", "MaxWaitTimeInSeconds"):
            if (number(get(request, f"StoppingCondition.{limit}", "")) or 0) >= _LONGEST:
                yield resource, f"{name} may run for four weeks."


RULES: Final = (failure_stops, choice_closed, machine_ends, role_told, gate_holds, run_limited)
