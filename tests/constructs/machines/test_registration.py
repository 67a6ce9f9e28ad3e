"""A pipeline with a registry: the best run's model becomes a version, once, and no other run's does."""

import json
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import assertions
from aws_cdk import aws_sagemaker as sagemaker
from botocore.validate import ParamValidator

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings
from ml_constructs.jobs.job import JobSettings
from ml_constructs.machines.algorithm import VISION, Algorithm
from ml_constructs.machines.registration import Registry
from ml_constructs.machines.training_pipeline import TrainingMachine, TrainingPipeline
from ml_constructs.registry.registration import Inference
from tests.constructs.machines.asl import after_error, resolve

GIVEN = {
    "ExperimentName": "coats",
    "TrainingJobName": "dev-images-1-train",
    "DataVersion": "0123456789abcdef",
    "ScriptVersion": "fedcba9876543210",
    "OutputPrefix": "1",
    "Training": {"Model": "s3://data/images/runs/1/model/dev-images-1-train/output/model.tar.gz"},
}


@pytest.fixture
def machine(stack: cdk.Stack, settings: JobSettings, logs: LogSettings, folder: Folder) -> dict[str, Any]:
    group = sagemaker.CfnModelPackageGroup(stack, "Models", model_package_group_name="dev-images")
    pipeline = TrainingPipeline(
        stack,
        "Images",
        name="dev-images",
        settings=settings,
        data=Folder(folder.bucket, ["images", "versions"]),
        scripts=Folder(folder.bucket, ["images", "scripts", "versions"]),
        runs=Folder(folder.bucket, ["images", "runs"]),
        algorithm=VISION,
        instance_type="ml.m5.large",
        training=TrainingMachine(settings, "ml.g5.xlarge"),
        registry=Registry(
            group=group,
            image=settings.image,
            inference=Inference(
                content_types=["image/png"], response_types=["application/json"], instance_types=["ml.m5.large"]
            ),
        ),
        functions=FunctionSettings(logs=logs, placement=settings.placement),
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    del pipeline
    template = assertions.Template.from_stack(stack).to_json()
    (found,) = [r for r in template["Resources"].values() if r["Type"] == "AWS::StepFunctions::StateMachine"]
    parts = found["Properties"]["DefinitionString"]["Fn::Join"][1]
    arn = "arn:aws:iam::111122223333:role/some-role"
    text = "".join(part if isinstance(part, str) else "aws" if "Partition" in str(part) else arn for part in parts)
    definition: dict[str, Any] = json.loads(text)
    return definition


def test_only_a_run_that_is_the_best_is_registered(machine: dict[str, Any]) -> None:
    states = machine["States"]
    assert states["Compare"]["Next"] == "BestSoFar"
    assert states["BestSoFar"]["Choices"] == [
        {"Variable": "$.Comparison.is_best", "BooleanEquals": True, "Next": "Registration"}
    ]
    assert states["BestSoFar"]["Default"] == "NotBetter"
    assert states["NotBetter"]["Type"] == "Succeed"
    assert states["Registration"]["End"] is True


@pytest.mark.parametrize(
    ("error", "retries"),
    [
        ("SageMaker.SageMakerException", 5),  # throttling has no class of its own in the SDK for Java 2
        ("SageMaker.ResourceLimitExceededException", 5),
        ("SageMaker.ConflictException", 0),
        ("States.Timeout", 0),
    ],
)
def test_how_a_registration_ends(error: str, retries: int, machine: dict[str, Any]) -> None:
    assert after_error(machine, "Registration", error) == (retries, "RunFailed")


def test_the_request_is_one_that_sagemaker_takes(machine: dict[str, Any]) -> None:
    state = machine["States"]["Registration"]
    assert state["Resource"] == "arn:aws:states:::aws-sdk:sagemaker:createModelPackage"
    parameters = dict(state["Parameters"])
    assert parameters.pop("ClientToken.$") == "States.Hash($$.Execution.Id, 'MD5')"  # the same however often tried
    request = resolve(parameters, GIVEN)
    model = botocore.session.get_session().get_service_model("sagemaker").operation_model("CreateModelPackage")
    assert model.input_shape is not None
    report = ParamValidator().validate(request, model.input_shape)
    assert not report.has_errors(), report.generate_report()
    assert request["ModelApprovalStatus"] == "PendingManualApproval"
    assert request["CustomerMetadataProperties"] == {
        name: GIVEN[name] for name in ("ExperimentName", "TrainingJobName", "DataVersion", "ScriptVersion")
    }
    (container,) = request["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == GIVEN["Training"]["Model"]  # type: ignore[index] # a mapping among texts
    statistics = request["ModelMetrics"]["ModelQuality"]["Statistics"]
    assert statistics["S3Uri"] == "s3://data/images/runs/1/evaluation/evaluation.json"


def test_training_alone_runs_on_its_own_machine(machine: dict[str, Any]) -> None:
    states = machine["States"]
    resources = states["Training"]["Parameters"]["ResourceConfig"]
    assert resources["InstanceType"] == "ml.g5.xlarge"
    assert "VolumeKmsKeyId" not in resources, "SageMaker takes no key for local storage"
    for name in ("Preprocessing", "Evaluation"):
        cluster = states[name]["Parameters"]["ProcessingResources"]["ClusterConfig"]
        assert cluster["InstanceType"] == "ml.m5.large"
        assert cluster["VolumeKmsKeyId"]
    channels = [channel["ChannelName"] for channel in states["Training"]["Parameters"]["InputDataConfig"]]
    assert channels == ["training", "code"]


def test_a_channel_that_nobody_writes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"val is no output of prepare\.py: it writes train, test\."):
        Algorithm(prepared=("train", "test"), channels=("train", "val"), metrics=(), objective="accuracy")
