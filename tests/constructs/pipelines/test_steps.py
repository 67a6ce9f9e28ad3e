"""Each step, its request, and what its roles may do."""

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Match, Template

from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.job import Instances, JobSettings
from ml_constructs.jobs.processing import ProcessingInput, ProcessingJob, ProcessingOutput
from ml_constructs.jobs.training import TrainingJob, metric
from ml_constructs.pipelines import Parameter, Pipeline, PipelineError
from ml_constructs.pipelines.lambda_step import LambdaStep
from ml_constructs.pipelines.processing import ProcessingStep
from ml_constructs.pipelines.register_model import CreateModelStep
from ml_constructs.pipelines.step import PropertyFile
from ml_constructs.pipelines.training import TrainingStep

SMALL = Instances(type="ml.m5.large", limit=cdk.Duration.hours(1))


def processing(stack: cdk.Stack, settings: JobSettings, folder: Folder, **changes: Any) -> ProcessingStep:
    arguments: dict[str, Any] = {
        "settings": settings,
        "entrypoint": ["python", "-m", "tabular"],
        "command": ["evaluate"],
        "instances": SMALL,
        "inputs": [ProcessingInput("data", folder)],
        "outputs": [ProcessingOutput("report", folder / "report")],
        **changes,
    }
    files = arguments.pop("property_files", [PropertyFile("Report", "report", "report.json")])
    depends_on = arguments.pop("depends_on", [])
    return ProcessingStep(
        stack, "Evaluate", job=ProcessingJob(**arguments), property_files=files, depends_on=depends_on
    )


