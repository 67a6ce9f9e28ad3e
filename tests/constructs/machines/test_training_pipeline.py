"""The state machine: valid in its language, and every request that it can make valid for SageMaker."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings
from ml_constructs.jobs.job import JobSettings
from ml_constructs.machines.algorithm import TABULAR
from ml_constructs.machines.training_pipeline import TrainingPipeline
from ml_constructs.network.closed_network import Placement
from run_validation.request import parse
from tests.constructs.machines.asl import after_error, resolve
from tests.service_model import refusal

JOBS = {"Preprocessing": "CreateProcessingJob", "Training": "CreateTrainingJob", "Evaluation": "CreateProcessingJob"}
INPUT = {
    "ExperimentName": "census",
    "PreprocessingJobName": "dev-census-1-prepare",
    "TrainingJobName": "dev-census-1-train",
    "EvaluationJobName": "dev-census-1-evaluate",
    "DataVersion": "0123456789abcdef",
    "ScriptVersion": "fedcba9876543210",
    "OutputPrefix": "1",
    "Comment": "",
    "PreprocessingParameters": {"seed": 42, "test-fraction": 0.2},
    "Hyperparameters": {"eta": 0.1, "num_round": 10},
}


@pytest.fixture
def template(
    stack: cdk.Stack, settings: JobSettings, placement: Placement, logs: LogSettings, folder: Folder
) -> dict[str, Any]:
    TrainingPipeline(
        stack,
        "Census",
        name="dev-census",
        settings=settings,
        data=Folder(folder.bucket, ["census", "versions"]),
        scripts=Folder(folder.bucket, ["census", "scripts", "versions"]),
        runs=Folder(folder.bucket, ["census", "runs"]),
        algorithm=TABULAR,
        instance_type="ml.m5.xlarge",
        functions=FunctionSettings(logs=logs, placement=placement),
        removal_policy=cdk.RemovalPolicy.RETAIN,
        spot_wait=cdk.Duration.minutes(30),
    )
    return dict(assertions.Template.from_stack(stack).to_json())


def only(template: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [r for r in template["Resources"].values() if r["Type"] == kind]
    return dict(found)


@pytest.fixture
def machine(template: dict[str, Any]) -> dict[str, Any]:
    """The definition, references to other resources replaced by an ARN, which fits wherever one stands."""
    definition = only(template, "AWS::StepFunctions::StateMachine")["Properties"]["DefinitionString"]
    parts = definition["Fn::Join"][1]
    arn = "arn:aws:iam::111122223333:role/some-role"
    text = "".join(part if isinstance(part, str) else "aws" if "Partition" in str(part) else arn for part in parts)
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_states(machine: dict[str, Any]) -> None:
    assert list(machine["States"]) == [
        "Validate",
        "Preprocessing",
        "Training",
        "Evaluation",
        "Compare",
        "RunFailed",
        "InputRefused",
    ]


def test_every_task_has_retries_with_full_jitter_a_time_out_and_a_final_state(machine: dict[str, Any]) -> None:
    for name, state in machine["States"].items():
        if state["Type"] != "Task":
            continue
        assert state["TimeoutSeconds"] > 0, name
        assert state["Retry"], name
        assert all(rule["JitterStrategy"] == "FULL" and rule["MaxAttempts"] > 0 for rule in state["Retry"]), name
        (catcher,) = state["Catch"]
        assert catcher["ErrorEquals"] == ["States.ALL"], name
        assert catcher["Next"] == ("InputRefused" if name == "Validate" else "RunFailed"), name
    for name in ("InputRefused", "RunFailed"):
        failed = machine["States"][name]
        assert (failed["Type"], failed["ErrorPath"], failed["CausePath"]) == (
            "Fail",
            "$.Failure.Error",
            "$.Failure.Cause",
        )


@pytest.mark.slow  # a machine is compiled for each
@pytest.mark.parametrize(
    ("error", "retries"),
    [
        ("SageMaker.AmazonSageMakerException", 5),  # throttling, and every other request that is refused
        ("SageMaker.ResourceLimitExceededException", 5),
        ("SageMaker.ResourceInUseException", 0),
        ("States.TaskFailed", 0),  # a job that failed or was stopped
        ("States.Timeout", 0),
        ("States.ParameterPathFailure", 0),  # a description without what the next state needs
    ],
)
@pytest.mark.parametrize("name", JOBS)
def test_how_a_job_s_state_ends(name: str, error: str, retries: int, machine: dict[str, Any]) -> None:
    assert after_error(machine, name, error) == (retries, "RunFailed")


@pytest.mark.slow  # a machine is compiled for each
@pytest.mark.parametrize(
    ("name", "error", "retries", "final"),
    [
        ("Validate", "InvalidInput", 0, "InputRefused"),
        ("Validate", "TransactionConflict", 6, "InputRefused"),
        ("Validate", "Lambda.TooManyRequestsException", 6, "InputRefused"),
        ("Validate", "States.Timeout", 0, "InputRefused"),
        ("Compare", "MalformedEvaluation", 0, "RunFailed"),
        ("Compare", "Lambda.ServiceException", 6, "RunFailed"),
        ("Compare", "States.Timeout", 0, "RunFailed"),
    ],
)
def test_how_a_function_s_state_ends(name: str, error: str, retries: int, final: str, machine: dict[str, Any]) -> None:
    assert after_error(machine, name, error) == (retries, final)


def test_a_task_waits_longer_than_its_job_may_run(machine: dict[str, Any]) -> None:
    for name in JOBS:
        state = machine["States"][name]
        limits = state["Parameters"]["StoppingCondition"]
        assert state["TimeoutSeconds"] > max(limits.values()), name


@pytest.mark.parametrize("name", JOBS)
def test_every_request_is_one_that_sagemaker_takes(name: str, machine: dict[str, Any]) -> None:
    given = {
        **parse(INPUT, "dev-census-").as_input(),
        "Training": {"Model": "s3://data/census/runs/1/model/dev-census-1-train/output/model.tar.gz"},
    }
    state = machine["States"][name]
    assert state["Resource"] == f"arn:aws:states:::sagemaker:{JOBS[name][0].lower()}{JOBS[name][1:]}.sync"
    request = resolve(state["Parameters"], given)
    assert not refusal("sagemaker", JOBS[name], request)
    assert "$" not in json.dumps(request), "a value that nobody resolves"


def test_what_varies_per_run_comes_from_the_input(machine: dict[str, Any]) -> None:
    given = parse(INPUT, "dev-census-").as_input()
    states = machine["States"]
    prepare = resolve(states["Preprocessing"]["Parameters"], given)
    assert prepare["ProcessingJobName"] == "dev-census-1-prepare"
    assert prepare["AppSpecification"]["ContainerArguments"] == ["--seed", "42", "--test-fraction", "0.2"]
    data, code = (entry["S3Input"]["S3Uri"] for entry in prepare["ProcessingInputs"])
    assert data == "s3://data/census/versions/0123456789abcdef"
    assert code == "s3://data/census/scripts/versions/fedcba9876543210"
    outputs = [entry["S3Output"]["S3Uri"] for entry in prepare["ProcessingOutputConfig"]["Outputs"]]
    assert all(uri.startswith("s3://data/census/runs/1/prepared/") for uri in outputs)
    train = resolve(states["Training"]["Parameters"], given)
    assert train["HyperParameters"] == {"eta": "0.1", "num_round": "10"}
    assert train["OutputDataConfig"]["S3OutputPath"] == "s3://data/census/runs/1/model"
    assert train["CheckpointConfig"] == {"S3Uri": "s3://data/census/runs/1/checkpoints/TrainingStep"}


def test_training_waits_for_spot_instances(machine: dict[str, Any]) -> None:
    request = machine["States"]["Training"]["Parameters"]
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 5400}


def test_the_machine_may_what_sync_needs_on_its_own_jobs_alone(template: dict[str, Any]) -> None:
    policies = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::IAM::Policy"]
    (policy,) = [p for p in policies if "sagemaker:CreateTrainingJob" in json.dumps(p)]
    statements = policy["PolicyDocument"]["Statement"]
    jobs = {json.dumps(s["Resource"]) for s in statements if "sagemaker:Create" in json.dumps(s["Action"])}
    assert all("job/dev-census-*" in resource for resource in jobs)
    assert len(jobs) == 2
    (rules,) = [s for s in statements if "events:PutRule" in s["Action"]]
    assert set(rules["Action"]) == {"events:DescribeRule", "events:PutRule", "events:PutTargets"}
    assert "ProcessingJobsRule" in json.dumps(rules["Resource"])
    assert "TrainingJobsRule" in json.dumps(rules["Resource"])
    (passed,) = [s for s in statements if s["Action"] == "iam:PassRole"]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_the_functions_are_in_the_network(template: dict[str, Any]) -> None:
    functions = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Lambda::Function"]
    assert len(functions) == 2
    for function in functions:
        assert function["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "SubnetIds": ["subnet-1", "subnet-2"]}


def test_the_table_outlives_the_stack_and_can_be_restored(template: dict[str, Any]) -> None:
    table = only(template, "AWS::DynamoDB::Table")
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["Properties"]["SSESpecification"]["SSEType"] == "KMS"
