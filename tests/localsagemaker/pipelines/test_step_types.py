"""Steps that are no processing jobs: functions, training, models and the registry."""

import pytest

from tests.localsagemaker.fakes import ROLE, Call, FakeHost, FakeImages, Run
from tests.localsagemaker.pipelines.bench import Bench, fail, lambda_step

FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:f"


def test_a_lambda_step_calls_its_function(bench: Bench, host: FakeHost) -> None:
    host.functions[FUNCTION] = lambda event: {"doubled": event["gate"] * 2, "more": "ignored"}
    bench.create(lambda_step(doubled="Float"), fail("Stop", {"Get": "Steps.Call.OutputParameters['doubled']"}))
    arn = bench.start(PipelineParameters=[{"Name": "Gate", "Value": "0.25"}])
    bench.finish(arn)
    found = bench.steps(arn)
    assert found["Call"]["Metadata"]["Lambda"] == {
        "Arn": FUNCTION,
        "OutputParameters": [{"Name": "doubled", "Value": "0.5"}],
    }
    assert found["Stop"]["FailureReason"] == "0.5"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "answered no count, which the step declares"),
        ({"count": "two"}, "answered count as 'two', not a Integer"),
        ([], "must answer an object with count"),
    ],
)
def test_a_lambda_step_fails_on_a_wrong_answer(bench: Bench, host: FakeHost, answer: object, words: str) -> None:
    host.functions[FUNCTION] = lambda _: answer
    bench.create(lambda_step(count="Integer"))
    arn = bench.start()
    bench.finish(arn)
    assert words in bench.steps(arn)["Call"]["FailureReason"]


def test_a_lambda_step_fails_with_the_error_of_its_function(bench: Bench, host: FakeHost) -> None:
    def broken(_: object) -> object:
        raise ValueError("no such table")

    host.functions[FUNCTION] = broken
    bench.create(lambda_step())
    arn = bench.start()
    bench.finish(arn)
    assert bench.steps(arn)["Call"]["FailureReason"] == f"Lambda function {FUNCTION} failed: no such table"


def test_registers_a_model_and_creates_one(bench: Bench, host: FakeHost, call: Call) -> None:
    call("CreateModelPackageGroup", ModelPackageGroupName="fraud")
    host.s3.content["s3://b/model.tar.gz"] = b""
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": "fraud",
            "ModelApprovalStatus": "Approved",
            "InferenceSpecification": {"Containers": [{"Image": "image", "ModelDataUrl": "s3://b/model.tar.gz"}]},
        },
    }
    model = {
        "Name": "Create_Model",
        "Type": "Model",
        "Arguments": {
            "ExecutionRoleArn": ROLE,
            "PrimaryContainer": {"ModelPackageName": {"Get": "Steps.Register.ModelPackageArn"}},
        },
    }
    bench.create(model, register)
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Succeeded"
    found = bench.steps(arn)
    package = found["Register"]["Metadata"]["RegisterModel"]["Arn"]
    assert package.endswith(":model-package/fraud/1")
    shown = call("DescribeModelPackage", ModelPackageName=package)
    assert shown["MetadataProperties"] == {"GeneratedBy": arn}
    name = found["Create_Model"]["Metadata"]["Model"]["Arn"].rsplit("/", 1)[-1]
    assert call("DescribeModel", ModelName=name)["PrimaryContainer"] == {"ModelPackageName": package}


def test_trains_and_reads_its_artifact_and_metric(bench: Bench, images: FakeImages) -> None:
    def program(run: Run) -> int:
        run.log("[0]\tvalidation-auc:0.75")
        (run.base_dir / "model" / "model.json").write_bytes(b"model")
        return 0

    images.programs["image"] = program
    training = {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {
            "RoleArn": ROLE,
            "AlgorithmSpecification": {
                "TrainingImage": "image",
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "auc", "Regex": "validation-auc:([0-9.]+)"}],
            },
            "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "HyperParameters": {"gate": {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Gate"}]}}},
        },
    }
    artifact = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    metric = {"Get": "Steps.Train.FinalMetricDataList['auc'].Value"}
    bench.create(training, fail("Stop", artifact, metric))
    arn = bench.start()
    bench.finish(arn)
    found = bench.steps(arn)
    assert found["Train"]["StepStatus"] == "Succeeded"
    job = found["Train"]["Metadata"]["TrainingJob"]["Arn"].rsplit("/", 1)[-1]
    assert found["Stop"]["FailureReason"] == f"s3://b/models/{job}/output/model.tar.gz 0.75"
