"""What a step's arguments and properties may be, from the operations that carry it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from localsagemaker.jobs import kinds
from localsagemaker.kernel.members import refusals
from localsagemaker.kernel.requests import operation_model, unmet
from localsagemaker.pipelines.expressions import ParameterReference, StepReference, is_function, parse_reference


@dataclass(frozen=True)
class Call:
    """The operation that a step calls, the one that shows its properties, and the argument that the pipeline fills."""

    create: str
    describe: str
    name: str | None = None


_CALLS: Mapping[str, Call] = {
    "Model": Call("CreateModel", "DescribeModel", "ModelName"),
    "RegisterModel": Call("CreateModelPackage", "DescribeModelPackage"),
}
_ACCEPTS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"String"}),
    "integer": frozenset({"Integer"}),
    "long": frozenset({"Integer"}),
    "float": frozenset({"Float", "Integer"}),
    "double": frozenset({"Float", "Integer"}),
    "boolean": frozenset({"Boolean"}),
}


def step_types() -> tuple[str, ...]:
    """Return the types of the steps that call an operation of SageMaker."""
    return (*(kind.step for kind in kinds.KINDS if kind.step), *_CALLS)


def call_of(step_type: str) -> Call | None:
    """Return what steps of a type call; nothing for a step that calls no operation of SageMaker."""
    if kind := kinds.kind_of_step(step_type):
        return Call(f"Create{kind.name}", f"Describe{kind.name}", kind.key)
    return _CALLS.get(step_type)


def check_arguments(call: Call, arguments: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
    """Raise `ValueError` for arguments that the operation misses, refuses or does not know, or of a wrong type.

    `parameters` maps the pipeline's parameters to their types. What other references stand for is known only at run
    time and is checked then.
    """
    shape = operation_model(call.create).input_shape
    given = dict(arguments)
    if call.name:
        given.setdefault(call.name, "filled-in-by-the-pipeline")
    if isinstance(shape, StructureShape):
        _check(given, shape, "", parameters)
    for refused in refusals(call.create, _known(given)):
        raise ValueError(refused.rstrip("."))


def _known(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return what of a value is known before an execution: all but what expressions stand for."""
    if isinstance(value, Mapping):
        return {name: _known(child) for name, child in value.items() if not is_function(child)}
    return [_known(child) for child in value if not is_function(child)] if isinstance(value, list) else value


def _check(value: Any, shape: Shape, path: str, parameters: Mapping[str, str]) -> None:  # noqa: ANN401
    where = path.lstrip(".") or "Arguments"
    if is_function(value):
        _check_function(value, shape, where, parameters)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for index, child in enumerate(value):
            _check(child, shape.member, f"{path}[{index}]", parameters)
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for name, child in value.items():
            _check(child, shape.value, f"{path}.{name}", parameters)
    elif isinstance(shape, StructureShape) and isinstance(value, Mapping):
        _check_members(value, shape, where)
        for name, child in value.items():
            _check(child, shape.members[name], f"{path}.{name}", parameters)
    elif not _is(value, shape):
        raise ValueError(f"{where} must be of type {shape.type_name}, not {value!r}")
    elif constraint := unmet(value, shape):
        raise ValueError(f"{where} is {value!r}: it must {constraint}")


def _check_members(value: Mapping[str, Any], shape: StructureShape, where: str) -> None:
    unknown = set(value) - set(shape.members)
    if unknown:
        raise ValueError(f"{where} has unknown members: {', '.join(sorted(unknown))}")
    tokens = {name for name, member in shape.members.items() if member.metadata.get("idempotencyToken")}
    missing = [name for name in shape.required_members if name not in value and name not in tokens]
    if missing:
        raise ValueError(f"{where} misses {', '.join(missing)}")


def _is(value: object, shape: Shape) -> bool:
    if isinstance(value, bool):
        return shape.type_name == "boolean"
    kinds: Mapping[str, tuple[type, ...]] = {
        "string": (str,),
        "integer": (int,),
        "long": (int,),
        "float": (int, float),
        "double": (int, float),
        "boolean": (),
    }
    return isinstance(value, kinds.get(shape.type_name, ()))


def _check_function(call: Mapping[str, Any], shape: Shape, where: str, parameters: Mapping[str, str]) -> None:
    if "Std:Join" in call and shape.type_name != "string":
        raise ValueError(f"Std:Join makes a text, and {where} is of type {shape.type_name}")
    if "Get" not in call:
        return
    reference = parse_reference(call["Get"])
    if isinstance(reference, ParameterReference):
        kind = parameters[reference.name]
        if kind not in _ACCEPTS.get(shape.type_name, frozenset()):
            raise ValueError(
                f"parameter {reference.name} of type {kind} cannot be assigned to {where} of type {shape.type_name}"
                + (": join it to make it a text" if shape.type_name == "string" else "")
            )


def check_property(step_type: str, outputs: Mapping[str, str], reference: StepReference) -> None:
    """Raise `ValueError` unless steps of a type have the property that a reference names."""
    written = ".".join(str(part) for part in reference.path)
    if step_type == "Lambda":
        if len(reference.path) != 2 or reference.path[0] != "OutputParameters" or reference.path[1] not in outputs:  # noqa: PLR2004 - ['OutputParameters', name]
            known = ", ".join(outputs) or "none"
            raise ValueError(f"step {reference.step} has no property {written}: its OutputParameters are {known}")
        return
    if step_type == "Condition" and reference.path == ("Outcome",):
        return
    called = call_of(step_type)
    shape: Shape | None = operation_model(called.describe).output_shape if called else None
    for part in reference.path:
        if isinstance(shape, StructureShape):
            shape = shape.members.get(str(part))
        elif isinstance(shape, ListShape):
            shape = shape.member
        elif isinstance(shape, MapShape):
            shape = shape.value
        else:
            shape = None
        if shape is None:
            raise ValueError(f"step {reference.step} of type {step_type} has no property {written}")