def training(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> TrainingStep:
    return TrainingStep(
        stack,
        "Train",
        job=TrainingJob(
            settings=settings,
            instances=SMALL,
            channels={"train": folder},
            hyperparameters={"eta": 0.5, "objective": "binary:logistic"},
            output=folder / "model",
            metrics=[metric("train-auc")],
        ),
    )


def statements(stack: cdk.Stack, role: iam.IRole) -> list[dict[str, Any]]:
    logical_id = stack.get_logical_id(role.node.default_child)  # type: ignore[arg-type] # a role's own resource
    return [
        statement
        for policy in Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
        if {"Ref": logical_id} in policy["Properties"]["Roles"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def actions(stack: cdk.Stack, role: iam.IRole) -> set[str]:
    found: set[str] = set()
    for statement in statements(stack, role):
        found.update([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    return found


def test_a_processing_job_reads_its_inputs_and_writes_its_outputs(
    stack: cdk.Stack, settings: JobSettings, folder: Folder
) -> None:
    step = processing(stack, settings, folder)
    found = statements(stack, step.role)
    reads = [s for s in found if s["Action"] == "s3:GetObject"]
    writes = [s for s in found if "s3:PutObject" in s["Action"]]
    assert [s["Resource"] for s in reads] == ["arn:aws:s3:::data/fraud/versions/*"]
    assert [s["Resource"] for s in writes] == ["arn:aws:s3:::data/fraud/versions/report/*"]


def test_the_pipeline_runs_the_job_and_reads_its_property_file(
    stack: cdk.Stack, settings: JobSettings, folder: Folder
) -> None:
    step = processing(stack, settings, folder)
    pipeline = Pipeline(stack, "Pipeline", name="p", description="d", parameters=[], steps=[step])
    assert actions(stack, pipeline.role) == {
        "iam:PassRole",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "s3:GetObject",
        "s3:ListBucket",
        "sagemaker:AddTags",
        "sagemaker:CreateProcessingJob",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:StopProcessingJob",
    }


def test_jobs_are_isolated_and_encrypted(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    network = processing(stack, settings, folder).declaration()["Arguments"]["NetworkConfig"]  # type: ignore[index] # JSON
    assert network == {
        "EnableInterContainerTrafficEncryption": True,
        "EnableNetworkIsolation": True,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
    }
    request = training(stack, settings, folder).declaration()["Arguments"]
    assert isinstance(request, dict)
    assert request["EnableNetworkIsolation"] is True
    assert (
        request["ResourceConfig"]["VolumeKmsKeyId"] == request["OutputDataConfig"]["KmsKeyId"] == settings.key.key_arn
    )


def test_hyperparameters_are_strings(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    request = training(stack, settings, folder).arguments()
    assert request["HyperParameters"] == {"eta": "0.5", "objective": "binary:logistic"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("[0]\ttrain-auc:0.80", "0.80"),
        ("[0]#011train-auc:0.80#011validation-auc:0.75", "0.80"),
        ("[7]\ttrain-auc:1.2e-05\tvalidation-auc:0.7", "1.2e-05"),
        ("[7]\ttrain-auc:nan", "nan"),
        ("[7]\ttrain-auc:1", "1"),
        ("[7]\ttrain-auc:.5", ".5"),
    ],
)
def test_metrics_are_found_in_the_log_whole(line: str, value: str) -> None:
    found = re.search(metric("train-auc")[1], line)
    assert found is not None
    assert found[1] == value


def test_outputs_that_a_step_does_not_have(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    with pytest.raises(PipelineError, match="Evaluate has no output 'other': it has report"):
        processing(stack, settings, folder).output("other")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("inputs", "Evaluate has the input 'x' twice"),
        ("outputs", "Evaluate has the output 'x' twice"),
        ("property_files", "Evaluate has the property file 'x' twice"),
        ("elsewhere", "The property file x of Evaluate lies in the output 'gone'"),
    ],
)
def test_ambiguous_steps(kind: str, sentence: str, stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    twice: dict[str, Any] = {
        "inputs": {"inputs": [ProcessingInput("x", folder)] * 2},
        "outputs": {"outputs": [ProcessingOutput("x", folder)] * 2, "property_files": []},
        "property_files": {"property_files": [PropertyFile("x", "report", "x.json")] * 2},
        "elsewhere": {"property_files": [PropertyFile("x", "gone", "x.json")]},
    }
    with pytest.raises(PipelineError, match=sentence):
        processing(stack, settings, folder, **twice[kind])


def test_a_training_job_without_data(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    with pytest.raises(PipelineError, match="Train has no channel"):
        TrainingStep(
            stack,
            "Train",
            job=TrainingJob(settings=settings, instances=SMALL, channels={}, hyperparameters={}, output=folder),
        )


def test_a_lambda_step(stack: cdk.Stack) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:notify"
    parameter = Parameter.string("Who")
    step = LambdaStep(
        stack,
        "Notify",
        function=lambda_.Function.from_function_arn(stack, "Function", arn),
        inputs={"who": parameter},
        outputs={"sent": "Boolean"},
    )
    assert step.declaration() == {
        "Name": "Notify",
        "Type": "Lambda",
        "Arguments": {"who": {"Get": "Parameters.Who"}},
        "FunctionArn": arn,
        "OutputParameters": [{"OutputName": "sent", "OutputType": "Boolean"}],
    }
    assert step.output("sent").render() == {"Get": "Steps.Notify.OutputParameters['sent']"}
    with pytest.raises(PipelineError, match="Notify has no output 'gone': it has sent"):
        step.output("gone")
    pipeline = Pipeline(stack, "Pipeline", name="p", description="d", parameters=[parameter], steps=[step])
    (statement,) = statements(stack, pipeline.role)
    assert (statement["Action"], statement["Resource"]) == ("lambda:InvokeFunction", arn)


def test_a_model_step(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    train = training(stack, settings, folder)
    role = iam.Role(stack, "ModelRole", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    model = CreateModelStep(
        stack, "Model", settings=settings, model=train.model, role=role, environment={"LEVEL": "info"}
    )
    request = model.declaration()["Arguments"]
    assert isinstance(request, dict)
    assert request["PrimaryContainer"] == {
        "Image": settings.image.uri,
        "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
        "Environment": {"LEVEL": "info"},
    }
    Pipeline(stack, "Pipeline", name="p", description="d", parameters=[], steps=[train, model])
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Action": ["sagemaker:AddTags", "sagemaker:CreateModel", "sagemaker:DescribeModel"],
                                "Resource": "arn:aws:sagemaker:eu-west-1:111122223333:model/pipelines-*",
                            }
                        )
                    ]
                )
            }
        },
    )


def test_the_order_of_steps_can_be_said(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    first = training(stack, settings, folder)
    second = processing(stack, settings, folder, depends_on=[first])
    assert second.declaration()["DependsOn"] == ["Train"]


def test_who_may_start_a_pipeline(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    step = processing(stack, settings, folder)
    pipeline = Pipeline(stack, "Pipeline", name="p", description="d", parameters=[], steps=[step])
    user = iam.Role(stack, "User", assumed_by=iam.AccountRootPrincipal())
    pipeline.grant_start(user)
    (statement,) = statements(stack, user)
    assert statement["Action"] == "sagemaker:StartPipelineExecution"
    assert statement["Resource"] == "arn:aws:sagemaker:eu-west-1:111122223333:pipeline/p"


def test_the_definition_says_its_version(stack: cdk.Stack, settings: JobSettings, folder: Folder) -> None:
    step = processing(stack, settings, folder)
    Pipeline(stack, "Pipeline", name="p", description="d", parameters=[], steps=[step])
    (resource,) = Template.from_stack(stack).find_resources("AWS::SageMaker::Pipeline").values()
    body = resource["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]["Fn::Join"][1]
    definition = json.loads("".join(part if isinstance(part, str) else "token" for part in body))
    assert definition["Version"] == "2020-12-01"
    assert list(definition) == ["Version", "Metadata", "Parameters", "Steps"]
