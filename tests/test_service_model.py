"""The check that tests put on requests: it finds what a client of AWS would let pass."""

from typing import Any

import pytest

from tests.service_model import example, input_shape, refusal

JOB = {"TrainingJobName": "job"}


def test_a_valid_request_is_not_refused() -> None:
    assert not refusal("sagemaker", "DescribeTrainingJob", JOB)
    assert not refusal("dynamodb", "GetItem", {"TableName": "runs", "Key": {"Key": {"S": "experiment/census"}}})


@pytest.mark.parametrize(
    ("operation", "parameters", "sentence"),
    [
        ("DescribeTrainingJob", {}, "Member must not be null"),
        ("DescribeTrainingJob", {"TrainingJobname": "job"}, "Unknown parameter"),
        ("DescribeTrainingJob", {"TrainingJobName": 7}, "Invalid type"),
        ("DescribeTrainingJob", {"TrainingJobName": "two words"}, "regular expression"),
        ("ListTrainingJobs", {"SortOrder": "Upwards"}, "enum"),
        ("ListTrainingJobs", {"MaxResults": 1000}, "less than or equal to 100"),
        ("StartTrainingJob", JOB, "has no operation"),
    ],
)
def test_a_request_that_the_service_would_refuse_is_found(
    operation: str, parameters: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal("sagemaker", operation, parameters)


@pytest.mark.parametrize("operation", ["CreateProcessingJob", "CreateTransformJob", "CreateModelPackage"])
def test_examples_are_valid(operation: str) -> None:
    assert not refusal("sagemaker", operation, example(input_shape("sagemaker", operation)))
