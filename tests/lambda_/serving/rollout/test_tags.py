"""What the roll-out makes bears the tags by which costs are told apart."""

import json

import boto3
import pytest

from rollout import handler
from rollout.cloud import Cloud
from rollout.settings import Settings
from tests.lambda_.serving.rollout.world import ACCOUNT, World
from tests.lambda_.stub import answered_by

TAGS = {"environment": "dev", "system": "fraud", "owner": "ml-platform"}
LISTED = [{"Key": name, "Value": value} for name, value in TAGS.items()]


@pytest.mark.usefixtures("aws")
def test_model_configuration_and_endpoint_have_them_also_an_endpoint_of_before(
    variables: dict[str, str], world: World
) -> None:
    settings = Settings.of_environment(variables | {"TAGS": json.dumps(TAGS)})
    sagemaker = answered_by(boto3.client("sagemaker"), world.call)
    cloud = Cloud(settings, sagemaker, answered_by(boto3.client("application-autoscaling"), world.call))
    world.register(1)
    world.review(1, "Approved")
    handler.react(world.events[-1], settings, cloud, lambda: True)
    for operation in ("CreateModel", "CreateEndpoint"):
        assert world.requests(operation)[0]["Tags"] == LISTED
    assert world.requests("CreateEndpointConfig")[0]["Tags"][:3] == LISTED
    world.settle()
    handler.react(world.events[-1], settings, cloud, lambda: True)
    assert {"ResourceArn": f"{ACCOUNT}:endpoint/dev-fraud", "Tags": LISTED} in world.requests("AddTags")
