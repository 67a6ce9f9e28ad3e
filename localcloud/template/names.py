"""Names that are a resource's alone: of one type there is one with a name in an account, and in a region of it.

The registry says so by the form of a type's ARN: it ends in a name, or in an id that the service makes up.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_PLACE: Final = frozenset({"Partition", "Region", "Account"})
_IN_ARN: Final = re.compile(r"\$\{(\w+)\}")
_BY_NAME: Final = re.compile(r".*Name(WithPath|WithoutLeadingSlash)?|Alias|SecretId")
"""What an ARN ends in where a name stands for a resource. A secret's id is its name, and six letters more."""


@dataclass(frozen=True)
class Named:
    """A type whose resources have names of their own: the property that gives the name, and the form of the ARN."""

    given_by: str
    arn: str
    ref_is_name: bool

    @property
    def is_global(self) -> bool:
        """Whether a name is taken in every region."""
        return "${Region}" not in self.arn

    def physical_id(self, properties: Mapping[str, Any], account: str, region: str) -> str:
        """Return what `Ref` would give a resource with these properties: its name, or its ARN."""
        name = str(properties[self.given_by])
        if self.ref_is_name:
            return name
        path = str(properties.get("Path", "/")).lstrip("/") if "WithPath" in self.arn else ""
        known = {"Partition": "aws", "Region": region, "Account": account}
        return _IN_ARN.sub(lambda found: known.get(found[1], path + name), self.arn)


def named_types(names: Iterable[str], tables: Mapping[str, Any]) -> dict[str, Named]:
    """Return those of these types whose resources have names of their own, by the registry's tables."""
    wanted = set(names)
    found = {}
    for entity in tables["resource"]["entities"]:
        name, arn = entity["cloudFormationType"], entity.get("arnTemplate", "")
        inner = [each for each in _IN_ARN.findall(arn) if each not in _PLACE]
        given = _name_property(name, entity)
        if name in wanted and given and len(inner) == 1 and _BY_NAME.fullmatch(inner[0]):
            found[name] = Named(given, arn, ref_is_name=entity.get("primaryIdentifier") == [given])
    return found


def _name_property(name: str, entity: Mapping[str, Any]) -> str:
    """Return the property that names a resource for good: `TableName`, `RoleName`, `Name`."""
    candidates = (*entity.get("primaryIdentifier", ()), f"{name.rpartition('::')[2]}Name", "Name")
    properties = entity["properties"]
    return next(
        (each for each in candidates if properties.get(each, {}).get("causesReplacement") in {"yes", "maybe"}), ""
    )
