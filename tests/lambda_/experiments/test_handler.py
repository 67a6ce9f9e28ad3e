"""The recorder's requests to AWS are valid, and their answers become runs."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from experiments import handler as function
from experiments.run import Tag
from experiments.settings import Settings
from experiments.sources.aws import Aws
from experiments.tracking import TrackedRun, Tracking
from tests.lambda_.experiments.mlflow_app import App
from tests.lambda_.stub import answered_by

pytestmark = pytest.mark.slow
SAGEMAKER = "arn:aws:sagemaker:eu-west-1:111122223333"
MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:dev-census"
BEGAN, ENDED = datetime(2026, 11, 21, 12, 0, tzinfo=UTC), datetime(2026, 11, 21, 12, 5, tzinfo=UTC)
EVALUATION = {"binary_classification_metrics": {"accuracy": {"value": 0.75}, "roc_auc": {"value": 0.875}}}
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/tabular:abc"
LOG = ["[0]\ttrain-auc:0.5", "[1]\ttrain-auc:nan", "[2]\ttrain-auc:1e-05"]


class World:
    """AWS as the recorder asks it; `jobs`, `executions` and so on hold what it has."""

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.executions: dict[str, dict[str, Any]] = {}
        self.best: dict[str, str] = {}

    def __call__(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self, operation)(asked)
        return answer

    def ListTags(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's name
        del asked
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def DescribeTrainingJob(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if asked["TrainingJobName"] not in self.jobs:
            error = {"Error": {"Code": "ValidationException", "Message": "Requested resource not found."}}
            raise ClientError(error, "DescribeTrainingJob")  # type: ignore[arg-type] # what AWS answers
        return self.jobs[asked["TrainingJobName"]]

    def DescribeLogStreams(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"logStreams": [{"logStreamName": f"{asked['logStreamNamePrefix']}-1763726400"}]}

    def GetLogEvents(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        lines = [] if "nextToken" in asked else [{"timestamp": 1, "message": line} for line in LOG]
        return {"events": lines, "nextForwardToken": "f/end", "nextBackwardToken": "b/begin"}

    def DescribePipelineExecution(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {
            "PipelineArn": f"{SAGEMAKER}:pipeline/dev-fraud",
            "PipelineExecutionStatus": "Succeeded",
            "PipelineExecutionDescription": "deeper trees",
            "CreationTime": BEGAN,
            "LastModifiedTime": ENDED,
        }

    def ListPipelineExecutionSteps(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        arn = f"{SAGEMAKER}:processing-job/pipelines-abc-evaluate"
        training = f"{SAGEMAKER}:training-job/pipelines-abc-train"
        steps = [
            {"StepName": "Train", "StepStatus": "Succeeded", "Metadata": {"TrainingJob": {"Arn": training}}},
            {"StepName": "Evaluate", "StepStatus": "Succeeded", "Metadata": {"ProcessingJob": {"Arn": arn}}},
        ]
        return {"PipelineExecutionSteps": steps}

    def DescribeProcessingJob(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert asked == {"ProcessingJobName": "pipelines-abc-evaluate"}
        output = {"OutputName": "evaluation", "S3Output": {"S3Uri": "s3://artifacts/abc/evaluation"}}
        return {"ProcessingOutputConfig": {"Outputs": [output]}}

    def DescribePipelineDefinitionForExecution(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        parameters = [{"Name": "InputDataUri"}, {"Name": "Seed", "DefaultValue": 42}, {"Name": "MaxDepth"}]
        return {"PipelineDefinition": json.dumps({"Parameters": parameters})}

    def ListPipelineParametersForExecution(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        data = "s3://data/fraud/versions/0123456789abcdef/"
        return {"PipelineParameters": [{"Name": "InputDataUri", "Value": data}, {"Name": "MaxDepth", "Value": "4"}]}

    def DescribeExecution(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self.executions[asked["executionArn"]]

    def GetItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert (asked["TableName"], asked["ConsistentRead"]) == ("runs", True)
        best = self.best.get(asked["Key"]["Key"]["S"])
        return {"Item": {"Execution": {"S": best}}} if best else {}


class Objects:
    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if not Key.endswith("evaluation.json"):
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "no"}}, "GetObject")
        assert Bucket == "artifacts"
        body = json.dumps(EVALUATION).encode()
        return {"Body": StreamingBody(io.BytesIO(body), len(body))}


def job(name: str, **members: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "TrainingJobArn": f"{SAGEMAKER}:training-job/{name}",
        "TrainingJobStatus": "Completed",
        "ModelArtifacts": {"S3ModelArtifacts": f"s3://artifacts/{name}/model.tar.gz"},
        "HyperParameters": {"max_depth": "4"},
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "train-auc", "Regex": "train-auc:([-+0-9.e]+|nan)"}],
        },
        "CreationTime": BEGAN,
        "TrainingEndTime": ENDED,
        "LastModifiedTime": ENDED,
        **members,
    }


def execution(name: str, **members: Any) -> dict[str, Any]:
    given = {
        "ExperimentName": "census",
        "TrainingJobName": f"dev-census-{name}-train",
        "DataVersion": "0123456789abcdef",
        "ScriptVersion": "fedcba9876543210",
        "Comment": "as before",
        "PreprocessingParameters": {"seed": 42},
        "Hyperparameters": {"max_depth": 4},
    }
    comparison = {
        "is_best": True,
        "metric": "roc_auc",
        "value": 0.875,
        "evaluation": f"s3://artifacts/{name}/evaluation.json",
    }
    return {
        "executionArn": MACHINE.replace(":stateMachine:", ":execution:") + f":{name}",
        "stateMachineArn": MACHINE,
        "name": name,
        "status": "SUCCEEDED",
        "startDate": BEGAN,
        "stopDate": ENDED,
        "input": json.dumps(given),
        "output": json.dumps({**given, "Comparison": comparison}),
        **members,
    }


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    return App(tmp_path_factory.mktemp("mlflow"))


@pytest.fixture
def tracking(app: App) -> Tracking:
    tracking = Tracking(app)
    experiments = [each.id for each in tracking.experiments()]
    for run in tracking.runs(experiments):
        tracking.delete_run(run.id)
    return tracking


Tell = Callable[..., TrackedRun | None]


@pytest.fixture
def tell(aws: None, world: World, tracking: Tracking, context: LambdaContext, monkeypatch: pytest.MonkeyPatch) -> Tell:
    """Tell the function that something ended; the run that it made."""
    del aws
    clients = Aws(
        sagemaker=answered_by(boto3.client("sagemaker"), world),
        stepfunctions=answered_by(boto3.client("stepfunctions"), world),
        logs=answered_by(boto3.client("logs"), world),
        s3=Objects(),  # type: ignore[arg-type] # the one method of it that is used
        dynamodb=answered_by(boto3.client("dynamodb"), world),
    )
    settings = Settings(
        "arn:aws:sagemaker:eu-west-1:111122223333:mlflow-app/app-1", {"dev-fraud": "roc_auc"}, {"dev-census": "runs"}
    )
    monkeypatch.setattr(function, "clients", lambda: (clients, tracking))
    monkeypatch.setattr(function, "settings", lambda: settings)

    def run(kind: str, **detail: Any) -> TrackedRun | None:
        made = function.handler({"detail-type": kind, "detail": detail}, context)
        if made is None:
            return None
        return next(each for each in tracking.runs([made["experiment_id"]]) if each.id == made["run_id"])

    return run


def pipeline_ended(tell: Tell) -> TrackedRun | None:
    return tell(
        "SageMaker Model Building Pipeline Execution Status Change",
        pipelineExecutionArn=f"{SAGEMAKER}:pipeline/dev-fraud/execution/abc",
        currentPipelineExecutionStatus="Succeeded",
    )


def machine_ended(tell: Tell, world: World, name: str, **members: Any) -> TrackedRun | None:
    made = execution(name, **members)
    world.executions[made["executionArn"]] = made
    return tell("Step Functions Execution Status Change", executionArn=made["executionArn"], status=made["status"])


def test_a_pipeline_execution_is_a_run(tell: Tell, world: World, tracking: Tracking) -> None:
    world.jobs["pipelines-abc-train"] = job("pipelines-abc-train")
    run = pipeline_ended(tell)
    assert run is not None
    experiment = tracking.experiment("dev-fraud")
    assert experiment is not None
    assert run.experiment_id == experiment.id
    assert run.parameters == {
        "max_depth": "4",
        "pipeline.InputDataUri": "s3://data/fraud/versions/0123456789abcdef/",
        "pipeline.Seed": "42",
        "pipeline.MaxDepth": "4",
    }
    assert run.metrics == {"accuracy": 0.75, "roc_auc": 0.875, "train-auc": 1e-05}
    assert [point.step for point in tracking.history(run.id, "train-auc")] == [0, 1, 2]
    assert {tag: run.tags[tag] for tag in Tag if tag in run.tags} == {
        Tag.ARN: f"{SAGEMAKER}:pipeline/dev-fraud/execution/abc",
        Tag.COMMENT: "deeper trees",
        Tag.NOTE: "deeper trees",
        Tag.DATA_VERSION: "0123456789abcdef",
        Tag.CODE_VERSION: "abc",
        Tag.IMAGE: IMAGE,
        Tag.MODEL: "s3://artifacts/pipelines-abc-train/model.tar.gz",
        Tag.EVALUATION: "s3://artifacts/abc/evaluation/evaluation.json",
        Tag.TRAINING_JOB: "pipelines-abc-train",
        Tag.IS_BEST: "true",
        Tag.RECORDED: "true",
    }
    again = pipeline_ended(tell)
    assert again is not None
    assert again.id == run.id


def test_an_execution_of_a_machine_is_a_run_and_the_table_says_which_is_best(tell: Tell, world: World) -> None:
    world.jobs["dev-census-one-train"] = job("dev-census-one-train")
    world.best["experiment/census"] = MACHINE.replace(":stateMachine:", ":execution:") + ":one"
    run = machine_ended(tell, world, "one")
    assert run is not None
    assert run.parameters == {"max_depth": "4", "preprocessing.seed": "42"}
    assert (run.metrics["roc_auc"], run.tags[Tag.IS_BEST], run.status) == (0.875, "true", "FINISHED")
    assert (run.tags[Tag.DATA_VERSION], run.tags[Tag.CODE_VERSION]) == ("0123456789abcdef", "fedcba9876543210")
    worse = machine_ended(tell, world, "two")
    assert worse is not None
    assert worse.tags[Tag.IS_BEST] == "false"


def test_a_failed_execution_is_a_run_with_its_reason(tell: Tell, world: World) -> None:
    cause = json.dumps({"FailureReason": "AlgorithmError: num_round must be at least 1"})
    run = machine_ended(tell, world, "failed", status="FAILED", output=None, error="States.TaskFailed", cause=cause)
    assert run is not None
    assert (run.status, run.metrics, run.tags[Tag.IS_BEST]) == ("FAILED", {}, "false")
    assert run.tags[Tag.REASON] == "States.TaskFailed: AlgorithmError: num_round must be at least 1"


@pytest.mark.parametrize("members", [{"error": "InvalidInput"}, {"input": "[]"}, {"input": "{}"}])
def test_an_input_that_was_refused_made_no_run(tell: Tell, world: World, members: dict[str, Any]) -> None:
    assert machine_ended(tell, world, "refused", status="FAILED", output=None, **members) is None


def ended(tell: Tell, name: str) -> TrackedRun | None:
    arn = f"{SAGEMAKER}:training-job/{name}"
    return tell("SageMaker Training Job State Change", TrainingJobArn=arn, TrainingJobStatus="Completed")


def test_a_training_job_alone_is_a_run_of_the_experiment_that_it_names(
    tell: Tell, world: World, tracking: Tracking
) -> None:
    channel = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/mine/2026-11/"}}}
    world.jobs["alone"] = job(
        "alone",
        ExperimentConfig={"ExperimentName": "mine"},
        InputDataConfig=[{"ChannelName": "train", **channel}],
        FinalMetricDataList=[{"MetricName": "loss", "Value": 0.25, "Timestamp": ENDED}],
    )
    run = ended(tell, "alone")
    assert run is not None
    experiment = tracking.experiment("mine")
    assert experiment is not None
    assert run.experiment_id == experiment.id
    assert (run.tags[Tag.DATA_VERSION], run.metrics["loss"], run.parameters) == ("2026-11", 0.25, {"max_depth": "4"})
    assert Tag.IS_BEST not in run.tags


@pytest.mark.parametrize("tag", ["sagemaker:pipeline-execution-arn", "AWS_STEP_FUNCTIONS_EXECUTION_ARN"])
def test_a_training_job_that_is_a_part_of_more_is_no_run_of_its_own(tell: Tell, world: World, tag: str) -> None:
    world.tags[tag] = "arn"
    world.jobs["part"] = job("part")
    assert ended(tell, "part") is None
