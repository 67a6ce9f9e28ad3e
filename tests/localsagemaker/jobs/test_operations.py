"""Jobs as the operations show them; what they do is tested with `jobs`."""

import threading
import time
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.jobs.kinds import PROCESSING_JOB, TRAINING_JOB
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ROLE, SCOPE, Call, FakeHost, FakeImages, Run, exits

CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}


def processing(name: str = "j") -> dict[str, Any]:
    return {
        "ProcessingJobName": name,
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": "image"},
        "ProcessingResources": {"ClusterConfig": CLUSTER},
    }


def training(name: str = "t") -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
        "ResourceConfig": CLUSTER,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def test_a_job_runs_and_tells_its_states(call: Call, sagemaker: SageMaker, images: FakeImages, host: FakeHost) -> None:
    images.programs["image"] = exits(0)
    arn = call("CreateProcessingJob", **processing())["ProcessingJobArn"]
    assert arn == "arn:aws:sagemaker:eu-west-1:111111111111:processing-job/j"
    record = sagemaker.wait_for_job(PROCESSING_JOB, SCOPE, "j")
    assert record["ProcessingJobStatus"] == "Completed"
    shown = call("DescribeProcessingJob", ProcessingJobName="j")
    assert shown["ProcessingEndTime"] >= shown["ProcessingStartTime"] >= shown["CreationTime"]
    told = [detail for kind, detail, _ in host.events if kind == "SageMaker Processing Job State Change"]
    assert [detail["ProcessingJobStatus"] for detail in told] == ["InProgress", "Completed"]
    assert told[0]["CreationTime"] == int(shown["CreationTime"].timestamp() * 1000)


def test_training_tells_its_secondary_states(
    call: Call, sagemaker: SageMaker, images: FakeImages, host: FakeHost
) -> None:
    images.programs["image"] = exits(0)
    call("CreateTrainingJob", **training())
    sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    told = [detail for kind, detail, _ in host.events if kind == "SageMaker Training Job State Change"]
    states = [detail["SecondaryStatus"] for detail in told]
    assert states == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    shown = call("DescribeTrainingJob", TrainingJobName="t")
    assert shown["ModelArtifacts"] == {"S3ModelArtifacts": "s3://b/models/t/output/model.tar.gz"}


def test_a_failed_job_says_why(call: Call, sagemaker: SageMaker, images: FakeImages, host: FakeHost) -> None:
    def program(run: Run) -> int:
        (run.base_dir / "output" / "message").write_text("customers.csv is empty")
        return 1

    images.programs["image"] = program
    call("CreateProcessingJob", **processing())
    record = sagemaker.wait_for_job(PROCESSING_JOB, SCOPE, "j")
    assert record["ProcessingJobStatus"] == "Failed"
    assert record["FailureReason"].startswith("AlgorithmError: customers.csv is empty")
    assert host.events[-1][1]["FailureReason"] == record["FailureReason"]
    listed = call("ListProcessingJobs", StatusEquals="Failed")["ProcessingJobSummaries"]
    assert [each["ProcessingJobName"] for each in listed] == ["j"]
    assert call("ListProcessingJobs", StatusEquals="Completed")["ProcessingJobSummaries"] == []


def test_a_job_is_stopped_and_then_deleted(call: Call, sagemaker: SageMaker, images: FakeImages) -> None:
    running = threading.Event()

    def program(run: Run) -> int:
        running.set()
        return int(not run.stop.wait(10))

    images.programs["image"] = program
    call("CreateProcessingJob", **processing())
    assert running.wait(5)
    with pytest.raises(ServiceError, match="is InProgress and cannot be deleted"):
        call("DeleteProcessingJob", ProcessingJobName="j")
    call("StopProcessingJob", ProcessingJobName="j")
    assert sagemaker.wait_for_job(PROCESSING_JOB, SCOPE, "j")["ProcessingJobStatus"] == "Stopped"
    with pytest.raises(ServiceError, match="in status Stopped"):
        call("StopProcessingJob", ProcessingJobName="j")
    call("DeleteProcessingJob", ProcessingJobName="j")
    with pytest.raises(ServiceError, match=r"^Could not find requested job with name: j$") as missing:
        call("DescribeProcessingJob", ProcessingJobName="j")
    assert missing.value.code == "ValidationException"


