"""Training on demand and on spot instances: the request, the rights, and what is refused before AWS would."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.capacity import Capacity
from ml_constructs.jobs.job import Instances, JobSettings
from ml_constructs.jobs.training import TrainingJob
from ml_constructs.pipelines import ExecutionVariable, PipelineError
from ml_constructs.pipelines.training import TrainingStep

HOUR = cdk.Duration.hours(1)


@pytest.fixture
def execution(folder: Folder) -> Folder:
    """The folder of one execution."""
    return folder / ExecutionVariable("PipelineExecutionId")


def training(stack: cdk.Stack, settings: JobSettings, folder: Folder, capacity: Capacity) -> dict[str, Any]:
    step = TrainingStep(
        stack,
        "Train",
        job=TrainingJob(
            settings=settings,
            instances=Instances(type="ml.m5.large", limit=HOUR),
            channels={"train": folder},
            hyperparameters={},
            output=folder / "model",
            capacity=capacity,
        ),
    )
    request = step.declaration()["Arguments"]
    assert isinstance(request, dict)
    return request


def test_on_demand_says_nothing_of_spot(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    """AWS refuses MaxWaitTimeInSeconds without EnableManagedSpotTraining."""
    request = training(stack, settings, folder, Capacity())
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    assert not {"EnableManagedSpotTraining", "CheckpointConfig"} & request.keys()
    assert "s3:DeleteObject" not in json.dumps(Template.from_stack(stack).to_json())


def test_a_spot_job_waits_and_goes_on(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, execution: Folder
) -> None:
    capacity = Capacity.waiting(cdk.Duration.minutes(30), HOUR, execution / "checkpoints")
    request = training(stack, settings, folder, capacity)
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 5400}
    values = ["s3://data", "fraud", "versions", {"Get": "Execution.PipelineExecutionId"}, "checkpoints", "Train"]
    assert request["CheckpointConfig"] == {"S3Uri": {"Std:Join": {"On": "/", "Values": values}}}
    assert capacity.longest(HOUR).to_seconds() == 5400


def test_on_demand_keeps_checkpoints_too(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, execution: Folder
) -> None:
    capacity = Capacity.waiting(None, HOUR, execution)
    request = training(stack, settings, folder, capacity)
    assert "CheckpointConfig" in request
    assert "EnableManagedSpotTraining" not in request
    assert capacity.longest(HOUR) is HOUR


def test_the_job_reads_writes_and_deletes_its_checkpoints_alone(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, execution: Folder
) -> None:
    training(stack, settings, folder, Capacity(checkpoints=execution / "checkpoints"))
    own = "arn:aws:s3:::data/fraud/versions/*/checkpoints/Train/*"
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    allowed: dict[str, set[str]] = {}
    for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
        actions = statement["Action"]
        for action in actions if isinstance(actions, list) else [actions]:
            resources = statement["Resource"]
            allowed.setdefault(action, set()).update(resources if isinstance(resources, list) else [str(resources)])
    assert allowed["s3:DeleteObject"] == {own}
    assert own in allowed["s3:GetObject"]
    assert own in allowed["s3:PutObject"]


def test_a_job_that_may_wait_less_than_it_may_run(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, execution: Folder
) -> None:
    with pytest.raises(PipelineError, match="Train may run for 3600 s but wait and run for only 3599 s"):
        training(stack, settings, folder, Capacity(checkpoints=execution, max_wait=cdk.Duration.seconds(3599)))


def test_checkpoints_that_all_executions_would_share(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    with pytest.raises(PipelineError, match=r"Train would keep its checkpoints in s3://data/.*, in every execution"):
        training(stack, settings, folder, Capacity(checkpoints=folder / "checkpoints"))
