"""Values that are known only when a pipeline runs."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from re import fullmatch
from typing import Literal, Self

from ml_constructs.foundation.errors import PipelineError

NAME = r"[A-Za-z0-9_-]{1,64}"

Scalar = str | int | float | bool


class Expression(ABC):
    """A value that SageMaker computes while the pipeline runs."""

    @abstractmethod
    def render(self) -> Mapping[str, object]:
        """Return the expression in the definition's JSON."""

    @property
    def operands(self) -> Sequence[object]:
        """Values inside this one."""
        return ()

    @property
    def text(self) -> "Expression":
        """Return the value as a string, for members that take nothing else, such as hyperparameters."""
        return Join([self])


Value = Scalar | Expression


@dataclass(frozen=True)
class Parameter(Expression):
    """A value that is given when an execution starts; without `default` it must be given.

    `allowed` are the only values that SageMaker then accepts.
    """

    name: str
    type: Literal["String", "Integer", "Float", "Boolean"]
    default: Scalar | None = None
    allowed: tuple[Scalar, ...] = ()

    def __post_init__(self) -> None:
        """Refuse defaults and choices of another type, and a default that is no choice."""
        if not fullmatch(NAME, self.name):
            raise PipelineError(
                f"{self.name!r} cannot name a parameter: use 1 to 64 letters, digits, hyphens and underscores."
            )
        kinds = {"String": (str,), "Integer": (int,), "Float": (int, float), "Boolean": (bool,)}[self.type]
        given = [*self.allowed, *([] if self.default is None else [self.default])]
        for value in given:
            if not isinstance(value, kinds) or (isinstance(value, bool) and self.type != "Boolean"):
                raise PipelineError(f"The parameter {self.name} is of type {self.type}, and {value!r} is not.")
        if self.allowed and self.default is not None and self.default not in self.allowed:
            raise PipelineError(f"The parameter {self.name} defaults to {self.default!r}, which it does not allow.")

    @classmethod
    def string(cls, name: str, default: str | None = None, *, allowed: Sequence[str] = ()) -> Self:
        """Return a parameter of type String."""
        return cls(name, "String", default, tuple(allowed))

    @classmethod
    def integer(cls, name: str, default: int | None = None) -> Self:
        """Return a parameter of type Integer."""
        return cls(name, "Integer", default)

    @classmethod
    def number(cls, name: str, default: float | None = None) -> Self:
        """Return a parameter of type Float."""
        return cls(name, "Float", default)

    @classmethod
    def boolean(cls, name: str, *, default: bool | None = None) -> Self:
        """Return a parameter of type Boolean."""
        return cls(name, "Boolean", default)

    def render(self) -> Mapping[str, object]:
        """Return reference to the parameter."""
        return {"Get": f"Parameters.{self.name}"}

    def declaration(self) -> Mapping[str, object]:
        """Return the parameter's entry in `Parameters` of the definition."""
        declared: dict[str, object] = {"Name": self.name, "Type": self.type}
        if self.default is not None:
            declared["DefaultValue"] = self.default
        if self.allowed:
            declared["EnumValues"] = list(self.allowed)
        return declared


@dataclass(frozen=True)
class StepProperty(Expression):
    """A field of what describes a step's job or model, such as `ModelArtifacts.S3ModelArtifacts`."""

    step: str
    path: str

    def render(self) -> Mapping[str, object]:
        """Return reference to the field."""
        return {"Get": f"Steps.{self.step}.{self.path}"}


@dataclass(frozen=True)
class ExecutionVariable(Expression):
    """A fact about the running execution."""

    name: Literal[
        "PipelineName", "PipelineArn", "PipelineExecutionId", "PipelineExecutionArn", "StartDateTime", "CurrentDateTime"
    ]

    def render(self) -> Mapping[str, object]:
        """Return reference to the variable."""
        return {"Get": f"Execution.{self.name}"}


@dataclass(frozen=True)
class Join(Expression):
    """Values as text, one after another with `on` between them."""

    values: Sequence[Value]
    on: str = ""

    @property
    def operands(self) -> Sequence[object]:
        """The joined values."""
        return self.values

    def render(self) -> Mapping[str, object]:
        """Return the function `Std:Join`."""
        return {"Std:Join": {"On": self.on, "Values": render(self.values)}}


@dataclass(frozen=True)
class JsonGet(Expression):
    """A value in a property file, a JSON document that a processing step wrote; `path` is a JsonPath below its root."""

    step: str
    property_file: str
    path: str

    def render(self) -> Mapping[str, object]:
        """Return the function `Std:JsonGet`."""
        file = {"Get": f"Steps.{self.step}.PropertyFiles.{self.property_file}"}
        return {"Std:JsonGet": {"PropertyFile": file, "Path": self.path}}


def render(value: object) -> object:
    """Return `value` as JSON of the definition, every expression in it rendered."""
    match value:
        case Expression():
            return render(value.render())
        case Mapping():
            return {key: render(item) for key, item in value.items()}
        case str() | int() | float():
            return value
        case Sequence():
            return [render(item) for item in value]
    raise TypeError(f"{value!r} has no place in a pipeline definition.")


def expressions(value: object) -> Iterator[Expression]:
    """Yield every expression in `value`, those inside others too."""
    match value:
        case Expression():
            yield value
            for operand in value.operands:
                yield from expressions(operand)
        case Mapping():
            for item in value.values():
                yield from expressions(item)
        case str():
            return
        case Sequence():
            for item in value:
                yield from expressions(item)
