"""What the local SageMaker does not have is refused by name, and a notebook shows the sentence."""

from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError
from sagemaker.core.resources import Cluster, FeatureGroup, HyperParameterTuningJob, TransformJob
from sagemaker.core.shapes import FeatureValue


def update_record() -> object:
    values = [FeatureValue(feature_name="city_code", value_as_string="1")]
    return FeatureGroup.get("dev-customers").update_record(record_identifier_value_as_string="1", features=values)


@pytest.mark.parametrize(
    ("ask", "operation"),
    [
        (lambda: list(Cluster.get_all()), "ListClusters"),
        (lambda: list(TransformJob.get_all()), "ListTransformJobs"),
        (lambda: list(HyperParameterTuningJob.get_all()), "ListHyperParameterTuningJobs"),
        (lambda: boto3.client("sagemaker").list_experiments(), "ListExperiments"),
        (update_record, "UpdateRecord"),
    ],
    ids=["clusters", "batch transform", "tuning", "experiments", "partial update of a record"],
)
def test_an_operation_that_is_not_there_is_named(ask: Callable[[], object], operation: str) -> None:
    with pytest.raises(ClientError, match=f"{operation} is not provided by the local") as refused:
        ask()
    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"


def test_a_search_of_what_is_not_searched_says_so() -> None:
    with pytest.raises(ClientError, match="The local cloud does not search TrainingJob") as refused:
        boto3.client("sagemaker").search(Resource="TrainingJob")
    assert refused.value.response["Error"]["Code"] == "ValidationException"
