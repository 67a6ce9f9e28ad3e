"""Rules of what state machines do again and again: retries, polls, maps, names, and what a step leaves for the next."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.requests import definition, states
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates, function_of
from ml_rules.values import as_list, get, mappings, number

Found = Iterator[tuple[Resource, str]]
Json = Mapping[str, Any]

_STARTS: Final = re.compile(
    r":::(aws-sdk:)?(sagemaker:create(Training|Processing|Transform|HyperParameterTuning|AutoML\w*|Compilation|Labeling)Job"
    r"|sagemaker:startPipelineExecution|glue:startJobRun|batch:submitJob|ecs:runTask|codebuild:startBuild"
    r"|emr-serverless:startJobRun|elasticmapreduce:createCluster)",
    re.IGNORECASE,
)
"""Tasks of which every attempt is paid."""
_WHATEVER: Final = {"States.ALL", "States.TaskFailed"}
_MOST_PAID: Final = 5
_MOST: Final = 20
_ASKS: Final = re.compile(r":(describe|get|list|batchGet)[A-Z]\w*$|getJobRun")
_PAUSE: Final = 5.0
"""Seconds between two questions whether a job has ended."""
_TOKEN: Final = re.compile(r"\$\$\.Task\.Token|\$states\.context\.Task\.Token")
_NAMED: Final = re.compile(r":::(aws-sdk:)?sagemaker:create(\w+?)(\.sync(:2)?)?$")
_INLINE: Final = 40.0
"""How many items of an inline map run at once at most (Step Functions guide, "Map state")."""
_RESULT: Final = re.compile(r":states:::(?!http:)[\w-]+:")
"""Integrations, whose results have names with a capital letter, as the API reference of each service shows."""
_READ: Final = re.compile(r"\$\.([A-Za-z_]\w*)")


def _levels(machine: Resource) -> Iterator[tuple[Json, dict[str, Json]]]:
    """Yield a definition and those inside of it, with their states."""
    pending: list[Any] = [definition(machine)]
    while pending:
        level = pending.pop()
        held = {name: state for name, state in get(level, "States", {}).items() if isinstance(state, Mapping)}
        yield level, held
        for state in held.values():
            pending += [get(state, key) for key in ("ItemProcessor", "Iterator") if get(state, key)]
            pending += as_list(state.get("Branches"))


def _machines(templates: Templates) -> Iterator[Resource]:
    return templates.of("AWS::StepFunctions::StateMachine")


def _following(state: Json) -> list[str]:
    """Return where a state leads when it succeeds."""
    choices = [get(choice, "Next") for choice in as_list(state.get("Choices"))]
    return [str(each) for each in (state.get("Next"), state.get("Default"), *choices) if each]


def _arguments(state: Json) -> Json:
    found = state.get("Parameters", state.get("Arguments"))
    return found if isinstance(found, Mapping) else {}


@rule
def retry_bounded(templates: Templates) -> Found:
    """What fails whatever one does is not tried for ever: a job that is paid only a few times.

    Source: Step Functions guide, "Handling errors in Step Functions workflows"; Amazon States Language, "Errors".
    """
    for machine in _machines(templates):
        for name, state in states(machine):
            most = _MOST_PAID if _STARTS.search(str(state.get("Resource", ""))) else _MOST
            for each in as_list(state.get("Retry")):
                attempts = number(get(each, "MaxAttempts", 3)) or 0
                if attempts > most and _WHATEVER & set(as_list(get(each, "ErrorEquals"))):
                    yield machine, f"{name} is tried {attempts:g} times, whatever it fails with."
            for kind in ("Retry", "Catch"):
                given = [as_list(get(each, "ErrorEquals")) for each in as_list(state.get(kind))]
                for at, errors in enumerate(given):
                    if "States.ALL" in errors and (len(errors) > 1 or at < len(given) - 1):
                        yield machine, f"{name} is refused: States.ALL stands alone, and last in its {kind}."


@rule
def poll_pauses(templates: Templates) -> Found:
    """Who asks again whether something has ended waits between two questions."""
    for machine in _machines(templates):
        for _, level in _levels(machine):
            for name, state in level.items():
                asks = state.get("Type") == "Task" and _ASKS.search(str(state.get("Resource", "")))
                if asks and _comes_back(level, name):
                    yield machine, f"{name} is asked again without a pause of {_PAUSE:g} s."


def _comes_back(level: Mapping[str, Json], start: str) -> bool:
    """Return whether a state leads to itself on a way without a pause."""
    pending, seen = _following(level[start]), set[str]()
    while pending:
        name = pending.pop()
        state = level.get(name, {})
        seconds = number(state.get("Seconds"))
        if name in seen or (state.get("Type") == "Wait" and (seconds is None or seconds >= _PAUSE)):
            continue
        if name == start:
            return True
        seen.add(name)
        pending += _following(state)
    return False


@rule
def token_sent(templates: Templates) -> Found:
    """A task that waits for its token to come back sends it.

    Source: Step Functions guide, "Wait for a Callback with Task Token".
    """
    for machine in _machines(templates):
        for name, state in states(machine):
            waits = str(state.get("Resource", "")).endswith(".waitForTaskToken")
            if waits and not _TOKEN.search(json.dumps(_arguments(state), default=str)):
                yield machine, f"{name} waits for a token that it has not sent."


@rule
def map_limited(templates: Templates) -> Found:
    """A map calls a function no more often at once than the function may run."""
    for machine in _machines(templates):
        for name, state in states(machine):
            if state.get("Type") != "Map" or "MaxConcurrencyPath" in state:
                continue
            inside = state.get("ItemProcessor", state.get("Iterator"))
            apart = get(inside, "ProcessorConfig.Mode") == "DISTRIBUTED"
            most = number(state.get("MaxConcurrency", 0))
            at_once = most or (float("inf") if apart else _INLINE)
            for each in mappings(inside):
                target = (
                    get(_arguments(each), "FunctionName", each.get("Resource")) if each.get("Type") == "Task" else None
                )
                function = function_of(templates, target)
                reserved = number(function.get("ReservedConcurrentExecutions")) if function else None
                if reserved is not None and most is not None and at_once > reserved:
                    yield machine, f"{name} calls a function {at_once:g} times at once that may run {reserved:g} times."


@rule
def name_new(templates: Templates) -> Found:
    """What every run makes has a name of its run: a second one of the same name is refused.

    Source: SageMaker API reference, CreateTrainingJob and others: "The name must be unique within an AWS Region in an
    AWS account".
    """
    for machine in _machines(templates):
        resources = " ".join(str(state.get("Resource", "")) for _, state in states(machine)).lower()
        for name, state in states(machine):
            match = _NAMED.search(str(state.get("Resource", "")))
            key = f"{match[2][0].upper()}{match[2][1:]}Name" if match else ""
            fixed = _arguments(state).get(key)
            if not isinstance(fixed, str) or fixed.startswith("{%"):
                continue
            again = key == "EndpointName" and re.search(r"(update|delete|describe)endpoint\b", resources)
            if not again:
                yield machine, f"{name} makes {fixed} in every run: the second one is refused, as there is one."


@rule
def time_enough(templates: Templates) -> Found:
    """A task waits for its job for as long as the job may run."""
    for machine in _machines(templates):
        for name, state in states(machine):
            if ".sync" not in str(state.get("Resource", "")):
                continue
            stopping = get(_arguments(state), "StoppingCondition", {})
            runs = number(stopping.get("MaxWaitTimeInSeconds", stopping.get("MaxRuntimeInSeconds")))
            for holder, text in ((state, name), (definition(machine), "The state machine")):
                ends = number(holder.get("TimeoutSeconds"))
                if runs is not None and ends is not None and 1 < ends < runs:
                    yield machine, f"{text} ends after {ends:g} s, and the job of {name} may run for {runs:g} s."


@rule
def input_kept(templates: Templates) -> Found:
    """The result of a task does not take the place of the input that a later state reads.

    Source: Amazon States Language, "ResultPath"; services' results have names with a capital letter.
    """
    for machine in _machines(templates):
        for level, held in _levels(machine):
            if "JSONata" in {get(level, "QueryLanguage"), definition(machine).get("QueryLanguage")}:
                continue
            for name, state in held.items():
                if not _replaces(state) or state.get("QueryLanguage") == "JSONata":
                    continue
                added = set(get(state, "ResultSelector", {}))
                known = {key.removesuffix(".$") for key in added}
                for later, lost in _read_after(held, name, known, selected=bool(added)):
                    yield machine, f"{later} reads $.{lost}, which the result of {name} has taken the place of."


def _replaces(state: Json) -> bool:
    """Return whether all that follows a task is the result of a service."""
    whole = state.get("ResultPath", "$") == "$" and state.get("OutputPath", "$") == "$"
    return state.get("Type") == "Task" and whole and bool(_RESULT.search(str(state.get("Resource", ""))))


def _read_after(held: Mapping[str, Json], start: str, known: set[str], *, selected: bool) -> Iterator[tuple[str, str]]:
    """Yield what states read that come after one whose result is all that there is."""
    pending, seen = [(name, known) for name in _following(held[start])], set[str]()
    while pending:
        name, there = pending.pop()
        state = held.get(name, {})
        if name in seen or not state:
            continue
        seen.add(name)
        for key in sorted(_reads(state) - there):
            if selected or key[0].islower():
                yield name, key
        kind, path = state.get("Type"), str(state.get("ResultPath", "$"))
        if "InputPath" in state or "OutputPath" in state:
            continue
        if kind in {"Choice", "Wait"} or state.get("ResultPath", "$") is None:
            pending += [(each, there) for each in _following(state)]
        elif match := _READ.match(path):
            pending += [(each, there | {match[1]}) for each in _following(state)]


def _reads(state: Json) -> set[str]:
    """Return the names that a state reads of its input."""
    found: set[str] = set()
    for item in mappings([state.get("Parameters"), state.get("ItemSelector") and {}, *as_list(state.get("Choices"))]):
        for key, value in item.items():
            if isinstance(value, str) and (key.endswith((".$", "Path")) or key == "Variable") and "$$." not in value:
                found |= set(_READ.findall(value))
    for key in ("ItemsPath", "SecondsPath", "TimestampPath", "InputPath"):
        found |= set(_READ.findall(str(state.get(key, ""))))
    return found


@rule
def state_ends(templates: Templates) -> Found:
    """Every state is reached, and leads on or ends; none waits for longer than its machine runs.

    Source: Amazon States Language, "States" and "Transitions".
    """
    for machine in _machines(templates):
        most = number(definition(machine).get("TimeoutSeconds"))
        for level, held in _levels(machine):
            reached = {str(get(level, "StartAt"))}
            for name, state in held.items():
                caught = [str(get(each, "Next")) for each in as_list(state.get("Catch"))]
                reached |= {each for each in (*_following(state), *caught) if each != name}
                leads = state.get("Next") or state.get("End") is True
                if state.get("Type") not in {"Choice", "Succeed", "Fail"} and not leads:
                    yield machine, f"It is refused: {name} neither ends nor leads on."
                waits = number(state.get("Seconds"))
                if state.get("Type") == "Wait" and waits is not None and most is not None and 1 < most < waits:
                    yield machine, f"{name} waits for {waits:g} s, and the machine ends after {most:g} s."
            for name in sorted(held.keys() - reached):
                yield machine, f"Nothing leads to {name}."


RULES: Final = (
    retry_bounded,
    poll_pauses,
    token_sent,
    map_limited,
    name_new,
    time_enough,
    input_kept,
    state_ends,
)
