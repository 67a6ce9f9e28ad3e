"""What CloudFormation replaces a resource for, from the specification that the pinned CDK command line brings."""

import functools
from collections.abc import Mapping
from typing import Any, Final

from account.resource_types import specification
from ml_rules.data.state import STATEFUL

CUSTOM: Final = "Custom::"
REFUSED: Final = {
    "AWS::KMS::Key": ("KeySpec", "KeyUsage", "MultiRegion", "Origin"),
    CUSTOM: ("ServiceToken",),
}
"""Properties of which CloudFormation refuses every change: its update fails, and rolls back."""
APPENDED: Final = {"AWS::SageMaker::FeatureGroup": "FeatureDefinitions"}
"""Lists that take further items, and refuse to lose or change one."""
_ADDRESSED: Final = {"AWS::ApiGateway::RestApi", "AWS::EC2::VPC", "AWS::SageMaker::MlflowApp"}
"""What others know by an id that a replacement would not have."""


def is_kept(type_: str, properties: Mapping[str, Any]) -> bool:
    """Return whether users must not lose the resource: it holds state, or has a name or an address of its own.

    Custom resources are among them: the end of one runs its function.
    """
    return (
        type_ in STATEFUL | _ADDRESSED
        or type_.startswith(CUSTOM)
        or bool(_entity(type_).get("isStateful"))
        or any(isinstance(properties.get(name), str) and "${" not in properties[name] for name in _names(type_))
    )


def decisive(type_: str) -> set[str]:
    """Return the properties of a resource whose change may replace it, or is refused."""
    named = REFUSED.get(CUSTOM if type_.startswith(CUSTOM) else type_, ())
    return {*_replacing(type_), *named, *filter(None, [APPENDED.get(type_)])}


def is_refused(type_: str, name: str) -> bool:
    """Return whether CloudFormation refuses a change of the property."""
    return name in REFUSED.get(CUSTOM if type_.startswith(CUSTOM) else type_, ())


def _names(type_: str) -> set[str]:
    """Return the properties that can give a resource a name: `TableName`, `Name`, `StageName`."""
    own = {"Name", f"{type_.rpartition('::')[2]}Name", *_entity(type_).get("primaryIdentifier", [])}
    return {name for name in own & _replacing(type_) if name.endswith("Name")}


def _replacing(type_: str) -> set[str]:
    properties = _entity(type_).get("properties", {})
    return {name for name, said in properties.items() if said.get("causesReplacement") in ("yes", "maybe")}


def _entity(type_: str) -> dict[str, Any]:
    if type_.startswith(CUSTOM):
        return {}
    try:
        return _entities()[type_]
    except KeyError:
        raise RuntimeError(f"The CDK's specification does not know {type_}: update aws-cdk in package.json.") from None


@functools.cache
def _entities() -> dict[str, dict[str, Any]]:
    return {entity["cloudFormationType"]: entity for entity in specification()["resource"]["entities"]}
