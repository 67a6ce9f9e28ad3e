"""The decisions on types, properties and values: each means something that there is, and denies what nobody judged."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from account.resource_types import specification
from ml_rules import catalogue
from ml_rules.decided import PropertyDecision, accepted_value, decided, decisions, find_undecided, is_known
from ml_rules.templates import Target, Templates

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = Target("prod", "333333333333")
WITHOUT_SCHEMA = {"AWS::AutoScaling::LaunchConfiguration", "AWS::CDK::Metadata"}


@cache
def schema() -> tuple[dict[str, Any], dict[str, Any]]:
    read = specification()
    types = {entity["cloudFormationType"]: entity for entity in read["resource"]["entities"]}
    return types, {entity["$id"]: entity for entity in read["typeDefinition"]["entities"]}


def properties(type_: str) -> Iterator[str]:
    types, _ = schema()
    yield from _of(types[type_]["properties"], "", frozenset())


def _of(members: dict[str, Any], path: str, seen: frozenset[str]) -> Iterator[str]:
    for name, said in members.items():
        yield from _inside(said["type"], f"{path}.{name}" if path else name, seen)


def _inside(said: dict[str, Any], path: str, seen: frozenset[str]) -> Iterator[str]:
    yield path
    match said["type"]:
        case "ref":
            name = said["reference"]["$ref"]
            definition = schema()[1].get(name)
            if definition is not None and name not in seen:
                yield from _of(definition["properties"], path, seen | {name})
        case "array":
            yield from _inside(said["element"], path, seen)
        case "map":
            yield from _inside(said["element"], f"{path}.any", seen)
        case "union":
            for each in said["types"]:
                yield from _inside(each, path, seen)
        case "json" | "tag":
            yield f"{path}.Statement"


def has(type_: str, pattern: str) -> bool:
    """Whether a type has what a pattern means; what is inside of JSON no schema says."""
    known = list(properties(type_))
    alone = PropertyDecision(("*",), (pattern,), "free", (), "", "")
    json = {path.removesuffix(".Statement") for path in known if path.endswith(".Statement")}
    return any(map(alone.decides, known)) or any(pattern.startswith(f"{path}.") for path in json)


@pytest.mark.parametrize(
    "decision",
    [each for each in decisions() if "*" not in "".join(each.types) and not WITHOUT_SCHEMA & set(each.types)],
    ids=str,
)
def test_what_is_decided_is_a_property_of_the_schema(decision: PropertyDecision) -> None:
    """A misspelled property would decide nothing, and a renamed one would leave its value unjudged."""
    for pattern in decision.properties:
        assert any(has(type_, pattern) for type_ in decision.types), f"{decision.types} has no {pattern}"


def test_a_decision_names_a_rule_that_there_is() -> None:
    rules = set(catalogue.texts())
    assert {decision.values[0] for decision in decisions() if decision.kind == "rule"} - rules == set()


def judged(type_: str, given: dict[str, Any]) -> list[str]:
    body = {"Resources": {"R": {"Type": type_, "Properties": given}}}
    return [words for _, words in accepted_value.check(Templates({"prod-app": body}, [OURS]))]


def put(path: str, value: object) -> dict[str, Any]:
    holder: dict[str, Any] = {}
    inner = holder
    *names, last = re.sub(r"\*\*\.?", "", path).replace("*", "Any").split(".")
    for name in names:
        inner = inner.setdefault(name, {})
    inner[last] = value
    return holder


def valued() -> list[Any]:
    return [
        pytest.param(decision, path, id=f"{decision.types[0]}.{path}")
        for decision in decisions()
        if decision.kind in {"only", "need", "never"} and decision.values
        for path in decision.properties
        if "**" not in path
    ]


@pytest.mark.parametrize(("decision", "path"), valued())
def test_a_value_that_nobody_judged_is_found_and_one_that_somebody_did_is_not(
    decision: PropertyDecision, path: str
) -> None:
    type_ = decision.types[0].replace("*", "Domain")
    for value in decision.values:
        limit = re.fullmatch(r"([<>]=)(\d+)", value)
        inside = int(limit[2]) if limit else value
        outside = int(limit[2]) + (1 if limit[1] == "<=" else -1) if limit else "what nobody judged"
        good, bad = (outside, inside) if decision.kind == "never" else (inside, outside)
        assert any(decision.why in words for words in judged(type_, put(path, bad)))
        assert not any(
            decision.why in words and f"{path} is {good}" in words for words in judged(type_, put(path, good))
        )


@pytest.mark.parametrize(
    ("type_", "given", "words"),
    [
        ("AWS::EC2::InternetGateway", {}, "Nobody has judged AWS::EC2::InternetGateway"),
        ("AWS::S3::Bucket", {"AnalyticsConfigurations": [{"Id": "all"}]}, "AnalyticsConfigurations"),
        ("AWS::SageMaker::Domain", {"DefaultUserSettings": {"CanvasAppSettings": {"New": 1}}}, "CanvasAppSettings.New"),
    ],
)
def test_what_nobody_judged_is_a_finding_in_a_template_of_ours_alone(
    type_: str, given: dict[str, Any], words: str
) -> None:
    body = {"Resources": {"R": {"Type": type_, "Properties": given}}}
    (told,) = [said for _, said in decided.check(Templates({"prod-app": body}, [OURS]))]
    assert words in told
    assert "constructs/ml_rules/decisions/properties" in told
    assert not list(decided.check(Templates({"app": body}, [OURS])))
    assert [said for _, said in find_undecided(Templates({"app": body}))] == [told]


def test_a_note_of_the_cdk_s_own_is_nothing_to_judge() -> None:
    note = {"Resources": {"CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:x"}}}}
    assert not list(decided.check(Templates({"prod-app": note}, [OURS])))


def test_a_type_is_known_by_its_own_name_alone() -> None:
    assert is_known("AWS::S3::Bucket")
    assert not is_known("AWS::EC2::InternetGateway")
    assert is_known("Custom::Anything")
    assert is_known("AWS::CDK::Metadata")  # which the CDK's command line adds to each stack
