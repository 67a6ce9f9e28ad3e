import boto3
import pytest

from rollout.cloud import Cloud
from rollout.settings import Settings
from tests.lambda_.serving.rollout.world import ENDPOINT, GROUP, World
from tests.lambda_.stub import answered_by


@pytest.fixture
def variables() -> dict[str, str]:
    return {
        "ENDPOINT_NAME": ENDPOINT,
        "MODEL_PACKAGE_GROUP_NAME": GROUP,
        "MODEL_ROLE_ARN": "arn:aws:iam::111122223333:role/dev-fraud-model",
        "VARIANT_NAME": "AllTraffic",
        "ALARM_NAMES": "dev-fraud-5xx, dev-fraud-latency",
        "CANARY_PERCENT": "25",
        "CANARY_WAIT_SECONDS": "300",
        "TERMINATION_WAIT_SECONDS": "600",
        "SUBNET_IDS": "subnet-0a1b2c3d,subnet-4e5f6a7b",
        "SECURITY_GROUP_IDS": "sg-0a1b2c3d",
        "KMS_KEY_ARN": "arn:aws:kms:eu-west-1:111122223333:key/00000000-1111-2222-3333-444444444444",
        "LOCAL_STORAGE_FAMILIES": "g4dn,g5",
        "INSTANCE_TYPE": "ml.m5.large",
        "INSTANCE_COUNT": "2",
        "MIN_CAPACITY": "2",
        "MAX_CAPACITY": "6",
        "INVOCATIONS_PER_INSTANCE": "750",
    }


@pytest.fixture
def settings(variables: dict[str, str]) -> Settings:
    return Settings.of_environment(variables)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def cloud(settings: Settings, world: World, aws: None) -> Cloud:  # noqa: ARG001 - the region and keys of the clients
    """The real adapter on real botocore clients: requests are validated and serialized, answers are parsed."""
    sagemaker = answered_by(boto3.client("sagemaker"), world.call)
    autoscaling = answered_by(boto3.client("application-autoscaling"), world.call)
    return Cloud(settings, sagemaker, autoscaling)
