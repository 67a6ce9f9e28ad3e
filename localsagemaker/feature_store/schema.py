"""What a feature group holds: its features, their types, and which of them identify and date a record."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, get_args

FeatureType = Literal["Integral", "Fractional", "String"]
TYPES: Final = get_args(FeatureType)
RESERVED: Final = frozenset({"is_deleted", "write_time", "api_invocation_time"})
"""Columns that the offline store adds to every record."""
_NAME: Final = re.compile(r"[a-zA-Z0-9]([-_]*[a-zA-Z0-9]){0,63}")
_INTEGRAL: Final = re.compile(r"[+-]?[0-9]{1,19}")
_FRACTIONAL: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_INT64: Final = 2**63


class SchemaError(ValueError):
    """A schema that no feature group can have; the message is a sentence."""


@dataclass(frozen=True)
class Definition:
    """One feature: its name, and its type as AWS calls it."""

    name: str
    type: FeatureType

    def __post_init__(self) -> None:
        """Refuse what `CreateFeatureGroup` would refuse."""
        if not _NAME.fullmatch(self.name):
            raise SchemaError(
                f"{self.name!r} cannot name a feature: use up to 64 letters, digits, - and _, a letter or digit first "
                "and last."
            )
        if self.name.lower() in RESERVED:
            raise SchemaError(f"{self.name!r} cannot name a feature: the offline store adds a column of that name.")
        if self.type not in TYPES:
            raise SchemaError(f"{self.type!r} is no type of feature: use {', '.join(TYPES)}.")

    def problem(self, text: str) -> str | None:
        """Return why `text` is no value of this feature, as a sentence; none when it is one."""
        if self.type == "Integral" and not (_INTEGRAL.fullmatch(text) and -_INT64 <= int(text) < _INT64):
            return f"{self.name} is Integral, and {text!r} is no whole number of 64 bits."
        if self.type == "Fractional" and not _FRACTIONAL.fullmatch(text):
            return f"{self.name} is Fractional, and {text!r} is no number."
        if self.type == "Fractional" and math.isinf(float(text)):
            return (
                f"{self.name} is Fractional, and {text} is not within the range of a double precision floating point "
                "number defined by the IEEE 754 standard."
            )
        return None

    def spelling(self, text: str) -> str:
        """Return a value of this feature as the offline store gives it back: 7 for +07 of an Integral."""
        match self.type:
            case "Integral":
                return str(int(text))
            case "Fractional":
                return repr(float(text))
        return text


@dataclass(frozen=True)
class Schema:
    """The features of a group, and which of them identify and date a record."""

    identifier: str
    event_time: str
    definitions: tuple[Definition, ...]

    def __post_init__(self) -> None:
        """Refuse a schema that `CreateFeatureGroup` would refuse."""
        folded = [definition.name.lower() for definition in self.definitions]
        if twice := sorted({name for name in folded if folded.count(name) > 1}):
            raise SchemaError(f"Features are told apart without regard to case, and {', '.join(twice)} is there twice.")
        for role, name in (("record identifier", self.identifier), ("event time", self.event_time)):
            if name not in self.types:
                raise SchemaError(f"The {role} {name!r} is not among the features {', '.join(self.types)}.")
        if self.types[self.event_time] == "Integral":
            raise SchemaError(f"The event time {self.event_time!r} must be Fractional or String, not Integral.")

    @classmethod
    def described(cls, description: Mapping[str, Any]) -> Self:
        """Read the schema in a `DescribeFeatureGroup` answer, or in a `CreateFeatureGroup` request."""
        return cls(
            description["RecordIdentifierFeatureName"],
            description["EventTimeFeatureName"],
            tuple(Definition(item["FeatureName"], item["FeatureType"]) for item in description["FeatureDefinitions"]),
        )

    def identity(self, text: str) -> str:
        """Return a record's identifier in the one spelling by which its entity is known; as it is if it is none."""
        identifier = self.by_name[self.identifier]
        return text if identifier.problem(text) else identifier.spelling(text)

    @property
    def types(self) -> dict[str, FeatureType]:
        """Type by name of feature, in the group's order."""
        return {definition.name: definition.type for definition in self.definitions}

    @property
    def by_name(self) -> dict[str, Definition]:
        """Definition by name of feature."""
        return {definition.name: definition for definition in self.definitions}

    def grown(self, additions: Iterable[Definition]) -> Self:
        """Return the schema with further features; `SchemaError` for one that is there already."""
        added = tuple(additions)
        if known := [definition.name for definition in added if definition.name in self.types]:
            raise SchemaError(f"The group has {', '.join(known)} already, and a feature's type never changes.")
        return type(self)(self.identifier, self.event_time, (*self.definitions, *added))
