"""Requests on both sides of an account's quotas, and of what SageMaker has instances for."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from account.quotas import Profile
from localcloud.service_quotas import ServiceQuotas, code
from localsagemaker.errors import ServiceError
from localsagemaker.jobs.kinds import TRAINING_JOB
from localsagemaker.quotas import GRANT_S, Quotas
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, ROLE, SCOPE, Call, FakeHost, FakeImages, Run, exits
from tests.localsagemaker.studio.bench import DOMAIN

KEY = "arn:aws:kms:eu-west-1:111111111111:key/1"


def cluster(instance_type: str = "ml.m5.xlarge", count: int = 1, **members: Any) -> dict[str, Any]:
    return {"InstanceType": instance_type, "InstanceCount": count, "VolumeSizeInGB": 1, **members}


def processing(name: str = "j", **members: Any) -> dict[str, Any]:
    return {
        "ProcessingJobName": name,
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": "image"},
        "ProcessingResources": {"ClusterConfig": cluster(**members)},
    }


def training(name: str = "t", *, spot: bool = False, **members: Any) -> dict[str, Any]:
    wait = {"EnableManagedSpotTraining": True} if spot else {}
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
        "ResourceConfig": cluster(**members),
        "StoppingCondition": {"MaxRuntimeInSeconds": 60, **({"MaxWaitTimeInSeconds": 60} if spot else {})},
        **wait,
    }


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quotas(clock: Clock) -> Quotas:
    return Quotas(Profile.NEW, clock=clock)


@pytest.fixture
def service(host: FakeHost, images: FakeImages, tmp_path: Path, quotas: Quotas) -> Iterator[SageMaker]:
    """SageMaker in a new account."""
    made = SageMaker(host, images, tmp_path / "new", 1000.0, quotas)  # type: ignore[arg-type] # a fake of it
    yield made
    made.close()
    shutil.rmtree(tmp_path / "new", ignore_errors=True)


@pytest.fixture
def new(service: SageMaker) -> Call:
    return lambda operation, **parameters: service.call(operation, parameters, ADMIN)


@pytest.fixture
def ask(host: FakeHost, quotas: Quotas, clock: Clock) -> Callable[[str, float], None]:
    """Have a quota of the account raised."""
    api = ServiceQuotas(host, quotas)

    def increase(name: str, value: float) -> None:
        given = {"ServiceCode": "sagemaker", "QuotaCode": code(name), "DesiredValue": value}
        api.call("RequestServiceQuotaIncrease", given, ADMIN)
        clock.now += GRANT_S

    return increase


def refusal(call: Call, operation: str, **parameters: Any) -> str:
    with pytest.raises(ServiceError) as refused:
        call(operation, **parameters)
    return f"{refused.value.code}: {refused.value}"


def test_a_new_account_has_no_instance_and_says_so_as_aws_does(new: Call) -> None:
    # the words: github:aws/amazon-sagemaker-feedback#157, and errors of CreateTrainingJob that others quote
    assert refusal(new, "CreateTrainingJob", **training()) == (
        "ResourceLimitExceeded: The account-level service limit 'ml.m5.xlarge for training job usage' is 0 Instances,"
        " with current utilization of 0 Instances and a request delta of 1 Instances. Please use AWS Service Quotas to"
        " request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an"
        " increase for this quota."
    )
    assert "'ml.m5.xlarge for spot training job usage' is 0" in refusal(new, "CreateTrainingJob", **training(spot=True))
    assert "'ml.m5.xlarge for processing job usage' is 0" in refusal(new, "CreateProcessingJob", **processing())
    assert new("ListTrainingJobs")["TrainingJobSummaries"] == []


def test_what_runs_counts_and_what_has_ended_does_not(
    new: Call, service: SageMaker, images: FakeImages, ask: Callable[[str, float], None]
) -> None:
    release = threading.Event()

    def program(run: Run) -> int:
        while not release.wait(0.01):
            if run.stop.is_set():
                return 1
        return 0

    images.programs["image"] = program
    ask("ml.m5.xlarge for training job usage", 2)
    new("CreateTrainingJob", **training("one"))
    said = refusal(new, "CreateTrainingJob", **training("two", count=2))
    assert "is 2 Instances, with current utilization of 1 Instances and a request delta of 2 Instances" in said
    new("CreateTrainingJob", **training("three"))
    release.set()
    for name in ("one", "three"):
        service.wait_for_job(TRAINING_JOB, SCOPE, name)
    new("CreateTrainingJob", **training("two", count=2))
    service.wait_for_job(TRAINING_JOB, SCOPE, "two")


def test_all_jobs_together_have_a_quota_too(new: Call, images: FakeImages, ask: Callable[[str, float], None]) -> None:
    images.programs["image"] = exits(0)
    ask("ml.m5.xlarge for processing job usage", 20)
    said = refusal(new, "CreateProcessingJob", **processing(count=5))
    assert "'Number of instances across all processing jobs' is 4 Instances" in said
    new("CreateProcessingJob", **processing(count=4))


def test_an_endpoint_and_its_update_need_instances(
    new: Call, host: FakeHost, images: FakeImages, ask: Callable[[str, float], None]
) -> None:
    images.programs["image"] = exits(1)
    del host
    new("CreateModel", ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    new("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[variant])
    wanted = {"EndpointName": "e", "EndpointConfigName": "c"}
    said = refusal(new, "CreateEndpoint", **wanted)
    assert "'ml.m5.large for endpoint usage' is 0 Instances" in said
    assert "a request delta of 2 Instances" in said
    ask("ml.m5.large for endpoint usage", 2)
    new("CreateEndpoint", **wanted)


def test_a_notebook_instance_is_refused_and_taken(new: Call, ask: Callable[[str, float], None]) -> None:
    wanted = {"NotebookInstanceName": "lab", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
    said = refusal(new, "CreateNotebookInstance", **wanted)
    assert "'ml.t3.medium for notebook instance usage' is 0 Instances" in said
    ask("ml.t3.medium for notebook instance usage", 1)
    new("CreateNotebookInstance", **wanted)
    assert "utilization of 1 Instances" in refusal(
        new, "CreateNotebookInstance", **{**wanted, "NotebookInstanceName": "lab2"}
    )


def test_a_region_has_one_domain(new: Call) -> None:
    # github:aws/amazon-sagemaker-examples#1564
    new("CreateDomain", **DOMAIN)
    said = refusal(new, "CreateDomain", **{**DOMAIN, "DomainName": "second"})
    assert (
        "'Total domains' is 1 Domains, with current utilization of 1 Domains and a request delta of 1 Domains" in said
    )


def test_an_established_account_is_not_limited(call: Call, images: FakeImages) -> None:
    images.programs["image"] = exits(0)
    call("CreateTrainingJob", **training(count=5))


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("CreateTrainingJob", lambda name: training(instance_type=name, VolumeKmsKeyId=KEY)),
        ("CreateProcessingJob", lambda name: processing(instance_type=name, VolumeKmsKeyId=KEY)),
    ],
)
def test_a_key_for_volumes_is_for_instances_that_have_volumes(
    call: Call, images: FakeImages, operation: str, parameters: Callable[[str], dict[str, Any]]
) -> None:
    # SageMaker API, ResourceConfig and ProcessingClusterConfig, VolumeKmsKeyId
    images.programs["image"] = exits(0)
    assert refusal(call, operation, **parameters("ml.g4dn.xlarge")) == (
        "ValidationException: You can't request a VolumeKmsKeyId when using an instance type with local storage:"
        " ml.g4dn.xlarge."
    )
    call(operation, **parameters("ml.p3.2xlarge"))  # a GPU, and an EBS volume


def test_instances_with_local_storage_take_jobs_without_a_key(call: Call, images: FakeImages) -> None:
    images.programs["image"] = exits(0)
    call("CreateTrainingJob", **training(instance_type="ml.g4dn.xlarge"))


def test_an_endpoint_configuration_has_no_key_for_local_storage(call: Call) -> None:
    # SageMaker API, CreateEndpointConfig, KmsKeyId
    call("CreateModel", ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})

    def config(name: str, *types: str) -> dict[str, Any]:
        variants = [
            {"VariantName": f"v{number}", "ModelName": "m", "InstanceType": each, "InitialInstanceCount": 1}
            for number, each in enumerate(types)
        ]
        return {"EndpointConfigName": name, "ProductionVariants": variants, "KmsKeyId": KEY}

    said = refusal(call, "CreateEndpointConfig", **config("local", "ml.g5.xlarge"))
    assert said.startswith("ValidationException: You can't request a KmsKeyId when using an instance type with local")
    call("CreateEndpointConfig", **config("volume", "ml.m5.xlarge"))
    call("CreateEndpointConfig", **config("both", "ml.m5.xlarge", "ml.g5.xlarge"))


def test_a_processing_job_has_no_more_storage_than_its_instance(call: Call, images: FakeImages) -> None:
    # SageMaker API, ProcessingClusterConfig, VolumeSizeInGB; a g4dn.xlarge has 125 GB
    images.programs["image"] = exits(0)
    call("CreateProcessingJob", **processing("fits", instance_type="ml.g4dn.xlarge", VolumeSizeInGB=125))
    wanted = processing("large", instance_type="ml.g4dn.xlarge", VolumeSizeInGB=126)
    assert "ml.g4dn.xlarge has 125 GB" in refusal(call, "CreateProcessingJob", **wanted)


def test_a_type_that_a_usage_does_not_have_is_refused(call: Call) -> None:
    said = refusal(call, "CreateProcessingJob", **processing(instance_type="ml.m5d.large"))
    assert "failed to satisfy constraint: Member must satisfy enum value set" in said
