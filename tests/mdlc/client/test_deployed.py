"""What an environment has of a system, and the sentences for what it lacks."""

import re
from typing import Any

import pytest

from mdlc.client import predictions, training
from mdlc.client.aws import Cloud
from mdlc.client.deployed import ENDPOINT, MODEL_GROUP, PIPELINE, Deployed
from mdlc.client.training import Machine, Pipeline
from mdlc.errors import InputError
from mdlc.systems import CENSUS, FRAUD, IMAGES, KNN, System
from tests.mdlc.fake_aws import FakeAws, refuse

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
        (CENSUS, ENDPOINT, "census is trained and not served, so it has no endpoint: there is one of images."),
        (
            CENSUS,
            MODEL_GROUP,
            "census is trained and not served, so it has no model package group: there is one of images.",
        ),
        (FRAUD, ENDPOINT, f"fraud has no endpoint in dev in AWS (eu-west-1): {LEFT_OUT}"),
        (KNN, PIPELINE, f"dev in AWS (eu-west-1) has no system knn: it has census, fraud, images; {LEFT_OUT}"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_what_it_lacks_is_named_with_what_there_is(dev: Cloud, system: System, output: str, sentence: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        Deployed(dev, system, "dev").need(output)


def test_own_scripts_without_a_registry_are_not_asked_by_the_api(dev: Cloud, aws: FakeAws) -> None:
    """The client cannot tell from a folder of scripts whether its declaration has `inference`: the outputs can."""
    mine = System(name="mine", title="Mine", files=(), label="", prediction_path="mine/predictions")
    aws.stacks |= {"dev-mine": {"MineStateMachineArn": MACHINE}, "dev-api": {"ApiUrl": "https://api/v1/"}}
    with pytest.raises(InputError, match="mine is trained and not served, so it has no endpoint"):
        predictions.path(Deployed(dev, mine, "dev"))
    aws.stacks["dev-mine"] |= {"MineModelPackageGroupName": "dev-mine", "MineEndpointName": "dev-mine"}
    assert predictions.path(Deployed(Cloud(), mine, "dev")) == "mine/predictions"


def test_a_system_of_ones_own_needs_no_generator(dev: Cloud) -> None:
    churn = System(name="churn", title="Churn", files=("churn.csv",), label="churned")
    with pytest.raises(InputError, match="has no system churn"):
        training.find(Deployed(dev, churn, "dev"))


def test_who_may_not_list_stacks_asks_for_those_of_the_environment(aws: FakeAws) -> None:
    """The rights of people in Studio: cloudformation:DescribeStacks on the stacks of their environment alone."""
    outputs = {"dev-storage": {"DataBucketName": "data"}, "dev-vision": {"ImagesStateMachineArn": MACHINE}}

    def describe(parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters.get("StackName")
        if name is None:
            raise refuse("DescribeStacks", "AccessDenied", "is not authorized to perform: DescribeStacks")
        if name not in outputs:
            raise refuse("DescribeStacks", "ValidationError", f"Stack with id {name} does not exist")
        found = [{"OutputKey": key, "OutputValue": value} for key, value in outputs[name].items()]
        return {"Stacks": [{"StackName": name, "Outputs": found}]}

    aws.answers["DescribeStacks"] = describe
    cloud = Cloud()
    assert cloud.find_output("dev", "DataBucketName") == "data"
    assert isinstance(training.find(Deployed(cloud, IMAGES, "dev")), Machine)
    asked = [parameters.get("StackName") for parameters in aws.called("DescribeStacks")]
    assert len(asked) == len(set(asked)), "each stack is asked for once"
