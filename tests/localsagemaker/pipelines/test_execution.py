"""Executions: order, branches, failures, retries, stops and what is told about them."""

import json
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import ROLE, Call, FakeHost, FakeImages, Run
from tests.localsagemaker.pipelines.bench import Bench, fail, processing

EXECUTION_EVENT = "SageMaker Model Building Pipeline Execution Status Change"
STEP_EVENT = "SageMaker Model Building Pipeline Execution Step Status Change"


def test_runs_steps_in_the_order_of_their_references(bench: Bench, images: FakeImages) -> None:
    ran: list[list[str]] = []

    def program(run: Run) -> int:
        ran.append(list(run.arguments))
        return 0

    images.programs["image"] = program
    uri = {"Get": "Steps.First.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"}
    bench.create(processing("Second", uri, {"Get": "Execution.PipelineName"}), processing("First", out="s3://b/first"))
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert ran == [["First"], ["Second", "s3://b/first", "p"]]
    found = bench.steps(arn)
    assert list(found) == ["First", "Second"]
    assert {step["StepStatus"] for step in found.values()} == {"Succeeded"}
    execution = arn.rsplit("/", 1)[-1]
    job = found["First"]["Metadata"]["ProcessingJob"]["Arn"]
    assert f":processing-job/pipelines-{execution}-First-" in job
    assert found["First"]["EndTime"] >= found["First"]["StartTime"]


def test_jobs_are_tagged_with_their_execution(bench: Bench, call: Call) -> None:
    bench.create(processing("Only"))
    arn = bench.start()
    bench.finish(arn)
    tags = call("ListTags", ResourceArn=bench.steps(arn)["Only"]["Metadata"]["ProcessingJob"]["Arn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "sagemaker:pipeline-execution-arn": arn,
        "sagemaker:pipeline-step-name": "Only",
    }


@pytest.mark.parametrize("limit", [1, 2])
def test_no_more_steps_at_once_than_allowed(bench: Bench, images: FakeImages, call: Call, limit: int) -> None:
    lock, running, most = threading.Lock(), [0], [0]

    def program(run: Run) -> int:
        del run
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.1)
        with lock:
            running[0] -= 1
        return 0

    images.programs["image"] = program
    bench.create(
        *(processing(f"S{number}") for number in range(4)), ParallelismConfiguration={"MaxParallelExecutionSteps": 3}
    )
    arn = bench.start(ParallelismConfiguration={"MaxParallelExecutionSteps": limit})
    bench.finish(arn)
    assert most[0] == limit
    shown = call("DescribePipelineExecution", PipelineExecutionArn=arn)
    assert shown["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": limit}


