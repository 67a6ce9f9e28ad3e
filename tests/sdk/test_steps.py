"""Steps of pipelines that the SDK makes beside jobs: functions, conditions, caches, retries, and how many run at once.

Right answers are those of SageMaker's developer guide, "Pipelines steps", "Caching pipeline steps", "Retry policy for
pipeline steps", and of the SDK's own documentation of each class.
"""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError
from sagemaker.core.lambda_helper import Lambda
from sagemaker.core.processing import Processor
from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output
from sagemaker.core.workflow.conditions import (
    Condition,
    ConditionEquals,
    ConditionGreaterThan,
    ConditionIn,
    ConditionLessThan,
    ConditionNot,
    ConditionOr,
)
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterBoolean, ParameterInteger, ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.callback_step import CallbackStep
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.mlops.workflow.parallelism_config import ParallelismConfiguration
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from sagemaker.mlops.workflow.selective_execution_config import SelectiveExecutionConfig
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep

from tests.sdk.notebook import BUCKET, allow, content, finished, policy

Made = Callable[..., Pipeline]
NUMBER, WORD = ParameterInteger(name="N", default_value=3), ParameterString(name="Word", default_value="a")
ANSWER = (
    "def handler(event, context):\n"
    "    return {'statusCode': 200, 'text': 'so ' + str(event['n']), 'count': 7, 'half': 0.5, 'sure': True}\n"
)


@pytest.fixture(scope="module")
def noted(session: object) -> PipelineSession:
    """A session that notes jobs down instead of starting them."""
    del session  # it has made the bucket
    return PipelineSession(default_bucket=BUCKET)


@pytest.fixture
def made(role: str, noted: PipelineSession) -> Iterator[Made]:
    """Make pipelines of steps, which go with the test."""
    pipelines: list[Pipeline] = []

    def make(steps: list[Any], **settings: Any) -> Pipeline:
        pipeline = Pipeline(f"steps-{uuid.uuid4().hex[:8]}", steps=steps, sagemaker_session=noted, **settings)
        pipeline.upsert(role_arn=role)
        pipelines.append(pipeline)
        return pipeline

    yield make
    for pipeline in pipelines:
        pipeline.delete()


@pytest.fixture(scope="module")
def job(image: str, role: str, noted: PipelineSession) -> Callable[..., ProcessingStep]:
    """Make a step that runs one command and uploads what it leaves."""

    def make(name: str, command: str, **settings: Any) -> ProcessingStep:
        processor = Processor(
            role=role,
            image_uri=image,
            entrypoint=["/bin/sh", "-c", command],
            instance_count=1,
            instance_type="ml.m5.large",
            sagemaker_session=noted,
        )
        place = ProcessingS3Output(
            s3_uri=f"s3://{BUCKET}/steps/{name}", local_path="/opt/ml/processing/output", s3_upload_mode="EndOfJob"
        )
        outputs = [ProcessingOutput(output_name="out", s3_output=place)]
        return ProcessingStep(name=name, step_args=processor.run(outputs=outputs), **settings)

    return make


