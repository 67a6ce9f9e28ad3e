"""What an execution may ask for of its model's deployment, read as the service reads it."""

import pytest

from localsagemaker.pipelines.parameters import Parameter
from ml_constructs.pipelines import PipelineError
from ml_constructs.pipelines.deployment import Deployment


def count() -> Parameter:
    _, declared = Deployment(instance_type="ml.m5.large", instance_count=2, maximum=3).parameters
    return Parameter.of(declared.declaration())


@pytest.mark.parametrize("given", ["1", "2", "3"])
def test_a_count_up_to_the_maximum_is_taken(given: str) -> None:
    assert count().parse(given) == given


@pytest.mark.parametrize("given", ["0", "-1", "4", "two"])
def test_every_other_count_is_refused_before_the_execution_starts(given: str) -> None:
    with pytest.raises(ValueError, match=f"parameter DeployInstanceCount is '{given}': it must be one of 1, 2, 3"):
        count().parse(given)


def test_an_empty_count_is_too_short() -> None:
    """The service's own words: aws/sagemaker-python-sdk#4016."""
    with pytest.raises(ValueError, match=r"is too short \(length: 0, required minimum: 1\)"):
        count().parse("")


def test_a_default_over_the_maximum_is_refused() -> None:
    with pytest.raises(PipelineError, match="DeployInstanceCount defaults to '4', which it does not allow"):
        Deployment(instance_type="ml.m5.large", instance_count=4, maximum=3)
