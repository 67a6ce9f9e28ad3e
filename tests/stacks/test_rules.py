"""The rules of our own: what is planted is found, and what is well built is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app import target_of
from checks import corpus
from ml_rules.catalogue import RULES, findings, texts
from ml_rules.templates import Target, Templates
from ml_rules.watching.costs import TAGS
from tests.environments import ENVIRONMENTS

if TYPE_CHECKING:
    from checks.corpus import Defect

JUDGED = tuple(map(target_of, ENVIRONMENTS))
FOUND: dict[str, set[str]] = {}
"""The rules that find a defect, by its name: two tests ask, and all rules over all of the corpus take seconds."""


def found(defect: Defect, templates: dict[str, dict[str, Any]]) -> set[str]:
    if defect.name not in FOUND:
        FOUND[defect.name] = corpus.find_with_own_rules(defect, templates, JUDGED)
    return FOUND[defect.name]


@pytest.mark.parametrize("defect", list(corpus.defects()), ids=lambda defect: defect.name)
def test_a_planted_defect_is_found(defect: Defect, templates: dict[str, dict[str, Any]]) -> None:
    assert found(defect, templates), defect.text


@pytest.mark.parametrize("defect", [d for d in corpus.defects() if d.repaired], ids=lambda defect: defect.name)
def test_its_repaired_twin_is_left_alone(defect: Defect, templates: dict[str, dict[str, Any]]) -> None:
    assert corpus.find_with_own_rules(defect.twin, templates, JUDGED) == set()


def test_the_corpus_is_large_and_its_names_differ() -> None:
    names = [defect.name for defect in corpus.defects()]
    assert len(names) >= 100
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", list(corpus.bases()))
def test_a_well_built_template_is_left_alone(name: str) -> None:
    assert not [(f.rule, f.resource.logical_id) for f in findings(Templates({name: corpus.bases()[name]}))]


@pytest.mark.parametrize(
    ("base", "resource", "properties"),
    [
        ("serving", "Config", {"ProductionVariants": [{"VariantName": "Main", "InitialInstanceCount": "2"}]}),
        ("serving", "Model", {"VpcConfig": {"Subnets": {"Fn::Split": [",", {"Fn::ImportValue": "subnets"}]}}}),
        ("messaging", "Worker", {"VpcConfig": {"SubnetIds": {"Fn::Split": [",", {"Fn::ImportValue": "subnets"}]}}}),
        ("network", "Api", {"MetadataOptions": {"HttpTokens": "required"}}),
        ("messaging", "Subscription", {"RedrivePolicy": '{"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:1:dead"}'}),
        ("messaging", "Work", {"RedrivePolicy": '{"deadLetterTargetArn": "arn:aws:sqs:::d", "maxReceiveCount": 5}'}),
        ("serving", "Component", {"RuntimeConfig": {"CopyCount": "2"}}),
        ("work", "Rest", {"Body": {"security": [{"sigv4": []}], "paths": {"/ask": {"get": {}}}}}),
    ],
)
def test_what_is_well_built_in_another_form_is_left_alone(base: str, resource: str, properties: dict[str, Any]) -> None:
    template = corpus.bases()[base]
    template["Resources"][resource]["Properties"].update(properties)
    assert not [(f.rule, f.resource.logical_id) for f in findings(Templates({base: template}))]


def test_an_instance_of_a_cluster_keeps_nothing_itself() -> None:
    instance = {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": "c", "Engine": "aurora-mysql"}}
    assert not list(findings(Templates({"app": {"Resources": {"Reader": instance}}})))


def test_an_alarm_may_watch_a_shadow() -> None:
    template = corpus.bases()["serving"]
    shadows = {"ShadowProductionVariants": [{"VariantName": "Next", "ModelName": "m", "InitialInstanceCount": 1}]}
    template["Resources"]["Config"]["Properties"] |= shadows
    template["Resources"]["Errors"]["Properties"]["Dimensions"][1]["Value"] = "Next"
    assert not list(findings(Templates({"base": template})))


def test_every_rule_finds_a_planted_defect(templates: dict[str, dict[str, Any]]) -> None:
    finding = {rule for defect in corpus.defects() for rule in found(defect, templates)}
    assert {rule.id for rule in RULES} - finding == set(), "plant what they must find in checks/corpus/defects.toml"


def test_a_rule_says_what_it_asks_for_in_a_sentence() -> None:
    assert len(texts()) == len(RULES) + 23
    for text in texts().values():
        assert text.endswith(".")


def test_a_defect_that_fits_nothing_is_an_error(templates: dict[str, dict[str, Any]]) -> None:
    defect = corpus.Defect(name="n", text="t", base="prod-storage", at="Gone")
    with pytest.raises(LookupError, match="There is no Gone in the template"):
        corpus.find_with_own_rules(defect, templates, JUDGED)


def test_what_an_environment_does_not_have_is_not_broken(templates: dict[str, dict[str, Any]]) -> None:
    """A team leaves out a system, a feature, or calls production otherwise: `make check` plants what is left."""
    platform = [defect for defect in corpus.defects() if defect.base not in corpus.bases()]
    assert {defect.base for defect in platform} > {"prod-storage", "prod-serving", "prod-api"}
    assert all(corpus.can_be_planted(defect, templates) for defect in platform)
    assert not any(corpus.can_be_planted(defect, {}) for defect in platform)
    assert all(corpus.can_be_planted(defect, {}) for defect in corpus.defects() if defect.base in corpus.bases())
    other = [each for each in platform if corpus.can_be_planted(each, templates | {"prod-api": {"Resources": {}}})]
    assert {defect.base for defect in platform if defect not in other} == {"prod-api"}


@pytest.mark.parametrize(("environment", "rules"), [("dev", set()), ("prod", {"retained"})])
def test_only_environments_that_last_must_retain(environment: str, rules: set[str]) -> None:
    tags = [{"Key": name, "Value": "x"} for name in TAGS]
    group = {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"Tags": tags}, "DeletionPolicy": "Delete"}
    templates = Templates({f"{environment}-training": {"Resources": {"Models": group}}}, JUDGED)
    assert {finding.rule for finding in findings(templates)} == rules


def test_a_stack_of_an_unknown_environment_is_judged_strictly() -> None:
    (resource,) = Templates({"other-storage": {"Resources": {"R": {"Type": "AWS::SNS::Topic"}}}}, JUDGED).resources
    assert resource.environment == Target(production=True, lasting=True, closed=True)
