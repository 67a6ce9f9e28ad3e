"""What an environment has of a system, and the sentences for what it lacks."""

import re

import pytest

from mdlc.client import training
from mdlc.client.aws import Cloud
from mdlc.client.deployed import ENDPOINT, MODEL_GROUP, PIPELINE, Deployed
from mdlc.client.training import Machine, Pipeline
from mdlc.errors import InputError
from mdlc.systems import CENSUS, FRAUD, IMAGES, KNN, System
from tests.mdlc.fake_aws import FakeAws

MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:dev-images"
LEFT_OUT = "cdk deploy 'dev/*' brings it, unless stacks/environments.py leaves it out."


@pytest.fixture
def dev(aws: FakeAws) -> Cloud:
    """An environment with images, served, and with fraud, which is not."""
    aws.stacks |= {
        "dev-whatever": {"ImagesStateMachineArn": MACHINE, "ImagesModelPackageGroupName": "dev-images"},
        "dev-another": {"ImagesEndpointName": "dev-images"},
        "dev-training": {"FraudPipelineName": "dev-fraud"},
        "dev-census": {"CensusStateMachineArn": MACHINE},
    }
    return Cloud()


def test_outputs_are_found_in_whichever_stack(dev: Cloud) -> None:
    images = Deployed(dev, IMAGES, "dev")
    assert (images.need(MODEL_GROUP), images.need(ENDPOINT), images.find(PIPELINE)) == (
        "dev-images",
        "dev-images",
        None,
    )


def test_what_trains_a_system_is_which_output_there_is(dev: Cloud) -> None:
    assert isinstance(training.find(Deployed(dev, IMAGES, "dev")), Machine)
    assert isinstance(training.find(Deployed(dev, FRAUD, "dev")), Pipeline)


@pytest.mark.parametrize(
    ("system", "output", "sentence"),
    [
        (IMAGES, PIPELINE, "images is trained by a state machine: mdlc pipeline status images shows its runs."),
        (CENSUS, ENDPOINT, "census is trained and not served, it has no endpoint: images has."),
        (CENSUS, MODEL_GROUP, "census is trained and not served, it has no model package group: images has."),
        (FRAUD, ENDPOINT, f"fraud has no endpoint in dev in AWS (eu-west-1): {LEFT_OUT}"),
        (KNN, PIPELINE, f"dev in AWS (eu-west-1) has no system knn: it has census, fraud, images; {LEFT_OUT}"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_what_it_lacks_is_named_with_what_there_is(dev: Cloud, system: System, output: str, sentence: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        Deployed(dev, system, "dev").need(output)


def test_a_system_of_ones_own_needs_no_generator(dev: Cloud) -> None:
    churn = System(name="churn", title="Churn", files=("churn.csv",), label="churned")
    with pytest.raises(InputError, match="has no system churn"):
        training.find(Deployed(dev, churn, "dev"))
