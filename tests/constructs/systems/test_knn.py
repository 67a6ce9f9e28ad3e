"""The k-NN pipeline with our image and with the built-in one: the same request, and the same gate."""

import json
from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template

from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.kernel.requests import parse
from ml_constructs.foundation.folder import Folder
from ml_constructs.images.builtin_image import BuiltInKnn
from ml_constructs.jobs.job import JobSettings
from ml_constructs.pipelines.deployment import Deployment
from ml_constructs.systems.knn import KnnPipeline

CALLER = Caller(Scope("111122223333", "eu-west-1"), "arn:aws:iam::111122223333:role/pipeline")
OPERATIONS = {
    "Processing": ("CreateProcessingJob", {"ProcessingJobName": "job"}),
    "Training": ("CreateTrainingJob", {"TrainingJobName": "job"}),
    "RegisterModel": ("CreateModelPackage", {}),
}
BUILT_IN = "438346466558.dkr.ecr.eu-west-1.amazonaws.com/knn:1"  # Developer guide: registry paths of eu-west-1


def pipeline(stack: cdk.Stack, settings: JobSettings, folder: Folder, *, builtin: bool) -> dict[str, Any]:
    """The template, with the definition of its pipeline parsed under the key Definition."""
    KnnPipeline(
        stack,
        "Knn",
        name="dev-knn",
        group=sagemaker.CfnModelPackageGroup(stack, "Models", model_package_group_name="dev-knn"),
        settings=replace(settings, image=BuiltInKnn(stack)) if builtin else settings,
        own=settings,
        data=folder,
        artifacts=Folder(s3.Bucket.from_bucket_name(stack, "ArtifactBucket", "artifacts"), ["knn", "executions"]),
        deployment=Deployment(instance_type="ml.c5.xlarge", instance_count=3, maximum=4),
        spot_wait=cdk.Duration.hours(2),
    )
    template = dict(Template.from_stack(stack).to_json())
    (found,) = [r for r in template["Resources"].values() if r["Type"] == "AWS::SageMaker::Pipeline"]
    text = "".join(
        _text(part) for part in found["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]["Fn::Join"][1]
    )
    return template | {"Definition": json.loads(text)}


def _text(part: Any) -> str:
    if isinstance(part, str):
        return part
    return "amazonaws.com" if part == {"Ref": "AWS::URLSuffix"} else "arn:aws:iam::111122223333:role/job"


def steps(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {step["Name"]: step for step in template["Definition"]["Steps"]}
    branches = found["KnnAccuracyCheck"]["Arguments"]
    return found | {step["Name"]: step for step in branches["IfSteps"] + branches["ElseSteps"]}


def resolved(value: Any, parameters: dict[str, Any]) -> Any:
    """What SageMaker would make of the references in `value`."""
    match value:
        case {"Get": str(path)}:
            kind, _, name = path.partition(".")
            return {"Parameters": parameters.get(name), "Execution": "abc123def456"}.get(kind, "s3://artifacts/x")
        case {"Std:Join": {"On": on, "Values": values}}:
            return on.join(str(resolved(item, parameters)) for item in values)
        case dict():
            return {key: resolved(item, parameters) for key, item in value.items()}
        case list():
            return [resolved(item, parameters) for item in value]
    return value


def started_with(template: dict[str, Any]) -> dict[str, Any]:
    declared = template["Definition"]["Parameters"]
    defaults = {parameter["Name"]: parameter.get("DefaultValue") for parameter in declared}
    return defaults | {"InputDataUri": "s3://data/knn/versions/0123456789abcdef/"}


@pytest.mark.parametrize("builtin", [False, True])
def test_every_request_is_one_that_sagemaker_takes(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, *, builtin: bool
) -> None:
    template = pipeline(stack, settings, folder, builtin=builtin)
    seen = 0
    for step in steps(template).values():
        if step["Type"] in OPERATIONS:
            operation, given = OPERATIONS[step["Type"]]
            request = resolved(step["Arguments"], started_with(template)) | given
            assert parse(operation, request, CALLER).parameters.items() >= request.items()
            seen += 1
    assert seen == (3 if builtin else 4)


@pytest.mark.parametrize("builtin", [False, True])
def test_both_images_get_the_built_in_algorithms_request(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, *, builtin: bool
) -> None:
    template = pipeline(stack, settings, folder, builtin=builtin)
    request = resolved(steps(template)["KnnTraining"]["Arguments"], started_with(template))
    assert request["AlgorithmSpecification"]["TrainingImage"] == (BUILT_IN if builtin else settings.image.uri)
    assert request["AlgorithmSpecification"]["TrainingInputMode"] == "File"
    assert ("MetricDefinitions" in request["AlgorithmSpecification"]) is not builtin  # the built-in brings its own
    assert [(c["ChannelName"], c["ContentType"]) for c in request["InputDataConfig"]] == [
        ("train", "text/csv;label_size=1"),
        ("test", "text/csv;label_size=1"),
    ]
    # the article omits feature_dim, which is documented as required
    assert request["HyperParameters"] == {
        "predictor_type": "classifier",
        "feature_dim": "4",
        "k": "1",
        "sample_size": "1000",
    }


@pytest.mark.parametrize("builtin", [False, True])
def test_the_gate_is_the_test_channels_accuracy(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, *, builtin: bool
) -> None:
    found = steps(pipeline(stack, settings, folder, builtin=builtin))
    (condition,) = found["KnnAccuracyCheck"]["Arguments"]["Conditions"]
    assert condition == {
        "Type": "GreaterThanOrEqualTo",
        "LeftValue": {"Get": "Steps.KnnTraining.FinalMetricDataList['test:accuracy'].Value"},
        "RightValue": {"Get": "Parameters.AccuracyThreshold"},
    }
    assert "KnnModelRejected" in found


def test_the_built_in_model_is_registered_with_its_image_and_judged_by_its_own_metric(
    stack: cdk.Stack, settings: JobSettings, folder: Folder
) -> None:
    template = pipeline(stack, settings, folder, builtin=True)
    found = steps(template)
    assert "KnnEvaluation" not in found  # our image cannot read the built-in algorithm's model
    register = found["KnnRegisterModel"]["Arguments"]
    assert register["InferenceSpecification"]["Containers"][0]["Image"] == BUILT_IN
    assert "ModelMetrics" not in register
    assert found["KnnDataSplit"]["Arguments"]["AppSpecification"]["ImageUri"] == settings.image.uri


def test_our_model_is_registered_with_its_evaluation(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    template = pipeline(stack, settings, folder, builtin=False)
    register = steps(template)["KnnRegisterModel"]["Arguments"]
    statistics = register["ModelMetrics"]["ModelQuality"]["Statistics"]
    assert statistics["S3Uri"]["Std:Join"]["Values"][1] == "evaluation.json"
    metadata = resolved(register["CustomerMetadataProperties"], started_with(template))
    assert metadata == {"deploy-instance-type": "ml.c5.xlarge", "deploy-instance-count": "3"}


def test_only_the_training_job_and_the_registration_pull_from_awss_registry(
    stack: cdk.Stack, settings: JobSettings, folder: Folder
) -> None:
    template = pipeline(stack, settings, folder, builtin=True)
    repository = ":ecr:eu-west-1:438346466558:repository/knn"
    pulling = [
        name
        for name, policy in template["Resources"].items()
        if policy["Type"] == "AWS::IAM::Policy" and repository in json.dumps(policy)
    ]
    training, registration = sorted(pulling)
    assert training.startswith("KnnKnnTraining")
    assert registration.startswith("KnnPipelineRole")


def test_a_region_without_a_known_registry_is_refused() -> None:
    environment = cdk.Environment(account="111122223333", region="ap-southeast-9")
    with pytest.raises(ValueError, match="ap-southeast-9 has no registry of the built-in k-NN that is known"):
        BuiltInKnn(cdk.Stack(cdk.App(), "elsewhere", env=environment))
    with pytest.raises(ValueError, match="depends on the region"):
        BuiltInKnn(cdk.Stack(cdk.App(), "anywhere"))


@pytest.mark.parametrize(("builtin", "longest"), [(False, 30 * 60 + 2 * 60 * 60), (True, 60 * 60)])
def test_training_waits_for_spot_instances_as_long_as_sagemaker_lets_the_algorithm(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, *, builtin: bool, longest: int
) -> None:
    """An algorithm of SageMaker's own without checkpoints: one hour. Source: "Managed Spot Training"."""
    request = steps(pipeline(stack, settings, folder, builtin=builtin))["KnnTraining"]["Arguments"]
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 30 * 60, "MaxWaitTimeInSeconds": longest}
    assert "CheckpointConfig" not in request
