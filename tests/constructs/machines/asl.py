"""Amazon States Language as far as our machines use it: what follows an error, and parameters with an input."""

import re
from collections.abc import Mapping
from typing import Any

INTRINSIC = re.compile(r"States\.(Format|Array|Hash)\((.*)\)")


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
