"""Labeling of an environment: what of its settings is refused, and who has it."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from app import build, target_of
from ml_rules.catalogue import findings
from ml_rules.templates import Templates
from stacks.labeling_settings import Labeling, Reviews
from stacks.settings import USUAL, Environment, Feature
from tests.environments import DEV


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"workteams": ()}, "Nobody labels without a team"),
        ({"workteams": ("our team",)}, "'our team' cannot name a team"),
        ({"workteams": ("leads",)}, "leads is the group of those who lead jobs"),
        ({"workteams": ("birds", "birds")}, "birds is named twice"),
        ({"inputs": ("s3://data/images",)}, "cannot be a folder of the data bucket"),
        ({"inputs": ("labeling/birds",)}, "leave it out of the inputs"),
        ({"functions": ("before",)}, "'before' cannot be a function: give its ARN"),
        ({"template_hosts": ("https://cdn.example.com",)}, "cannot be a host of templates"),
        ({"streams": ("Birds",)}, "'Birds' cannot name a stream"),
        ({"streams": ("birds", "birds")}, "birds is named twice"),
        ({"idle_days": 0}, "a day at least"),
        ({"patience_minutes": 0}, "a minute at least"),
    ],
)
def test_settings_that_no_job_could_be_made_with_are_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        Labeling(**settings)


def test_streams_keep_every_rule_in_a_closed_network(tmp_path: Path, cdk_context: dict[str, Any]) -> None:
    """Endpoints are there for what the functions call, topics are named as requests name them."""
    features = frozenset({Feature.LABELING})
    own = replace(DEV, systems=(), features=features, labeling=Labeling(streams=("birds", "night-birds")))
    stacks = build(App(outdir=str(tmp_path), context=cdk_context), [own]).synth().get_nested_assembly("assembly-dev")
    found = {stack.stack_name: stack.template for stack in stacks.stacks}
    others = ("Portal", "ReviewsNews", "Workforce")  # whose findings are acknowledged beside their causes
    wrong = list(findings(Templates(found, [target_of(own)])))
    assert [str(each) for each in wrong if not each.resource.logical_id.startswith(others)] == []
    resources = [each for template in found.values() for each in template["Resources"].values()]
    topics = [each["Properties"].get("TopicName") for each in resources if each["Type"] == "AWS::SNS::Topic"]
    named = {f"dev-{name}-{way}" for name in ("birds", "night-birds") for way in ("input", "output")}
    assert named <= {*topics}
    services = [each["Properties"]["ServiceName"] for each in resources if each["Type"] == "AWS::EC2::VPCEndpoint"]
    assert {"com.amazonaws.eu-west-1.sns", "com.amazonaws.eu-west-1.sqs"} <= {str(each) for each in services}
    (data,) = [
        each["Properties"]
        for name, each in found["dev-storage"]["Resources"].items()
        if each["Type"] == "AWS::S3::Bucket" and name.startswith("Data")
    ]
    assert data["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"below": 1.1}, "below of the reviews is 1.1"),
        ({"share": -0.1}, "share of the reviews is -0.1"),
        ({"a_day": 5_001}, "5001 reviews a day are impossible: give 0 to 5,000"),
        ({"classes": (" ",)}, "' ' cannot be a class of the reviews"),
    ],
)
def test_reviews_that_nobody_could_do_are_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Reviews(**settings)


def test_predictions_are_reviewed_where_people_label_and_an_api_answers_about_pictures() -> None:
    assert [system.name for system in DEV.reviewed] == ["images"]
    assert replace(DEV, features=DEV.features - {Feature.LABELING}).reviewed == ()
    assert replace(DEV, features=DEV.features - {Feature.API}).reviewed == ()
    assert replace(DEV, labeling=Labeling(reviews=None)).reviewed == ()


def test_an_environment_that_says_nothing_has_no_labeling() -> None:
    (features,) = (each.default for each in fields(Environment) if each.name == "features")
    assert features == USUAL
    assert Feature.LABELING not in USUAL