@pytest.mark.parametrize("operation", ["RetryPipelineExecution", "UpdatePipelineExecution"])
def test_a_request_changes_how_many_steps_run_at_once(
    operation: str, bench: Bench, images: FakeImages, call: Call
) -> None:
    """API reference: what it gives "overrides the parallelism configuration of the parent pipeline"."""
    together, begun, code = threading.Barrier(2, timeout=10), threading.Event(), [1]

    def program(run: Run) -> int:
        if run.arguments[0] == "First":
            begun.set()
            time.sleep(0.1)
        elif not code[0] or operation == "UpdatePipelineExecution":
            together.wait()
        return code[0] if operation == "RetryPipelineExecution" else 0

    images.programs["image"] = program
    bench.create(*(processing(name) for name in ("First", "Second", "Third")))
    arn = bench.start(ParallelismConfiguration={"MaxParallelExecutionSteps": 1})
    if operation == "RetryPipelineExecution":
        assert bench.finish(arn)["PipelineExecutionStatus"] == "Failed"
        code[0] = 0
    assert begun.wait(10)
    call(operation, PipelineExecutionArn=arn, ParallelismConfiguration={"MaxParallelExecutionSteps": 3})
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Succeeded"
    shown = call("DescribePipelineExecution", PipelineExecutionArn=arn)
    assert shown["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 3}


def test_two_executions_at_once(bench: Bench, images: FakeImages) -> None:
    together = threading.Barrier(2, timeout=10)

    def program(run: Run) -> int:
        del run
        together.wait()
        return 0

    images.programs["image"] = program
    bench.create(processing("Only"))
    arns = [bench.start(), bench.start()]
    assert [bench.finish(arn)["PipelineExecutionStatus"] for arn in arns] == ["Succeeded", "Succeeded"]


def test_events_tell_every_change(bench: Bench, host: FakeHost) -> None:
    pipeline = bench.create(processing("Only"))
    arn = bench.start(PipelineExecutionDisplayName="nightly")
    bench.finish(arn)
    told = [(detail, resources) for kind, detail, resources in host.events if kind == EXECUTION_EVENT]
    assert [detail["currentPipelineExecutionStatus"] for detail, _ in told] == ["Executing", "Succeeded"]
    last, resources = told[-1]
    assert resources == [pipeline, arn]
    assert last["previousPipelineExecutionStatus"] == "Executing"
    assert last["pipelineExecutionDisplayName"] == "nightly"
    assert last["pipelineArn"] == pipeline
    assert {"executionStartTime", "executionEndTime"} <= last.keys()
    changes = [detail for kind, detail, _ in host.events if kind == STEP_EVENT]
    assert [(each["previousStepStatus"], each["currentStepStatus"]) for each in changes] == [
        ("Starting", "Executing"),
        ("Executing", "Succeeded"),
    ]
    assert changes[-1]["stepType"] == "Processing"
    assert ":processing-job/" in changes[-1]["metadata"]["processingJob"]["arn"]


def test_a_token_starts_once(bench: Bench, call: Call) -> None:
    bench.create(processing("Only"))
    token = str(uuid.uuid4())
    assert bench.start(ClientRequestToken=token) == bench.start(ClientRequestToken=token)
    bench.finish(bench.start())
    assert len(call("ListPipelineExecutions", PipelineName="p")["PipelineExecutionSummaries"]) == 2


def test_an_execution_keeps_the_definition_and_parameters_it_started_with(bench: Bench, call: Call) -> None:
    bench.create(processing("Only"))
    before = call("DescribePipeline", PipelineName="p")["PipelineDefinition"]
    arn = bench.start(PipelineParameters=[{"Name": "Gate", "Value": "0.9"}])
    changed = json.dumps({"Version": "2020-12-01", "Steps": [fail("Stop", "no")]})
    call("UpdatePipeline", PipelineName="p", PipelineDefinition=changed)
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Succeeded"
    shown = call("DescribePipelineDefinitionForExecution", PipelineExecutionArn=arn)
    assert shown["PipelineDefinition"] == before
    given = call("ListPipelineParametersForExecution", PipelineExecutionArn=arn)["PipelineParameters"]
    assert given == [{"Name": "Gate", "Value": "0.9"}]
    assert bench.finish(bench.start())["PipelineExecutionStatus"] == "Failed"


def test_a_running_pipeline_cannot_be_deleted(bench: Bench, images: FakeImages, call: Call) -> None:
    go = threading.Event()

    def program(run: Run) -> int:
        del run
        return int(not go.wait(10))

    images.programs["image"] = program
    bench.create(processing("Only"))
    arn = bench.start()
    with pytest.raises(ServiceError, match="has running executions") as refused:
        call("DeletePipeline", PipelineName="p")
    assert refused.value.code == "ConflictException"
    go.set()
    bench.finish(arn)
    call("DeletePipeline", PipelineName="p")
    for operation, members in (
        ("DescribePipeline", {"PipelineName": "p"}),
        ("DescribePipelineExecution", {"PipelineExecutionArn": arn}),
    ):
        with pytest.raises(ServiceError, match="does not exist") as missing:
            call(operation, **members)
        assert missing.value.code == "ResourceNotFound"


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"PipelineParameters": [{"Name": "Nope", "Value": "1"}]}, r"Unknown parameter \[Nope\]"),
        ({"PipelineParameters": [{"Name": "Gate", "Value": "high"}]}, "not of type Float"),
        ({"SelectiveExecutionConfig": {"SelectedSteps": [{"StepName": "Only"}]}}, "SelectiveExecutionConfig is not"),
    ],
)
def test_refuses_to_start_with_wrong_parameters(bench: Bench, members: dict[str, Any], words: str) -> None:
    bench.create(processing("Only"))
    with pytest.raises(ServiceError, match=words):
        bench.start(**members)


def test_a_definition_is_read_from_s3(call: Call, host: FakeHost) -> None:
    location = {"Bucket": "bucket", "ObjectKey": "pipeline.json"}
    request = {"PipelineName": "p", "RoleArn": ROLE, "PipelineDefinitionS3Location": location}
    with pytest.raises(ServiceError, match=r"Cannot read the pipeline definition at s3://bucket/pipeline\.json"):
        call("CreatePipeline", **request)
    host.s3.content["s3://bucket/pipeline.json"] = json.dumps(
        {"Version": "2020-12-01", "Steps": [fail("Stop", "no")]}
    ).encode()
    call("CreatePipeline", **request)
    assert "Stop" in call("DescribePipeline", PipelineName="p")["PipelineDefinition"]
    with pytest.raises(ServiceError, match="either PipelineDefinition or PipelineDefinitionS3Location"):
        call("CreatePipeline", **request, PipelineDefinition="{}")
    earlier = json.dumps({"Version": "2020-12-01", "Steps": [fail("Earlier", "no")]}).encode()
    host.s3.versions["s3://bucket/pipeline.json", "v1"] = earlier
    call("UpdatePipeline", PipelineName="p", PipelineDefinitionS3Location={**location, "VersionId": "v1"})
    assert "Earlier" in call("DescribePipeline", PipelineName="p")["PipelineDefinition"]


def test_lists_executions_newest_first_and_renames_them(
    bench: Bench, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    monkeypatch.setattr("localsagemaker.pipelines.execution.now", lambda: moment)  # both start in one millisecond
    bench.create(processing("Only"))
    first, second = bench.start(), bench.start(PipelineExecutionDescription="the second")
    for arn in (first, second):
        bench.finish(arn)
    listed = call("ListPipelineExecutions", PipelineName="p")["PipelineExecutionSummaries"]
    assert [each["PipelineExecutionArn"] for each in listed] == [second, first]
    assert listed[0]["PipelineExecutionDescription"] == "the second"
    call("UpdatePipelineExecution", PipelineExecutionArn=first, PipelineExecutionDisplayName="renamed")
    shown = call("DescribePipelineExecution", PipelineExecutionArn=first)
    assert shown["PipelineExecutionDisplayName"] == "renamed"
    pipelines = call("ListPipelines", PipelineNamePrefix="p")["PipelineSummaries"]
    assert [each["PipelineName"] for each in pipelines] == ["p"]
    assert "LastExecutionTime" in pipelines[0]
