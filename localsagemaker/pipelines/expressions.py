"""References and functions of a pipeline definition: `Get`, `Std:Join` and `Std:JsonGet`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from localsagemaker.pipelines import paths

EXECUTION_VARIABLES = frozenset(
    {
        "StartDateTime",
        "CurrentDateTime",
        "PipelineName",
        "PipelineArn",
        "PipelineExecutionId",
        "PipelineExecutionArn",
        "TrainingJobName",
        "ProcessingJobName",
    }
)
_FUNCTIONS = frozenset({"Get", "Std:Join", "Std:JsonGet"})


class StepFailedError(Exception):
    """A step cannot go on; the message is its `FailureReason`, `kind` what a retry policy knows it as."""

    def __init__(self, reason: str, kind: str | None = None) -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(frozen=True)
class ParameterReference:
    """`Parameters.<name>`."""

    name: str


@dataclass(frozen=True)
class VariableReference:
    """`Execution.<name>`."""

    name: str


@dataclass(frozen=True)
class StepReference:
    """`Steps.<step>.<property>`."""

    step: str
    path: paths.Path


@dataclass(frozen=True)
class PropertyFileReference:
    """`Steps.<step>.PropertyFiles.<name>`."""

    step: str
    name: str


Reference = ParameterReference | VariableReference | StepReference | PropertyFileReference


class Values(Protocol):
    """What references stand for during an execution. Each raises `StepFailedError` for a value that is not there."""

    def value(self, reference: ParameterReference | VariableReference | StepReference) -> Any:  # noqa: ANN401
        """Return the value of a parameter, an execution variable or a property of a step that has run."""

    def property_file(self, reference: PropertyFileReference) -> bytes:
        """Return the content of a property file."""

    def read(self, uri: str) -> bytes:
        """Return the content of an S3 object."""


def parse_reference(text: str) -> Reference:
    """Return the reference that a `Get` names; `ValueError` when it names none."""
    kind, _, rest = text.partition(".")
    if kind == "Parameters" and rest:
        return ParameterReference(rest)
    if kind == "Execution" and rest in EXECUTION_VARIABLES:
        return VariableReference(rest)
    if kind == "Steps" and rest:
        step, _, path = rest.partition(".")
        if path.startswith("PropertyFiles."):
            return PropertyFileReference(step, path.removeprefix("PropertyFiles."))
        if path:
            return StepReference(step, paths.parse(path))
    raise ValueError(f"{text!r} refers to nothing: it must be Parameters.…, Steps.….… or Execution.<variable>")


def is_function(value: object) -> bool:
    """Return whether a JSON value is a reference or a function call, and no literal."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _FUNCTIONS


def references(value: object) -> Iterator[Reference]:
    """Yield every reference within a JSON value; `ValueError` for one that is badly written."""
    if isinstance(value, Mapping):
        if is_function(value) and "Get" in value:
            yield parse_reference(_text(value["Get"], "Get"))
        elif is_function(value):
            yield from _function_references(value)
        else:
            for child in value.values():
                yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def _function_references(call: Mapping[str, Any]) -> Iterator[Reference]:
    ((name, arguments),) = call.items()
    if not isinstance(arguments, Mapping):
        raise ValueError(f"{name} takes an object of arguments, not {arguments!r}")  # noqa: TRY004 - one kind of error
    if name == "Std:Join":
        _text(arguments.get("On"), "On of Std:Join")
        if not isinstance(arguments.get("Values"), list):
            raise ValueError("Values of Std:Join must be a list")
        yield from references(arguments["Values"])
        return
    paths.parse(_text(arguments.get("Path"), "Path of Std:JsonGet"))
    if "S3Uri" in arguments:
        yield from references(arguments["S3Uri"])
        return
    file = arguments.get("PropertyFile")
    found = list(references(file))
    if not (is_function(file) and len(found) == 1 and isinstance(found[0], PropertyFileReference)):
        raise ValueError('Std:JsonGet reads a "PropertyFile": {"Get": "Steps.<step>.PropertyFiles.<name>"}')
    yield found[0]


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} must be a text, not {value!r}")  # noqa: TRY004 - one kind of error
    return value


def evaluate(value: Any, values: Values) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value with every reference and function replaced; `StepFailedError` when one has no value."""
    if is_function(value):
        return _call(value, values)
    if isinstance(value, Mapping):
        return {name: evaluate(child, values) for name, child in value.items()}
    if isinstance(value, list):
        return [evaluate(child, values) for child in value]
    return value


def _call(call: Mapping[str, Any], values: Values) -> Any:  # noqa: ANN401 - any JSON value
    ((name, arguments),) = call.items()
    if name == "Get":
        reference = parse_reference(arguments)
        if isinstance(reference, PropertyFileReference):
            raise StepFailedError(f"Property file {reference.name} is read with Std:JsonGet, not with Get.")
        return values.value(reference)
    if name == "Std:Join":
        return str(arguments["On"]).join(as_text(evaluate(item, values)) for item in arguments["Values"])
    return _json_get(arguments, values)


def as_text(value: object) -> str:
    """Return a value within a text: what `Std:Join` and `to_string()` make of it."""
    if isinstance(value, str):
        return value
    return json.dumps(value)


def _json_get(arguments: Mapping[str, Any], values: Values) -> Any:  # noqa: ANN401 - any JSON value
    path = arguments["Path"]
    if "S3Uri" in arguments:
        where = evaluate(arguments["S3Uri"], values)
        content = values.read(where)
    else:
        (reference,) = references(arguments["PropertyFile"])
        if not isinstance(reference, PropertyFileReference):
            raise StepFailedError("Std:JsonGet reads a property file.")
        where = f"property file {reference.name} of step {reference.step}"
        content = values.property_file(reference)
    try:
        document = json.loads(content)
    except ValueError as error:
        raise StepFailedError(f"Failed to evaluate JsonGet: {where} is not JSON: {error}") from error
    try:
        return paths.look_up(document, paths.parse(path))
    except LookupError as error:
        raise StepFailedError(f"Failed to evaluate JsonGet: {path} is not in {where}: {error.args[0]}.") from error
