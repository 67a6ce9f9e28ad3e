import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from localcloud.console import Running
from localcloud.lifecycle import LocalCloud
from mdlc.client.aws import Cloud
from mdlc.client.executions import Execution, Step
from mdlc.errors import CommandError
from mdlc.report import data, resources
from mdlc.report.resources import Place, Resource
from mdlc.systems import FRAUD
from tests.mdlc.fake_aws import NOW, FakeAws, refuse

JOBS = "arn:aws:sagemaker:eu-west-1:111111111111"
ENDPOINT = "http://127.0.0.1:4566"


def step(name: str, kind: str, resource: str, status: str = "Succeeded") -> Step:
    return Step(name, kind, status, NOW, NOW + timedelta(seconds=1), "", {"Arn": f"{JOBS}:{resource}"})


EXECUTION = Execution(
    f"{JOBS}:pipeline/dev-fraud/execution/e1", "dev-fraud", "Succeeded", "", NOW, NOW,
    {"NumRound": "7", "InputDataUri": "s3://data/fraud/versions/0123456789abcdef/"},
    (
        step("Train", "TrainingJob", "training-job/train-1"),
        step("Evaluate", "ProcessingJob", "processing-job/evaluate-1"),
        step("Bias", "ProcessingJob", "processing-job/bias-1", "Failed"),
        step("Register", "RegisterModel", "model-package/dev-fraud/2"),
    ),
)  # fmt: skip
EVALUATION = {"classification_metrics": {"roc_auc": {"value": 0.8}}}


