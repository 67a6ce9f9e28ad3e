"""Rules of the steps of state machines and pipelines: each leads somewhere, waits for what it starts, and counts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.requests import definition, pipeline_body, states
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings, number

Found = Iterator[tuple[Resource, str]]

_WAITS: Final = re.compile(r"\.(sync(:2)?|waitForTaskToken)$")
_JOB: Final = re.compile(
    r":::sagemaker:create(Training|Processing|Transform|HyperParameterTuning)Job$|:::(glue:startJobRun|batch:submitJob|ecs:runTask"
    r"|codebuild:startBuild|emr-serverless:startJobRun)$"
)
"""Tasks that go on as soon as a job is started (Step Functions guide, "Discover service integration patterns")."""
_ASKS: Final = re.compile(r"describe|batchGet|getJobRun", re.IGNORECASE)
_TOLERATED: Final = 50
_CHECKS: Final = {"ClarifyCheck", "QualityCheck"}


def _levels(machine: Resource) -> Iterator[Mapping[str, Any]]:
    """Yield a definition, and those inside of it."""
    pending: list[Any] = [definition(machine)]
    while pending:
        level = pending.pop()
        if isinstance(level, Mapping) and isinstance(level.get("States"), Mapping):
            yield level
            for state in level["States"].values():
                pending += [get(state, key) for key in ("ItemProcessor", "Iterator") if get(state, key)]
                pending += as_list(get(state, "Branches"))


@rule
def state_follows(templates: Templates) -> Found:
    """A state leads to a state that there is, and a choice knows what to do with what it was not told of.

    Source: Amazon States Language, "Transitions" and "Choice State".
    """
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        for level in _levels(machine):
            known = level["States"]
            if level.get("StartAt") not in known:
                yield machine, f"It starts at {level.get('StartAt')}, which is no state of it."
            for name, state in known.items():
                after = [state.get("Next"), state.get("Default")]
                after += [get(each, "Next") for each in as_list(state.get("Catch")) + as_list(state.get("Choices"))]
                for each in after:
                    if each is not None and each not in known:
                        yield machine, f"{name} leads to {each}, which is no state of it."
                if state.get("Type") == "Choice" and not state.get("Default"):
                    yield machine, f"{name} fails at what it was not told of: it has no Default."


@rule
def task_waited_for(templates: Templates) -> Found:
    """A state machine waits for the job that it starts, and is of a type that can wait for so long."""
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        tasks = [(name, str(state.get("Resource", ""))) for name, state in states(machine)]
        polls = any(_ASKS.search(resource.rpartition(":")[2]) for _, resource in tasks)
        for name, resource in tasks:
            if machine.get("StateMachineType") == "EXPRESS" and _WAITS.search(resource):
                yield machine, f"{name} cannot wait: the machine is EXPRESS, which ends after five minutes."
            if _JOB.search(resource) and not polls:
                yield machine, f"{name} goes on before its job has ended: its resource does not end in .sync."


@rule
def failure_counted(templates: Templates) -> Found:
    """A task that hangs or items that fail are noticed: its heartbeat comes before its time-out, and most must pass."""
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        for name, state in states(machine):
            beat, end = number(state.get("HeartbeatSeconds", "")), number(state.get("TimeoutSeconds", ""))
            if beat is not None and end is not None and beat >= end:
                yield machine, f"{name} ends after {end:g} s, before its heartbeat of {beat:g} s is missed."
            tolerated = number(state.get("ToleratedFailurePercentage", "")) or 0
            if tolerated >= _TOLERATED:
                yield machine, f"{name} succeeds although {tolerated:g} % of its items fail."
            for each in as_list(state.get("Retry")):
                rate = number(get(each, "BackoffRate", 2))
                if rate is not None and rate < 1:
                    yield machine, f"{name} is tried again sooner every time: its BackoffRate is {rate:g}."


@rule
def check_decides(templates: Templates) -> Found:
    """A check of a pipeline is made and stops it, and a step waits for and reads what there is.

    Source: SageMaker guide, "Pipelines steps", "QualityCheck step" and "Condition step".
    """
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        steps = [each for each in mappings(pipeline_body(pipeline)) if {"Name", "Type", "Arguments"} <= each.keys()]
        names = [str(each["Name"]) for each in steps]
        for step in steps:
            if step["Type"] in _CHECKS and is_true(step.get("SkipCheck", False)):
                yield pipeline, f"{step['Name']} is passed over: its SkipCheck is on."
            if step["Type"] in _CHECKS and is_true(step.get("RegisterNewBaseline", False)):
                yield pipeline, f"{step['Name']} takes what it finds for what it should be: RegisterNewBaseline is on."
            if step["Type"] in _CHECKS and str(step.get("FailOnViolation", "true")).lower() == "false":
                yield pipeline, f"What {step['Name']} finds stops nothing: its FailOnViolation is off."
            for other in as_list(step.get("DependsOn")):
                if str(other) not in names and "${" not in str(other):
                    yield pipeline, f"{step['Name']} waits for {other}, which is no step."
        files = {
            (str(step["Name"]), str(get(each, "PropertyFileName")))
            for step in steps
            for each in as_list(step.get("PropertyFiles"))
        }
        for each in mappings(pipeline_body(pipeline)):
            reads = get(each, "Std:JsonGet.PropertyFile.Get") or get(each, "Std:JsonGet.PropertyFile")
            match = re.fullmatch(r"Steps\.([^.]+)\.PropertyFiles\.(\S+)", str(reads))
            if match and (match[1], match[2]) not in files:
                yield pipeline, f"It reads {match[2]} of {match[1]}, which writes no such file."


RULES: Final = (state_follows, task_waited_for, failure_counted, check_decides)
