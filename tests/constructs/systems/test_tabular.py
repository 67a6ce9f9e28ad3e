"""The fraud pipeline as SageMaker gets it: card of the hands-on, and every request as botocore's model has it."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template

from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.kernel.requests import parse
from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.job import JobSettings
from ml_constructs.pipelines.deployment import Deployment
from ml_constructs.systems.tabular import Steps, TabularPipeline

CALLER = Caller(Scope("111122223333", "eu-west-1"), "arn:aws:iam::111122223333:role/pipeline")
OPERATIONS = {
    "Processing": ("CreateProcessingJob", {"ProcessingJobName": "job"}),
    "Training": ("CreateTrainingJob", {"TrainingJobName": "job"}),
    "RegisterModel": ("CreateModelPackage", {}),
}


@pytest.fixture
def template(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> dict[str, Any]:
    artifacts = s3.Bucket.from_bucket_name(stack, "ArtifactBucket", "artifacts")
    TabularPipeline(
        stack,
        "Fraud",
        name="dev-fraud",
        system="fraud",
        recipe="fraud",
        bias=("--facet", "customer_gender_female", "--facet-value", "1", "--label", "fraud"),
        steps=Steps(rejected="FraudModelRejected", check="CheckFraudDetXGBEvaluation"),
        group=sagemaker.CfnModelPackageGroup(stack, "Models", model_package_group_name="dev-fraud"),
        settings=settings,
        data=folder,
        artifacts=Folder(artifacts, ["fraud", "executions"]),
        deployment=Deployment(instance_type="ml.c5.xlarge", instance_count=3, maximum=4),
        spot_wait=cdk.Duration.minutes(30),
    )
    return dict(Template.from_stack(stack).to_json())


@pytest.fixture
def definition(template: dict[str, Any]) -> dict[str, Any]:
    """The definition, with an ARN wherever CloudFormation puts one in."""
    (pipeline,) = [r for r in template["Resources"].values() if r["Type"] == "AWS::SageMaker::Pipeline"]
    parts = pipeline["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]["Fn::Join"][1]
    role = "arn:aws:iam::111122223333:role/job"
    parsed: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else role for part in parts))
    return parsed


def steps(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {step["Name"]: step for step in definition["Steps"]}
    branches = found["CheckFraudDetXGBEvaluation"]["Arguments"]
    return found | {step["Name"]: step for step in branches["IfSteps"] + branches["ElseSteps"]}


def resolved(value: Any, parameters: dict[str, Any]) -> Any:
    """What SageMaker would make of the references in `value`."""
    match value:
        case {"Get": str(path)}:
            kind, _, name = path.partition(".")
            return {"Parameters": parameters.get(name), "Execution": "abc123def456"}.get(kind, "s3://artifacts/x")
        case {"Std:Join": {"On": on, "Values": values}}:
            return on.join(str(resolved(item, parameters)) for item in values)
        case {"Std:JsonGet": _}:
            return 0.69
        case dict():
            return {key: resolved(item, parameters) for key, item in value.items()}
        case list():
            return [resolved(item, parameters) for item in value]
    return value


def started_with(definition: dict[str, Any]) -> dict[str, Any]:
    defaults = {parameter["Name"]: parameter.get("DefaultValue") for parameter in definition["Parameters"]}
    return defaults | {"InputDataUri": "s3://data/fraud/versions/0123456789abcdef/"}


def test_the_steps_are_those_of_the_hands_on(definition: dict[str, Any]) -> None:
    assert [(step["Name"], step["Type"]) for step in definition["Steps"]] == [
        ("DataProcessing", "Processing"),
        ("XGBModelTraining", "Training"),
        ("XGBModelEvaluate", "Processing"),
        ("CheckFraudDetXGBEvaluation", "Condition"),
    ]
    branches = definition["Steps"][-1]["Arguments"]
    assert [(step["Name"], step["Type"]) for step in branches["IfSteps"]] == [
        ("ModelBiasCheck", "Processing"),
        ("ModelExplainabilityCheck", "Processing"),
        ("XGBRegisterModel", "RegisterModel"),
    ]
    assert [(step["Name"], step["Type"]) for step in branches["ElseSteps"]] == [("FraudModelRejected", "Fail")]


def test_the_parameters(definition: dict[str, Any]) -> None:
    assert [(p["Name"], p["Type"], p.get("DefaultValue")) for p in definition["Parameters"]] == [
        ("InputDataUri", "String", None),
        ("ProcessingInstanceType", "String", "ml.c5.xlarge"),
        ("TrainingInstanceType", "String", "ml.m5.xlarge"),
        ("TrainingInstanceCount", "Integer", 1),
        ("AnalysisInstanceType", "String", "ml.m5.xlarge"),
        ("DeployInstanceType", "String", "ml.c5.xlarge"),
        ("DeployInstanceCount", "String", "3"),
        ("ModelApprovalStatus", "String", "PendingManualApproval"),
        ("RocAucThreshold", "Float", 0.7),
        ("NumRound", "Integer", 300),
        ("MaxDepth", "Integer", 2),
        ("Eta", "Float", 0.1),
        ("Subsample", "Float", 0.75),
        ("ColsampleBytree", "Float", 0.75),
        ("Seed", "Integer", 42),
    ]


def test_instance_types_come_from_the_parameters(definition: dict[str, Any]) -> None:
    """The original declares them and then runs its steps on other machines."""
    found = steps(definition)

    def machine(name: str) -> Any:
        return found[name]["Arguments"]["ProcessingResources"]["ClusterConfig"]["InstanceType"]

    assert machine("DataProcessing") == machine("XGBModelEvaluate") == {"Get": "Parameters.ProcessingInstanceType"}
    assert (
        machine("ModelBiasCheck") == machine("ModelExplainabilityCheck") == {"Get": "Parameters.AnalysisInstanceType"}
    )
    resources = found["XGBModelTraining"]["Arguments"]["ResourceConfig"]
    assert resources["InstanceType"] == {"Get": "Parameters.TrainingInstanceType"}
    assert resources["InstanceCount"] == {"Get": "Parameters.TrainingInstanceCount"}
    metadata = resolved(found["XGBRegisterModel"]["Arguments"]["CustomerMetadataProperties"], started_with(definition))
    assert metadata == {"deploy-instance-type": "ml.c5.xlarge", "deploy-instance-count": "3"}


def test_the_gate(definition: dict[str, Any]) -> None:
    (condition,) = definition["Steps"][-1]["Arguments"]["Conditions"]
    assert condition == {
        "Type": "GreaterThanOrEqualTo",
        "LeftValue": {
            "Std:JsonGet": {
                "PropertyFile": {"Get": "Steps.XGBModelEvaluate.PropertyFiles.EvaluationReport"},
                "Path": "classification_metrics.roc_auc.value",
            }
        },
        "RightValue": {"Get": "Parameters.RocAucThreshold"},
    }
    assert steps(definition)["XGBModelEvaluate"]["PropertyFiles"] == [
        {"PropertyFileName": "EvaluationReport", "OutputName": "evaluation", "FilePath": "evaluation.json"}
    ]


def test_a_model_below_the_gate_fails_with_metric_and_gate(definition: dict[str, Any]) -> None:
    message = steps(definition)["FraudModelRejected"]["Arguments"]["ErrorMessage"]
    assert resolved(message, started_with(definition)) == ("roc_auc 0.69 is below the gate 0.7: nothing was registered")


@pytest.mark.parametrize(
    "name",
    [
        "DataProcessing",
        "XGBModelTraining",
        "XGBModelEvaluate",
        "ModelBiasCheck",
        "ModelExplainabilityCheck",
        "XGBRegisterModel",
    ],
)
def test_every_request_is_one_that_sagemaker_takes(name: str, definition: dict[str, Any]) -> None:
    step = steps(definition)[name]
    operation, given = OPERATIONS[step["Type"]]
    request = resolved(step["Arguments"], started_with(definition)) | given
    parsed = parse(operation, request, CALLER).parameters  # types, enumerations, patterns and lengths of the model
    assert parsed.items() >= request.items()


def test_every_execution_writes_into_a_folder_of_its_own(definition: dict[str, Any]) -> None:
    parameters = started_with(definition)
    found = steps(definition)
    written = {
        output["OutputName"]: resolved(output["S3Output"]["S3Uri"], parameters)
        for step in found.values()
        if step["Type"] == "Processing"
        for output in step["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    }
    base = "s3://artifacts/fraud/executions/abc123def456"
    assert written == {
        **{part: f"{base}/prepared/{part}" for part in ("train", "validation", "test", "baseline", "features")},
        "evaluation": f"{base}/evaluation",
        "bias": f"{base}/bias",
        "explanations": f"{base}/explanations",
    }
    output = found["XGBModelTraining"]["Arguments"]["OutputDataConfig"]["S3OutputPath"]
    assert resolved(output, parameters) == f"{base}/model"


def test_training_waits_for_spot_instances_and_keeps_checkpoints_of_the_execution(definition: dict[str, Any]) -> None:
    request = resolved(steps(definition)["XGBModelTraining"]["Arguments"], started_with(definition))
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 5400}
    uri = "s3://artifacts/fraud/executions/abc123def456/checkpoints/XGBModelTraining"
    assert request["CheckpointConfig"] == {"S3Uri": uri}


def test_the_package_carries_its_reports(definition: dict[str, Any]) -> None:
    request = steps(definition)["XGBRegisterModel"]["Arguments"]

    def at(step: str, output: str, file: str) -> dict[str, Any]:
        folder = {"Get": f"Steps.{step}.ProcessingOutputConfig.Outputs['{output}'].S3Output.S3Uri"}
        return {"ContentType": "application/json", "S3Uri": {"Std:Join": {"On": "/", "Values": [folder, file]}}}

    assert request["ModelMetrics"] == {
        "ModelQuality": {"Statistics": at("XGBModelEvaluate", "evaluation", "evaluation.json")},
        "Bias": {"Report": at("ModelBiasCheck", "bias", "analysis.json")},
        "Explainability": {"Report": at("ModelExplainabilityCheck", "explanations", "analysis.json")},
    }
    assert set(request["DriftCheckBaselines"]) == {"ModelQuality", "Bias", "Explainability"}
    assert request["ModelApprovalStatus"] == {"Get": "Parameters.ModelApprovalStatus"}
    (container,) = request["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == {"Get": "Steps.XGBModelTraining.ModelArtifacts.S3ModelArtifacts"}


def test_each_job_has_a_role_of_its_own_that_touches_its_own_data(template: dict[str, Any]) -> None:
    readers = {
        name: sorted(
            resource["Fn::Join"][1][-1] if isinstance(resource, dict) else resource.split(":::")[-1]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if statement["Action"] == "s3:GetObject"
            for resource in (
                statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            )
        )
        for name, policy in template["Resources"].items()
        if policy["Type"] == "AWS::IAM::Policy"
    }
    (prepare,) = [reads for name, reads in readers.items() if name.startswith("FraudDataProcessing")]
    (train,) = [reads for name, reads in readers.items() if name.startswith("FraudXGBModelTraining")]
    (explain,) = [reads for name, reads in readers.items() if name.startswith("FraudModelExplainability")]
    executions = "artifacts/fraud/executions/*"
    assert prepare == ["data/fraud/versions/*"]
    own = ("checkpoints/XGBModelTraining", "prepared/features", "prepared/train", "prepared/validation")
    assert train == [f"{executions}/{part}/*" for part in own]
    assert explain == [f"{executions}/model/*", f"{executions}/prepared/test/*"]
