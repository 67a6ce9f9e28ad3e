"""By its tags everything that costs is somebody's: of which environment, of which system, and whose."""

import dataclasses
import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from ml_constructs.foundation.tags import COST_TAGS
from ml_rules.watching.costs import TAGS
from stacks.foundation import Foundation
from stacks.notices import NoticesStack
from tests.environments import DEV, FRAUD, KNN

SYSTEMS = {"training": "fraud", "serving": "fraud", "steps": "census", "vision": "images", "knn": "knn"}
"""Systems by their stacks, as stacks/systems declares them; every other stack is the platform's."""


def tags(resource: dict[str, Any]) -> dict[str, str]:
    listed = resource.get("Properties", {}).get("Tags") or ()
    return {each["Key"]: each["Value"] for each in listed} if isinstance(listed, list) else dict(listed)


def test_the_rule_asks_for_the_tags_that_the_library_gives() -> None:
    assert TAGS == COST_TAGS


def test_what_is_tagged_is_of_the_system_whose_stack_it_is_in(templates: dict[str, dict[str, Any]]) -> None:
    for name, template in templates.items():
        environment, _, stack = name.partition("-")
        expected = {"environment": environment, "system": SYSTEMS.get(stack, "platform"), "owner": "ml-platform"}
        found = [tags(each) for each in template["Resources"].values() if "environment" in tags(each)]
        assert found, name
        assert all(each | expected == each for each in found), name


def test_the_tags_of_jobs_are_those_of_their_system(templates: dict[str, dict[str, Any]]) -> None:
    for stack, system in SYSTEMS.items():
        text = json.dumps(templates[f"dev-{stack}"])
        if "createTrainingJob" in text or "PipelineDefinitionBody" in text:
            assert json.dumps(json.dumps({"Key": "system", "Value": system}, separators=(",", ":")))[1:-1] in text


@pytest.fixture
def stage(cdk_context: dict[str, Any]) -> cdk.Stage:
    return cdk.Stage(cdk.App(context=cdk_context), "dev", env=cdk.Environment(account=DEV.account, region=DEV.region))


@pytest.mark.parametrize(("owner", "subscriptions"), [("ml@example.com", 1), ("ml-platform", 0)])
def test_an_owner_with_an_address_gets_the_notices_and_a_team_does_not(
    stage: cdk.Stage, owner: str, subscriptions: int
) -> None:
    base = Foundation(stage, dataclasses.replace(DEV, systems=(), owner=owner))
    template = Template.from_stack(NoticesStack(stage, "notices", on=base))
    told = {"Properties": {"Protocol": "email", "Endpoint": owner}}
    assert len(template.find_resources("AWS::SNS::Subscription", told)) == subscriptions


def test_a_system_may_be_somebody_elses(stage: cdk.Stage) -> None:
    other = dataclasses.replace(KNN, owner="plants@example.com")
    base = Foundation(stage, dataclasses.replace(DEV, systems=(other, FRAUD)))
    assert base.tags(other) == {"environment": "dev", "system": "knn", "owner": "plants@example.com"}
    assert base.tags(FRAUD)["owner"] == base.tags()["owner"] == "ml-platform"


@pytest.mark.parametrize("owner", ["", " ", "a\nb", "aws:me", "x" * 129, "who?", "team@", "a@b@c.example"])
def test_an_owner_that_no_tag_can_have_is_refused(owner: str) -> None:
    with pytest.raises(ValueError, match=r"cannot own dev|the owner of dev, is no e-mail address"):
        dataclasses.replace(DEV, owner=owner)
