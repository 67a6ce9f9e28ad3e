"""What a function asks of AWS in a test is held against AWS's service models."""

import boto3
import pytest

from tests.lambda_.stub import answered_with


class Jobs:
    def describe_training_job(self, **members: str) -> dict[str, str]:
        return members


@pytest.mark.usefixtures("aws")
def test_a_name_that_sagemaker_does_not_take_is_found() -> None:
    client = answered_with(boto3.client("sagemaker"), Jobs())
    assert client.describe_training_job(TrainingJobName="job")["TrainingJobName"] == "job"
    with pytest.raises(AssertionError, match="regular expression pattern"):
        client.describe_training_job(TrainingJobName="two words")
