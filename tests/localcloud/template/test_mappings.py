"""Look-ups that find nothing: user guide of CloudFormation, "Fn::FindInMap"; words recorded by localstack/localstack,
tests/aws/services/cloudformation/engine/test_mappings.snapshot.json (Apache-2.0).
"""

from collections.abc import Sequence
from typing import Any

import pytest

from localcloud.template import mappings
from localcloud.template.checks import TemplateError

SIZES = {"dev": {"count": "1"}}
NOTHING = "Template error: Unable to get mapping for Sizes::prod::count"


def find(arguments: Sequence[Any]) -> object:
    keys = ["prod" if argument == {"Ref": "Stage"} else argument for argument in arguments]
    try:
        return {"Sizes": SIZES}[keys[0]][keys[1]][keys[2]]
    except KeyError:
        raise ValueError(f"Template error: Unable to get mapping for {'::'.join(keys)}") from None


def look_up(stage: object) -> dict[str, Any]:
    return {"Fn::FindInMap": ["Sizes", stage, "count"]}


def checked(properties: object, condition: str | None = None, **conditions: bool) -> None:
    made = {"Type": "AWS::SQS::Queue", "Properties": properties, **({"Condition": condition} if condition else {})}
    mappings.check({"Resources": {"Queue": made}}, conditions, lambda name: name == "Stage", find)


@pytest.mark.parametrize(
    "properties",
    [
        look_up("dev"),
        {"Name": look_up({"Ref": "AnotherQueue"})},
        {"Name": look_up({"Fn::GetAtt": ["Other", "Arn"]})},
        {"Fn::FindInMap": ["Sizes", "prod", "count", {"DefaultValue": "2"}]},
    ],
)
def test_a_look_up_that_finds_something_or_waits(properties: object) -> None:
    checked(properties)


@pytest.mark.parametrize("stage", ["prod", {"Ref": "Stage"}])
def test_a_look_up_that_finds_nothing(stage: object) -> None:
    with pytest.raises(TemplateError) as refused:
        checked({"Names": [{"Fn::Sub": ["${n}", {"n": look_up(stage)}]}]})
    assert str(refused.value) == NOTHING


def test_what_conditions_leave_out_is_not_looked_up() -> None:
    chosen = {"Fn::If": ["IsDev", look_up("dev"), look_up("prod")]}
    checked(chosen, IsDev=True)
    checked(look_up("prod"), "IsProd", IsProd=False)
    with pytest.raises(TemplateError):
        checked(chosen, IsDev=False)
