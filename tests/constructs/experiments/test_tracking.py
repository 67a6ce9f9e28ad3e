"""The MLflow app and its recorder: what they may do, and what they hear of."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from ml_constructs.experiments.tracking import ExperimentRecorder, FollowedPipeline, MlflowApp
from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings
from ml_constructs.jobs.job import JobSettings
from ml_constructs.machines.algorithm import TABULAR
from ml_constructs.machines.training_pipeline import TrainingPipeline


@pytest.fixture
def app(stack: cdk.Stack, folder: Folder) -> MlflowApp:
    return MlflowApp(
        stack,
        "Mlflow",
        name="dev-experiments",
        artifacts=Folder(folder.bucket, ["mlflow"]),
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )


def actions(stack: cdk.Stack, role: iam.IRole) -> dict[str, Any]:
    """Resources by action, of the statements of a role."""
    assert isinstance(role.node.default_child, cdk.CfnElement)
    policies = Template.from_stack(stack).find_resources(
        "AWS::IAM::Policy", {"Properties": {"Roles": [{"Ref": stack.get_logical_id(role.node.default_child)}]}}
    )
    found: dict[str, Any] = {}
    for policy in policies.values():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            named = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            for action in named:
                found.setdefault(action, []).append(statement["Resource"])
    return found


def test_the_app_keeps_its_artifacts_below_its_own_prefix(stack: cdk.Stack, app: MlflowApp) -> None:
    template = Template.from_stack(stack)
    template.has_resource(
        "AWS::SageMaker::MlflowApp",
        {
            "DeletionPolicy": "Retain",
            "Properties": {"Name": "dev-experiments", "ArtifactStoreUri": "s3://data/mlflow"},
        },
    )
    allowed = actions(stack, app.role)
    assert {action.partition(":")[0] for action in allowed} == {"s3", "kms"}
    for action in ("s3:GetObject", "s3:PutObject"):
        assert "data/mlflow/*" in json.dumps(allowed[action])


@pytest.fixture
def recorder(
    stack: cdk.Stack, app: MlflowApp, folder: Folder, settings: JobSettings, logs: LogSettings
) -> ExperimentRecorder:
    machine = TrainingPipeline(
        stack,
        "Census",
        name="dev-census",
        settings=settings,
        data=folder,
        scripts=folder,
        runs=Folder(folder.bucket, ["census", "runs"]),
        algorithm=TABULAR,
        instance_type="ml.m5.large",
        functions=FunctionSettings(logs=logs, placement=settings.placement),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    executions = Folder(folder.bucket, ["fraud", "executions"])
    return ExperimentRecorder(
        stack,
        "Recorder",
        app=app,
        pipelines=[FollowedPipeline(name="dev-fraud", executions=executions, metric="roc_auc")],
        machines=[machine],
        functions=FunctionSettings(logs=logs),
    )


def test_the_recorder_reads_and_calls_the_app_alone(stack: cdk.Stack, recorder: ExperimentRecorder) -> None:
    allowed = actions(stack, recorder.function.role)
    app = Template.from_stack(stack).find_resources("AWS::SageMaker::MlflowApp")
    assert allowed["sagemaker:CallMlflowAppApi"] == [{"Fn::GetAtt": [next(iter(app)), "Arn"]}]
    own = {action for action in allowed if action.split(":")[0] in {"sagemaker", "states", "s3", "dynamodb"}}
    assert {action.split(":")[1].rstrip("s") for action in own if action != "sagemaker:CallMlflowAppApi"} == {
        "DescribeTrainingJob",
        "DescribeProcessingJob",
        "DescribePipelineExecution",
        "DescribePipelineDefinitionForExecution",
        "ListPipelineExecutionStep",
        "ListPipelineParametersForExecution",
        "DescribeExecution",
        "ListTag",
        "GetObject",
        "GetItem",
        "ListBucket",
    }
    assert "data/fraud/executions/*/evaluation/*" in json.dumps(allowed["s3:GetObject"])
    assert "data/census/runs/*/evaluation/*" in json.dumps(allowed["s3:GetObject"])
    assert "execution:dev-census:*" in json.dumps(allowed["states:DescribeExecution"])


def test_it_hears_of_every_end_and_of_nothing_else(stack: cdk.Stack, recorder: ExperimentRecorder) -> None:
    del recorder
    template = Template.from_stack(stack)
    for source, kind, member, statuses in (
        (
            "aws.sagemaker",
            "SageMaker Training Job State Change",
            "TrainingJobStatus",
            {"Completed", "Failed", "Stopped"},
        ),
        (
            "aws.sagemaker",
            "SageMaker Model Building Pipeline Execution Status Change",
            "currentPipelineExecutionStatus",
            {"Succeeded", "Failed", "Stopped"},
        ),
        (
            "aws.states",
            "Step Functions Execution Status Change",
            "status",
            {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"},
        ),
    ):
        [rule] = template.find_resources(
            "AWS::Events::Rule", {"Properties": {"EventPattern": {"source": [source], "detail-type": [kind]}}}
        ).values()
        assert set(rule["Properties"]["EventPattern"]["detail"][member]) == statuses
        assert "DeadLetterConfig" in rule["Properties"]["Targets"][0]
    template.has_resource_properties("AWS::Lambda::Function", {"DeadLetterConfig": Match.any_value()})


def test_a_recorder_of_jobs_alone_follows_no_pipeline(stack: cdk.Stack, app: MlflowApp, logs: LogSettings) -> None:
    ExperimentRecorder(stack, "Recorder", app=app, pipelines=[], machines=[], functions=FunctionSettings(logs=logs))
    Template.from_stack(stack).resource_count_is("AWS::Events::Rule", 1)
