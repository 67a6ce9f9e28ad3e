"""Conditions of a pipeline."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.values import Value


class Condition(ABC):
    """What a condition step decides on."""

    @abstractmethod
    def arguments(self) -> Mapping[str, object]:
        """Return the condition in the definition, its expressions not yet written out."""


@dataclass(frozen=True)
class Comparison(Condition):
    """Two values, compared."""

    left: Value
    type: Literal["Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"]
    right: Value

    def arguments(self) -> Mapping[str, object]:
        """Return the comparison."""
        return {"Type": self.type, "LeftValue": self.left, "RightValue": self.right}


@dataclass(frozen=True)
class In(Condition):
    """The value is one of several."""

    value: Value
    values: Sequence[Value]

    def arguments(self) -> Mapping[str, object]:
        """Return the membership test."""
        return {"Type": "In", "QueryValue": self.value, "Values": list(self.values)}


@dataclass(frozen=True)
class Not(Condition):
    """The other condition does not hold."""

    condition: Condition

    def arguments(self) -> Mapping[str, object]:
        """Return the negation."""
        return {"Type": "Not", "Condition": self.condition.arguments()}


@dataclass(frozen=True)
class Or(Condition):
    """At least one of the conditions holds."""

    conditions: Sequence[Condition]

    def __post_init__(self) -> None:
        """Refuse an alternative without conditions."""
        if not self.conditions:
            raise PipelineError("An Or of no conditions never holds: give it at least one.")

    def arguments(self) -> Mapping[str, object]:
        """Return the alternatives."""
        return {"Type": "Or", "Conditions": [condition.arguments() for condition in self.conditions]}