@pytest.fixture
def cloud(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    def job(parameters: dict[str, Any]) -> dict[str, Any]:
        assert parameters["ProcessingJobName"] == "evaluate-1"
        outputs = [
            {"OutputName": "evaluation", "S3Output": {"S3Uri": "s3://artifacts/e1/evaluation/"}},
            {"OutputName": "scratch", "S3Output": {"S3Uri": "s3://artifacts/e1/scratch"}},
        ]
        return {"ProcessingOutputConfig": {"Outputs": outputs}}

    def logs(parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters["logGroupName"].endswith("Endpoints/dev-fraud"):
            raise refuse("FilterLogEvents", "ResourceNotFoundException", "no such group")
        return {"events": [{"message": "container: process on CPython 3.11"}, {"message": "the container: not this"}]}

    definition = {
        "Parameters": [{"Name": "NumRound", "DefaultValue": 300}, {"Name": "RocAucThreshold", "DefaultValue": 0.7}],
        "Steps": [{"Name": "Train", "Type": "Training"}],
    }
    package = {
        "ModelPackageArn": f"{JOBS}:model-package/dev-fraud/2",
        "ModelPackageVersion": 2,
        "ModelApprovalStatus": "Approved",
        "CreationTime": NOW,
    }
    aws.stacks |= {
        "dev-training": {"FraudModelPackageGroupName": "dev-fraud"},
        "dev-serving": {"FraudEndpointName": "dev-fraud"},
    }
    aws.objects["artifacts/e1/evaluation/evaluation.json"] = json.dumps(EVALUATION).encode()
    aws.answers |= {
        "DescribeTrainingJob": lambda _: {"TrainingJobName": "train-1", "HyperParameters": {"num_round": "7"}},
        "DescribeProcessingJob": job,
        "FilterLogEvents": logs,
        "DescribePipelineDefinitionForExecution": lambda _: {"PipelineDefinition": json.dumps(definition)},
        "ListModelPackages": lambda _: {"ModelPackageSummaryList": [{"ModelPackageArn": package["ModelPackageArn"]}]},
        "DescribeModelPackage": lambda _: package,
        "ListEndpointConfigs": lambda _: {"EndpointConfigs": []},
        "ListStackResources": lambda parameters: {
            "StackResourceSummaries": [
                {"LogicalResourceId": f"In{parameters['StackName']}", "ResourceType": "AWS::S3::Bucket"}
            ]
        },
    }
    monkeypatch.setattr(LocalCloud, "status", lambda _: None)
    return aws


def all_stacks(cloud: FakeAws) -> None:
    cloud.stacks |= {"prod-training": {}, "CDKToolkit": {}}


def test_on_aws_the_report_reads_what_the_jobs_wrote(cloud: FakeAws) -> None:
    all_stacks(cloud)
    report = data.read(Cloud(), FRAUD, "dev", EXECUTION)
    assert report.evaluation == EVALUATION
    assert (report.bias, report.explanations) == (None, None)
    assert report.metrics == {"roc_auc": 0.8}
    assert report.parameters == {**EXECUTION.parameters, "RocAucThreshold": "0.7"}
    assert report.model is not None
    assert report.model.version == 2
    assert report.place.resources == [
        Resource(stack, f"In{stack}", "AWS::S3::Bucket", "created") for stack in ("dev-training", "dev-serving")
    ]
    assert report.engines == {}
    assert report.place.description == "AWS (eu-west-1)"
    assert report.origin is not None
    assert (report.origin.job, report.origin.data) == ("train-1", "0123456789abcdef")
    assert report.origin.hyperparameters == {"num_round": "7"}


def test_an_execution_that_failed_before_training_made_no_model(cloud: FakeAws) -> None:
    all_stacks(cloud)
    without = replace(EXECUTION, steps=EXECUTION.steps[1:])
    assert data.read(Cloud(), FRAUD, "dev", without).origin is None
    assert cloud.called("DescribeTrainingJob") == []


def test_in_the_local_cloud_it_says_what_the_images_ran_on_and_what_was_not_created(
    cloud: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [
        {
            "stack": "dev-network",
            "logical_id": "Vpc",
            "type": "AWS::EC2::VPC",
            "status": "recorded",
            "reason": "why",
            "properties": [],
        },
        {
            "stack": "prod-network",
            "logical_id": "Vpc",
            "type": "AWS::EC2::VPC",
            "status": "created",
            "reason": "",
            "properties": [],
        },
    ]
    running = Running(1, 0.0, 4566, "111111111111", "eu-west-1", "secret")
    monkeypatch.setattr(LocalCloud, "status", lambda _: running)
    monkeypatch.setattr(LocalCloud, "resources", lambda _: entries)
    report = data.read(Cloud({"AWS_ENDPOINT_URL": ENDPOINT}), FRAUD, "dev", EXECUTION)
    assert report.place.resources == [Resource("dev-network", "Vpc", "AWS::EC2::VPC", "recorded", "why")]
    ran_on = "process on CPython 3.11"
    assert report.engines == {"Train": ran_on, "Evaluate": ran_on, "Bias": ran_on}
    assert ENDPOINT in report.place.description
    assert cloud.called("FilterLogEvents")[0]["logStreamNamePrefix"] == "train-1/"


def test_a_fate_that_is_none_of_the_three_is_refused(cloud: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {
        "stack": "dev-x",
        "logical_id": "Vpc",
        "type": "AWS::EC2::VPC",
        "status": "maybe",
        "reason": "",
        "properties": [],
    }
    running = Running(1, 0.0, 4566, "111111111111", "eu-west-1", "secret")
    monkeypatch.setattr(LocalCloud, "status", lambda _: running)
    monkeypatch.setattr(LocalCloud, "resources", lambda _: [entry])
    with pytest.raises(CommandError, match="says of Vpc that it is 'maybe'"):
        data.read(Cloud({"AWS_ENDPOINT_URL": ENDPOINT}), FRAUD, "dev", EXECUTION)
    assert cloud.called("DescribeProcessingJob")


def test_an_environment_without_serving_has_a_report_too(cloud: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    del cloud.stacks["dev-serving"]
    monkeypatch.setattr(resources, "find", lambda *_: Place("AWS"))
    made = data.read(Cloud(), FRAUD, "dev", EXECUTION)
    assert made.model is not None
    assert (made.model.version, made.model.rollout.state) == (2, "none")
