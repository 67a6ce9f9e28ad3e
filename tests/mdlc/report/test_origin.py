"""What made a model, from what SageMaker says of its training job."""

from datetime import timedelta
from typing import Any

import pytest

from mdlc.client.aws import Cloud
from mdlc.report import origin
from mdlc.report.origin import Origin
from tests.mdlc.fake_aws import NOW, FakeAws
from tests.mdlc.report.documents import ORIGIN

JOB: dict[str, Any] = {
    "TrainingJobName": "train-1",
    "HyperParameters": {"eta": "0.1", "sagemaker_program": '"train.py"'},
    "AlgorithmSpecification": {"TrainingImage": "1.dkr.ecr.eu-west-1.amazonaws.com/tabular@sha256:7f3a"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 30},
    "EnableManagedSpotTraining": True,
    "CreationTime": NOW,
    "TrainingStartTime": NOW + timedelta(seconds=10),
    "TrainingEndTime": NOW + timedelta(seconds=85),
}


def read(aws: FakeAws, job: dict[str, Any]) -> Origin:
    aws.answers["DescribeTrainingJob"] = lambda _: job
    uri = "s3://data/fraud/versions/0123456789abcdef/"
    return origin.read(Cloud(), "train-1", environment="dev", data=uri)


def test_it_is_read_from_the_training_job(aws: FakeAws) -> None:
    found = read(aws, JOB)
    assert aws.called("DescribeTrainingJob") == [{"TrainingJobName": "train-1"}]
    assert found.data == "0123456789abcdef"
    assert found.code == "image tabular, version sha256:7f3a"
    assert found.hyperparameters == {"eta": "0.1"}
    assert found.instances == "2 ml.m5.xlarge, spot"
    assert (found.started, found.ended) == (NOW + timedelta(seconds=10), NOW + timedelta(seconds=85))


@pytest.mark.parametrize(
    ("changes", "instances"),
    [
        ({"EnableManagedSpotTraining": False}, "2 ml.m5.xlarge, on demand"),
        (
            {
                "ResourceConfig": {
                    "InstanceGroups": [
                        {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "InstanceGroupName": "a"},
                        {"InstanceType": "ml.g5.xlarge", "InstanceCount": 3, "InstanceGroupName": "b"},
                    ],
                    "VolumeSizeInGB": 30,
                }
            },
            "1 ml.m5.xlarge and 3 ml.g5.xlarge, spot",
        ),
    ],
)
def test_instances_are_told_apart(aws: FakeAws, changes: dict[str, Any], instances: str) -> None:
    assert read(aws, JOB | changes).instances == instances


def test_every_answer_is_there_for_people() -> None:
    assert dict(ORIGIN.facts) == {
        "data version": "0123456789abcdef",
        "code": "scripts fedcba9876543210; image tabular, version 7f3a",
        "hyperparameters": "eta 0.1, max_depth 2",
        "instances": "2 ml.m5.xlarge, spot",
        "training started": "2026-11-21 12:00:00 UTC",
        "training ended": "2026-11-21 12:01:15 UTC (after 1 min 15 s)",
        "training job": "train-1",
        "environment": "dev",
        "cloud": "AWS (eu-west-1)",
    }


def test_a_job_that_never_began_says_so() -> None:
    facts = dict(Origin(environment="dev", cloud="AWS", data="").facts)
    assert facts["training started"] == facts["data version"] == facts["code"] == "unknown"
    assert facts["hyperparameters"] == "none"