def test_names_are_unique(call: Call, images: FakeImages) -> None:
    """Words of the training job's, aws/amazon-sagemaker-examples#3108."""
    images.programs["image"] = exits(0)
    call("CreateProcessingJob", **processing())
    with pytest.raises(ServiceError, match=r"^Processing job names must be unique within an AWS ac") as refused:
        call("CreateProcessingJob", **processing())
    assert refused.value.code == "ResourceInUse"


def test_a_job_takes_a_hundred_arguments(call: Call, images: FakeImages) -> None:
    """API reference of AppSpecification: ContainerArguments has 1 to 100 members."""
    images.programs["image"] = exits(0)
    specification = {"ImageUri": "image", "ContainerArguments": ["--p", "1"] * 50}
    call("CreateProcessingJob", **{**processing(), "AppSpecification": specification})
    specification = {**specification, "ContainerArguments": ["--p", "1"] * 51}
    with pytest.raises(ServiceError, match="Member must have length less than or equal to 100") as refused:
        call("CreateProcessingJob", **{**processing("k"), "AppSpecification": specification})
    assert refused.value.code == "ValidationException"


def test_refuses_a_role_that_cannot_be_assumed(call: Call, images: FakeImages, host: FakeHost) -> None:
    images.programs["image"] = exits(0)
    host.roles.clear()
    with pytest.raises(ServiceError, match="Could not assume role"):
        call("CreateTrainingJob", **training())
    assert call("ListTrainingJobs")["TrainingJobSummaries"] == []


def test_refuses_to_train_on_no_instance(call: Call, images: FakeImages) -> None:
    images.programs["image"] = exits(0)
    request = training()
    request["ResourceConfig"] = {**request["ResourceConfig"], "InstanceCount": 0}
    with pytest.raises(ServiceError, match="needs an InstanceCount of 1 or more") as refused:
        call("CreateTrainingJob", **request)
    assert refused.value.code == "ValidationException"


def test_closing_ends_what_runs(call: Call, sagemaker: SageMaker, images: FakeImages) -> None:
    running = threading.Event()

    def program(run: Run) -> int:
        running.set()
        return int(not run.stop.wait(10))

    images.programs["image"] = program
    call("CreateProcessingJob", **processing())
    assert running.wait(5)
    begun = time.monotonic()
    sagemaker.close()
    assert time.monotonic() - begun < 5
    assert call("DescribeProcessingJob", ProcessingJobName="j")["ProcessingJobStatus"] == "Stopped"


def test_a_warm_pool_has_ended_with_its_job(call: Call, sagemaker: SageMaker, images: FakeImages) -> None:
    """Source: API reference of SageMaker, "WarmPoolStatus": Terminated is one that is available no more."""
    images.programs["image"] = exits(0)
    call("CreateTrainingJob", **training() | {"ResourceConfig": CLUSTER | {"KeepAlivePeriodInSeconds": 600}})
    sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    told = call("DescribeTrainingJob", TrainingJobName="t")["WarmPoolStatus"]
    assert told == {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 0}


@pytest.mark.parametrize(
    ("keys", "words"),
    [(["aws:x"], "aws:"), (["x", "x"], "[Dd]uplicate")],
)
def test_a_key_of_tags_is_ones_own_and_there_once(call: Call, images: FakeImages, keys: list[str], words: str) -> None:
    """Source: API reference of SageMaker, "Tag" and "AddTags": the prefix aws: is reserved; keys are unique."""
    images.programs["image"] = exits(0)
    with pytest.raises(ServiceError, match=words) as refused:
        call("CreateTrainingJob", **training(), Tags=[{"Key": key, "Value": "1"} for key in keys])
    assert refused.value.code == "ValidationException"
