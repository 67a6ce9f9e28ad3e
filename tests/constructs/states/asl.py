"""Amazon States Language as far as our machines use it: rules of its specification, and parameters with an input."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

TYPES = {"Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"}
JITTER = {"FULL", "NONE"}
REFERENCE = re.compile(r"\$(\.[A-Za-z_][A-Za-z0-9_]*)+")
INTRINSIC = re.compile(r"States\.(Format|Array)\((.*)\)")
CONTEXT = re.compile(r"\$\$(\.[A-Za-z]+)+")


def problems(machine: Mapping[str, Any]) -> list[str]:
    """Sentences on what the specification forbids."""
    states = machine["States"]
    found = [] if machine.get("StartAt") in states else [f"StartAt {machine.get('StartAt')!r} is no state"]
    for name, state in states.items():
        found += [f"{name}: {problem}" for problem in _state(state, states)]
    reached, ahead = set(), [machine["StartAt"]]
    while ahead:
        name = ahead.pop()
        if name not in reached and name in states:
            reached.add(name)
            ahead += [target for target in targets(states[name]) if target]
    return found + [f"{name} is never reached" for name in states if name not in reached]


def targets(state: Mapping[str, Any]) -> list[str]:
    """States that may follow."""
    following = [state["Next"]] if "Next" in state else []
    return following + [catcher["Next"] for catcher in state.get("Catch", ())]


def _state(state: Mapping[str, Any], states: Mapping[str, Any]) -> Iterator[str]:
    yield from _transitions(state, states)
    for field in ("ErrorPath", "CausePath", "ResultPath", "InputPath", "OutputPath"):
        if field in state and state[field] not in {"$", None} and not REFERENCE.fullmatch(state[field]):
            yield f"{field} {state[field]!r} is no reference path"
    if state.get("Type") == "Task" and not str(state.get("Resource", "")).startswith("arn:"):
        yield "a task's resource is an ARN"
    for field in ("Parameters", "ResultSelector"):
        yield from _template(field, state.get(field, {}))
    yield from _rules(state)


def _transitions(state: Mapping[str, Any], states: Mapping[str, Any]) -> Iterator[str]:
    if state.get("Type") not in TYPES:
        yield f"the type {state.get('Type')!r} is unknown"
    terminal = state.get("Type") in {"Succeed", "Fail"}
    if terminal and ("Next" in state or "End" in state):
        yield "a final state goes nowhere"
    if not terminal and ("Next" in state) == bool(state.get("End")):
        yield "either Next or End"
    yield from (f"{target!r} is no state" for target in targets(state) if target not in states)


def _rules(state: Mapping[str, Any]) -> Iterator[str]:
    """Retry and Catch."""
    for position, rule in enumerate([*state.get("Retry", ()), *state.get("Catch", ())]):
        if not rule.get("ErrorEquals"):
            yield f"rule {position} matches no error"
        if "States.ALL" in rule["ErrorEquals"] and rule["ErrorEquals"] != ["States.ALL"]:
            yield "States.ALL stands alone"
        if rule.get("JitterStrategy", "NONE") not in JITTER or rule.get("BackoffRate", 2) < 1:
            yield f"rule {position} has a wrong back-off"
    for rules in (state.get("Retry", ()), state.get("Catch", ())):
        if any("States.ALL" in rule["ErrorEquals"] for rule in rules[:-1]):
            yield "States.ALL comes last"


def _template(place: str, template: Any) -> Iterator[str]:
    if isinstance(template, Mapping):
        for key, value in template.items():
            if key.endswith(".$"):
                if not isinstance(value, str) or not (
                    REFERENCE.fullmatch(value) or CONTEXT.fullmatch(value) or INTRINSIC.fullmatch(value) or value == "$"
                ):
                    yield f"{place}.{key} {value!r} is neither a path nor an intrinsic function"
            else:
                yield from _template(f"{place}.{key}", value)
    elif isinstance(template, list):
        for item in template:
            yield from _template(place, item)
    elif not isinstance(template, str | int | float | bool):
        yield f"{place} has {template!r}"


def after_error(machine: Mapping[str, Any], name: str, error: str) -> tuple[int, str]:
    """How often a task is tried again when it keeps failing with `error`, and the state that ends the execution."""
    state = machine["States"][name]
    attempts = next((rule["MaxAttempts"] for rule in state.get("Retry", ()) if _matches(rule, error)), 0)
    target = next(rule["Next"] for rule in state["Catch"] if _matches(rule, error))
    assert machine["States"][target]["Type"] == "Fail"
    return attempts, target


def _matches(rule: Mapping[str, Any], error: str) -> bool:
    named = rule["ErrorEquals"]
    return error in named or "States.ALL" in named or ("States.TaskFailed" in named and error != "States.Timeout")


def resolve(template: Any, given: Mapping[str, Any]) -> Any:
    """A payload template with the paths and intrinsic functions in it evaluated on `given`."""
    if isinstance(template, Mapping):
        return {
            key.removesuffix(".$"): _value(value, given) if key.endswith(".$") else resolve(value, given)
            for key, value in template.items()
        }
    return [resolve(item, given) for item in template] if isinstance(template, list) else template


def _value(expression: str, given: Mapping[str, Any]) -> Any:
    if call := INTRINSIC.fullmatch(expression):
        arguments = [_value(argument.strip(), given) for argument in _arguments(call[2])]
        return arguments[0].format(*arguments[1:]) if call[1] == "Format" else arguments
    if expression.startswith("'"):
        return expression.strip("'")
    found: Any = given
    for name in expression.removeprefix("$").removeprefix("$").split(".")[1:]:
        found = found[name]
    return found


def _arguments(text: str) -> list[str]:
    return re.findall(r"'[^']*'|[^,\s][^,]*", text)
