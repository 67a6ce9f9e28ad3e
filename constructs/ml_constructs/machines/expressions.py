"""Values that are known only when a state machine runs, in JSONPath."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from re import fullmatch

import aws_cdk as cdk

from ml_constructs.foundation.values import Expression, Join, Value

REFERENCE = r"\$(\.[A-Za-z0-9_]+)+"


class StateError(ValueError):
    """A state that Step Functions or SageMaker would refuse, or that could not run."""


@dataclass(frozen=True)
class Path(Expression):
    """A place in the state's input, such as `$.Hyperparameters`."""

    reference: str

    def __post_init__(self) -> None:
        """Refuse what is no reference path."""
        if not fullmatch(REFERENCE, self.reference):
            raise StateError(f"{self.reference!r} is no path into a state's input: it looks like $.Name.Member.")

    def render(self) -> Mapping[str, object]:
        """Raise `StateError`: SageMaker pipelines have no such value."""
        raise StateError(f"{self.reference} is known to state machines only.")


def render(value: object) -> object:
    """Return `value` as the parameters of a state: the name of a member with a computed value ends in `.$`."""
    match value:
        case Mapping():
            rendered: dict[str, object] = {}
            for key, item in value.items():
                if _is_computed(item):
                    rendered[f"{key}.$"] = _expression(item)
                else:
                    rendered[key] = render(item)
            return rendered
        case str() | int() | float():
            return value
        case Sequence():
            return [render(item) for item in value]
    raise StateError(f"{value!r} has no place in a state.")


def _is_computed(value: object) -> bool:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(isinstance(item, Expression) for item in value)
    return isinstance(value, Expression)


def _expression(value: object) -> str:
    match value:
        case Path():
            return value.reference
        case Join():
            return _format(value)
        case str():
            return f"'{_literal(value)}'"
        case int() | float():
            return str(value)
        case Sequence():
            return f"States.Array({', '.join(_expression(item) for item in value)})"
    raise StateError(f"{value!r} is known to pipelines of SageMaker only.")


def _format(join: Join) -> str:
    template: list[str] = []
    arguments: list[str] = []
    for value in _flatten(join):
        if isinstance(value, Expression):
            template.append("{}")
            arguments.append(_expression(value))
        else:
            template.append(_literal(str(value)))
    text = "".join(template)
    return f"States.Format('{text}', {', '.join(arguments)})" if arguments else f"'{text}'"


def _flatten(join: Join) -> list[Value]:
    parts: list[Value] = []
    for position, value in enumerate(join.values):
        if position and join.on:
            parts.append(join.on)
        parts.extend(_flatten(value) if isinstance(value, Join) else [value])
    return parts


def _literal(text: str) -> str:
    """Return `text` for a literal in single quotes; what would need escaping there is refused."""
    if not cdk.Token.is_unresolved(text) and any(character in text for character in "'{}\\"):
        raise StateError(f"{text!r} cannot stand in an expression: it has a quote, brace or backslash.")
    return text