@pytest.fixture(scope="module")
def function(role: str) -> Iterator[str]:
    """ARN of a function that pipelines of the notebook may invoke."""
    iam, functions = boto3.client("iam"), boto3.client("lambda")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    own = iam.create_role(RoleName="answering", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", ANSWER)
    arn = functions.create_function(
        FunctionName="answering",
        Runtime="python3.11",
        Handler="index.handler",
        Role=own,
        Code={"ZipFile": packed.getvalue()},
    )["FunctionArn"]
    name = role.rpartition("/")[2]
    document = policy(allow(["lambda:InvokeFunction"], arn))
    iam.put_role_policy(RoleName=name, PolicyName="answering", PolicyDocument=document)
    yield arn
    iam.delete_role_policy(RoleName=name, PolicyName="answering")
    functions.delete_function(FunctionName="answering")


def failure(execution: Any) -> dict[str, dict[str, Any]]:
    """Wait for an execution that must fail, and return its steps by name."""
    with pytest.raises(WaiterError, match="Failed"):
        execution.wait(delay=1, max_attempts=300)
    return {step["StepName"]: step for step in execution.list_steps()}


def test_a_function_s_outputs_are_properties_of_its_step(made: Made, function: str) -> None:
    """LambdaStep, outputs: "List of outputs from the lambda function"; a later step takes them by name."""
    outputs = [
        LambdaOutput(output_name="text", output_type=LambdaOutputTypeEnum.String),
        LambdaOutput(output_name="count", output_type=LambdaOutputTypeEnum.Integer),
        LambdaOutput(output_name="half", output_type=LambdaOutputTypeEnum.Float),
        LambdaOutput(output_name="sure", output_type=LambdaOutputTypeEnum.Boolean),
    ]
    number = ParameterInteger(name="Number", default_value=3)
    ask = LambdaStep("Ask", lambda_func=Lambda(function_arn=function), inputs={"n": number}, outputs=outputs)
    said = ask.properties.Outputs
    end = FailStep("End", error_message=Join(on="|", values=[said["text"], said["count"], said["half"], said["sure"]]))
    steps = failure(made([ask, end], parameters=[number]).start(parameters={"Number": 4}))
    shown = {item["Name"]: item["Value"] for item in steps["Ask"]["Metadata"]["Lambda"]["OutputParameters"]}
    assert shown == {"text": "so 4", "count": "7", "half": "0.5", "sure": "true"}
    assert steps["End"]["FailureReason"] == "so 4|7|0.5|true"


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        (ConditionNot(ConditionEquals(NUMBER, 3)), "False"),
        (ConditionIn(WORD, ["b", "a"]), "True"),
        (ConditionOr([ConditionGreaterThan(NUMBER, 3), ConditionEquals(WORD, "a")]), "True"),
        (ConditionNot(ConditionOr([ConditionLessThan(NUMBER, 1), ConditionIn(WORD, ["c"])])), "True"),
    ],
    ids=["not", "in", "or", "neither"],
)
def test_conditions_choose_a_branch(made: Made, condition: Condition, outcome: str) -> None:
    step = ConditionStep(
        name="Check",
        conditions=[condition],
        if_steps=[FailStep("Yes", error_message="yes")],
        else_steps=[FailStep("No", error_message="no")],
    )
    steps = failure(made([step], parameters=[NUMBER, WORD]).start())
    assert steps["Check"]["Metadata"]["Condition"]["Outcome"] == outcome
    assert set(steps) == {"Check", "Yes" if outcome == "True" else "No"}


def test_a_property_file_decides(made: Made, job: Callable[..., ProcessingStep]) -> None:
    file = PropertyFile(name="Report", output_name="out", path="report.json")
    report = json.dumps({"auc": [0.4, {"best": 0.9}], "who": "x"})
    write = job("Write", f"echo '{report}' > /opt/ml/processing/output/report.json", property_files=[file])
    best = JsonGet(step_name="Write", property_file=file, json_path="auc[1].best")
    check = ConditionStep(
        name="Check",
        conditions=[ConditionGreaterThan(left=best, right=0.8)],
        if_steps=[FailStep("Good", error_message=Join(on=" ", values=["best", best]))],
        else_steps=[],
    )
    steps = failure(made([write, check]).start())
    assert steps["Good"]["FailureReason"] == "best 0.9"


def test_a_cached_step_is_taken_over_and_not_run(made: Made, job: Callable[..., ProcessingStep]) -> None:
    """Caching pipeline steps: a hit has CacheHitResult with the execution that ran; another argument misses."""
    cached = {"cache_config": CacheConfig(enable_caching=True, expire_after="PT1H")}
    pipeline = made([job("Cached", "date +%N > /opt/ml/processing/output/when", **cached), job("Fresh", "true")])
    first = pipeline.start()
    ran = finished(first)
    written = content(f"s3://{BUCKET}/steps/Cached/when")
    taken = finished(pipeline.start())
    assert "CacheHitResult" not in ran["Cached"]
    assert taken["Cached"]["CacheHitResult"]["SourcePipelineExecutionArn"] == first.arn
    assert taken["Cached"]["Metadata"] == ran["Cached"]["Metadata"]
    assert "CacheHitResult" not in taken["Fresh"]
    assert taken["Fresh"]["Metadata"] != ran["Fresh"]["Metadata"]
    assert content(f"s3://{BUCKET}/steps/Cached/when") == written


def test_one_step_runs_at_a_time_where_no_more_may(made: Made, job: Callable[..., ProcessingStep]) -> None:
    """ParallelismConfiguration: "The max number of steps that can be executed in parallel"."""
    pipeline = made([job(name, "sleep 1") for name in ("A", "B", "C")])
    steps = finished(pipeline.start(parallelism_config=ParallelismConfiguration(1)))
    times = sorted((step["StartTime"], step["EndTime"]) for step in steps.values())
    assert all(times[n][1] <= times[n + 1][0] for n in range(2)), times


