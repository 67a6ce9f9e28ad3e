"""What is excused from tags is what AWS's registry says: such a type takes none, or is replaced for another."""

from typing import Any

import pytest

from account.resource_types import specification
from ml_rules.watching.costs import REPLACED, UNTAGGED


@pytest.fixture(scope="module")
def entities() -> dict[str, dict[str, Any]]:
    return {each["cloudFormationType"]: each for each in specification()["resource"]["entities"]}


def taken(entity: dict[str, Any]) -> dict[str, Any] | None:
    """Return the property that holds the tags of a type, if it takes any."""
    told = entity.get("tagInformation")
    found: dict[str, Any] | None = entity["properties"].get(told["tagPropertyName"]) if told else None
    return found


def test_types_that_are_excused_as_replaced_are(entities: dict[str, dict[str, Any]]) -> None:
    fates = {name: (taken(entities[name]) or {}).get("causesReplacement") for name in REPLACED}
    assert set(fates.values()) == {"yes"}, fates


def test_types_that_are_excused_as_untagged_take_no_tags(entities: dict[str, dict[str, Any]]) -> None:
    named = UNTAGGED - {"AWS::CDK::Metadata"}
    assert {name: taken(entities[name]) for name in named} == dict.fromkeys(named)