def test_a_retry_is_for_the_errors_that_it_names(made: Made, job: Callable[..., ProcessingStep]) -> None:
    """SageMakerJobStepRetryPolicy is for faults and limits; an AlgorithmError is the user's and not tried again."""
    policies = [
        StepRetryPolicy(exception_types=[StepExceptionTypeEnum.THROTTLING], max_attempts=3),
        SageMakerJobStepRetryPolicy(
            failure_reason_types=[SageMakerJobExceptionTypeEnum.INTERNAL_ERROR], max_attempts=3, interval_seconds=1
        ),
    ]
    steps = failure(made([job("Once", "echo no >&2; exit 3", retry_policies=policies)]).start())
    assert steps["Once"]["AttemptCount"] == 1
    assert "AlgorithmError" in steps["Once"]["FailureReason"]


def test_an_execution_that_failed_is_retried_from_where_it_did(made: Made, job: Callable[..., ProcessingStep]) -> None:
    """RetryPipelineExecution: steps that succeeded keep their results."""
    pipeline = made([job("Good", "true"), FailStep("Bad", error_message="no", depends_on=["Good"])])
    execution = pipeline.start()
    before = failure(execution)
    boto3.client("sagemaker").retry_pipeline_execution(
        PipelineExecutionArn=execution.arn, ClientRequestToken=uuid.uuid4().hex
    )
    after = failure(execution)
    assert after["Good"]["Metadata"] == before["Good"]["Metadata"]
    assert after["Bad"]["StartTime"] > before["Bad"]["StartTime"]


def test_an_execution_is_stopped_with_its_job(made: Made, job: Callable[..., ProcessingStep]) -> None:
    execution = made([job("Long", "sleep 300")]).start()
    client: Any = boto3.client("sagemaker")
    while not (steps := execution.list_steps()) or "ProcessingJob" not in steps[0].get("Metadata", {}):
        time.sleep(0.2)
    execution.stop()
    while execution.describe()["PipelineExecutionStatus"] != "Stopped":  # the SDK's waiter knows no end but two
        time.sleep(0.5)
    [step] = execution.list_steps()
    name = step["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    assert step["StepStatus"] == "Stopped"
    assert client.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "Stopped"


def test_variables_of_an_execution_are_its_own(made: Made) -> None:
    """ExecutionVariables: id and ARN of the execution, name of the pipeline, and the time of its start in ISO 8601."""
    variables = ExecutionVariables
    kept = [
        variables.PIPELINE_EXECUTION_ID,
        variables.PIPELINE_EXECUTION_ARN,
        variables.PIPELINE_NAME,
        variables.START_DATETIME,
    ]
    sure = ParameterBoolean(name="Sure", default_value=True)
    pipeline = made([FailStep("End", error_message=Join(on=" ", values=[*kept, sure]))], parameters=[sure])
    execution = pipeline.start()
    reason = failure(execution)["End"]["FailureReason"].split()
    assert reason[:3] == [execution.arn.rpartition("/")[2], execution.arn, pipeline.name]
    begun = execution.describe()["CreationTime"]
    assert abs((datetime.fromisoformat(reason[3]) - begun).total_seconds()) < 5
    assert reason[4] == "true"


def test_executions_are_listed_newest_first(made: Made) -> None:
    """ListPipelineExecutions: SortBy CreationTime, SortOrder Descending are the defaults."""
    pipeline = made([FailStep("End", error_message="no")])
    started = [pipeline.start(execution_display_name=name) for name in ("one", "two")]
    for execution in started:
        failure(execution)
    listed = pipeline.list_executions()["PipelineExecutionSummaries"]
    assert [item["PipelineExecutionArn"] for item in listed] == [each.arn for each in reversed(started)]
    assert listed[0]["PipelineExecutionFailureReason"] == "Step failure: One or multiple steps failed."
    assert [item["PipelineExecutionDisplayName"] for item in listed] == ["two", "one"]


def test_a_part_of_a_pipeline_is_refused_by_name(made: Made) -> None:
    pipeline = made([FailStep("End", error_message="no")])
    execution = pipeline.start()
    failure(execution)
    part = SelectiveExecutionConfig(source_pipeline_execution_arn=execution.arn, selected_steps=["End"])
    with pytest.raises(ClientError, match="SelectiveExecutionConfig"):
        pipeline.start(selective_execution_config=part)


def test_a_step_that_waits_for_a_message_is_refused_by_name(role: str, noted: PipelineSession) -> None:
    queue = f"https://sqs.{boto3.session.Session().region_name}.amazonaws.com/111111111111/q"
    step = CallbackStep("Wait", sqs_queue_url=queue, inputs={}, outputs=[])
    with pytest.raises(ClientError, match="'Callback', which is not provided"):
        Pipeline("waiting", steps=[step], sagemaker_session=noted).create(role_arn=role)
