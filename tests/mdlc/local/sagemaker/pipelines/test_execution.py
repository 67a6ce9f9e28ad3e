"""Executions: order, branches, failures, retries, stops and what is told about them."""

import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from mdlc.local.sagemaker.errors import ServiceError
from mdlc.local.sagemaker.service import SageMaker
from ml_constructs.pipeline.step import SERVICE_RETRY
from tests.mdlc.local.sagemaker.fakes import ROLE, Call, FakeHost, FakeImages, Run, exits

Step = dict[str, Any]
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:f"
EXECUTION_EVENT = "SageMaker Model Building Pipeline Execution Status Change"
STEP_EVENT = "SageMaker Model Building Pipeline Execution Step Status Change"


def processing(name: str, *arguments: object, out: str = "s3://b/out", **members: object) -> Step:
    output = {"S3Uri": out, "LocalPath": "/opt/ml/processing/output/report", "S3UploadMode": "EndOfJob"}
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "RoleArn": ROLE,
            "AppSpecification": {"ImageUri": "image", "ContainerArguments": [name, *arguments]},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
            },
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": output}]},
        },
        **members,
    }


def condition(name: str, left: object, then: list[Step], otherwise: list[Step]) -> dict[str, Any]:
    items = [{"Type": "GreaterThanOrEqualTo", "LeftValue": left, "RightValue": {"Get": "Parameters.Gate"}}]
    return {
        "Name": name,
        "Type": "Condition",
        "Arguments": {"Conditions": items, "IfSteps": then, "ElseSteps": otherwise},
    }


def fail(name: str, *words: object) -> dict[str, Any]:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": [*words]}}}}


GATE: Step = {"Name": "Gate", "Type": "Float", "DefaultValue": 0.5}
AUC = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Report"}, "Path": "auc"}}
REPORT = {"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}


class Bench:
    """Creates the pipeline `p`, starts it and looks at what became of it."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def create(self, *steps: Step, **members: object) -> str:
        definition = {"Version": "2020-12-01", "Parameters": [GATE], "Steps": list(steps)}
        text = json.dumps(definition)
        arn: str = self.call("CreatePipeline", PipelineName="p", RoleArn=ROLE, PipelineDefinition=text, **members)[
            "PipelineArn"
        ]
        return arn

    def start(self, **members: object) -> str:
        arn: str = self.call("StartPipelineExecution", PipelineName="p", **members)["PipelineExecutionArn"]
        return arn

    def finish(self, arn: str) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            shown = self.call("DescribePipelineExecution", PipelineExecutionArn=arn)
            if shown["PipelineExecutionStatus"] not in {"Executing", "Stopping"}:
                return shown
            time.sleep(0.01)
        raise AssertionError(f"{arn} did not end")

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        found = self.call("ListPipelineExecutionSteps", PipelineExecutionArn=arn, SortOrder="Ascending")
        return {step["StepName"]: step for step in found["PipelineExecutionSteps"]}


@pytest.fixture
def bench(call: Call, images: FakeImages) -> Bench:
    images.programs["image"] = exits(0)
    return Bench(call)


def write_report(auc: object) -> Callable[[Any], int]:
    def program(run: Run) -> int:
        folder = run.base_dir / "processing" / "output" / "report"
        (folder / "report.json").write_text(json.dumps({"auc": auc}))
        return 0

    return program


def gated() -> list[Step]:
    return [
        processing("Evaluate", PropertyFiles=[REPORT]),
        condition(
            "Check",
            AUC,
            [processing("Good")],
            [fail("Rejected", "auc", AUC, "is below the gate", {"Get": "Parameters.Gate"})],
        ),
    ]


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


def test_a_gate_that_is_passed_runs_its_branch(bench: Bench, images: FakeImages) -> None:
    images.programs["image"] = write_report(0.9)
    bench.create(*gated())
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Succeeded"
    found = bench.steps(arn)
    assert set(found) == {"Evaluate", "Check", "Good"}
    assert found["Check"]["Metadata"] == {"Condition": {"Outcome": "True"}}


def test_a_gate_that_is_missed_fails_with_metric_and_threshold(bench: Bench, images: FakeImages) -> None:
    images.programs["image"] = write_report(0.25)
    bench.create(*gated())
    arn = bench.start(PipelineParameters=[{"Name": "Gate", "Value": "0.75"}])
    shown = bench.finish(arn)
    assert shown["PipelineExecutionStatus"] == "Failed"
    assert "Rejected: auc 0.25 is below the gate 0.75" in shown["FailureReason"]
    found = bench.steps(arn)
    assert set(found) == {"Evaluate", "Check", "Rejected"}
    assert found["Check"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    assert found["Rejected"]["StepStatus"] == "Failed"
    assert found["Rejected"]["FailureReason"] == "auc 0.25 is below the gate 0.75"
    assert found["Rejected"]["Metadata"] == {"Fail": {"ErrorMessage": "auc 0.25 is below the gate 0.75"}}


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (write_report("NaN"), "'NaN' is not a number"),
        (write_report(float("nan")), "nan is not a number"),
        (exits(0), "cannot read s3://b/out/report.json: NoSuchKey"),
    ],
)
def test_a_gate_without_a_number_neither_opens_nor_closes(
    bench: Bench, images: FakeImages, program: Callable[[Run], int], words: str
) -> None:
    images.programs["image"] = program
    bench.create(*gated())
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Failed"
    found = bench.steps(arn)
    assert set(found) == {"Evaluate", "Check"}
    assert words in found["Check"]["FailureReason"]


def test_a_failed_step_stops_its_dependents_and_lets_others_finish(bench: Bench, images: FakeImages) -> None:
    failed = threading.Event()

    def program(run: Run) -> int:
        if run.arguments[0] == "Bad":
            failed.set()
            raise RuntimeError("claims.csv has no column policy_id")
        assert failed.wait(5)
        return 0

    images.programs["image"] = program
    bench.create(
        processing("Bad"),
        processing("After", DependsOn=["Bad"]),
        processing("Beside"),
        processing("BesideAfter", DependsOn=["Beside"]),
    )
    arn = bench.start()
    shown = bench.finish(arn)
    assert shown["PipelineExecutionStatus"] == "Failed"
    assert "Bad: AlgorithmError: claims.csv has no column policy_id" in shown["FailureReason"]
    found = bench.steps(arn)
    assert {name: step["StepStatus"] for name, step in found.items()} == {
        "Bad": "Failed",
        "Beside": "Succeeded",
        "BesideAfter": "Succeeded",
    }
    assert found["Bad"]["FailureReason"].startswith("AlgorithmError: claims.csv has no column policy_id")


def test_a_fail_step_lets_nothing_start_any_more(bench: Bench, images: FakeImages, host: FakeHost) -> None:
    def program(run: Run) -> int:
        if run.arguments[0] == "Slow":
            deadline = time.monotonic() + 5
            while not any(detail.get("currentStepStatus") == "Failed" for _, detail, _ in host.events):
                assert time.monotonic() < deadline
                time.sleep(0.005)
        return 0

    images.programs["image"] = program
    bench.create(processing("Slow"), processing("After", DependsOn=["Slow"]), fail("Stop", "enough"))
    arn = bench.start()
    bench.finish(arn)
    assert {name: step["StepStatus"] for name, step in bench.steps(arn).items()} == {
        "Slow": "Succeeded",
        "Stop": "Failed",
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


def test_a_missing_permission_fails_the_step_and_names_the_action(bench: Bench, host: FakeHost) -> None:
    bench.create(processing("Only"))
    host.denied = {"sagemaker:CreateProcessingJob"}
    arn = bench.start()
    bench.finish(arn)
    reason = bench.steps(arn)["Only"]["FailureReason"]
    assert "AccessDenied" in reason
    assert "assumed-role/work/" in reason
    assert "is not authorized to perform: sagemaker:CreateProcessingJob on resource: arn:aws:sagemaker" in reason


def test_an_unknown_image_fails_the_step(bench: Bench, images: FakeImages) -> None:
    images.programs.clear()
    bench.create(processing("Only"))
    images.programs.clear()
    arn = bench.start()
    bench.finish(arn)
    assert "There is no image image" in bench.steps(arn)["Only"]["FailureReason"]


def test_a_role_that_is_gone_fails_the_step(bench: Bench, host: FakeHost) -> None:
    bench.create(processing("Only"))
    host.roles.clear()
    arn = bench.start()
    bench.finish(arn)
    assert "Could not assume role" in bench.steps(arn)["Only"]["FailureReason"]


RETRY = {"ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"], "IntervalSeconds": 10, "BackoffRate": 2, "MaxAttempts": 2}


@pytest.mark.parametrize(("failures", "status"), [(2, "Succeeded"), (3, "Failed")])
def test_retries_what_its_policy_names(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, failures: int, status: str
) -> None:
    left = [failures]

    def prepare(*_: object) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise OSError("disk trouble")

    monkeypatch.setattr("mdlc.local.sagemaker.jobs.ProcessingJob._prepare", prepare)
    bench.create(processing("Only", RetryPolicies=[RETRY]))
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == status
    assert bench.steps(arn)["Only"]["AttemptCount"] == 3


@pytest.mark.parametrize(("refused", "status", "attempts"), [(2, "Succeeded", 3), (99, "Failed", 6)])
def test_a_step_that_is_throttled_is_tried_again_as_its_policy_says(
    bench: Bench, sagemaker: SageMaker, refused: int, status: str, attempts: int
) -> None:
    sagemaker.throttle.refuse("CreateProcessingJob", refused)
    bench.create(processing("Only", RetryPolicies=[dict(SERVICE_RETRY.declaration())]))
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == status
    step = bench.steps(arn)["Only"]
    assert step["AttemptCount"] == attempts
    assert ("ThrottlingException: Rate exceeded" in step.get("FailureReason", "")) == (status == "Failed")


def test_a_step_whose_job_takes_too_long_fails_with_its_limit(bench: Bench, images: FakeImages) -> None:
    images.programs["image"] = lambda run: int(not run.stop.wait(10))
    step = processing("Slow")
    step["Arguments"]["StoppingCondition"] = {"MaxRuntimeInSeconds": 1}
    bench.create(step, processing("After", DependsOn=["Slow"]))
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Failed"
    steps = bench.steps(arn)
    assert steps["Slow"]["StepStatus"] == "Failed"
    assert steps["Slow"]["FailureReason"].endswith("ended as Stopped: Stopped after MaxRuntimeInSeconds of 1 s.")
    assert "After" not in steps


def test_does_not_retry_what_no_policy_names(bench: Bench, images: FakeImages) -> None:
    images.programs["image"] = exits(3)
    bench.create(processing("Only", RetryPolicies=[RETRY]))
    arn = bench.start()
    bench.finish(arn)
    assert bench.steps(arn)["Only"]["AttemptCount"] == 1


def test_stop_ends_running_jobs_and_starts_nothing(bench: Bench, images: FakeImages, call: Call) -> None:
    running = threading.Event()

    def program(run: Run) -> int:
        running.set()
        assert run.stop.wait(10)
        return 0

    images.programs["image"] = program
    bench.create(processing("Long"), processing("After", DependsOn=["Long"]))
    arn = bench.start()
    assert running.wait(5)
    call("StopPipelineExecution", PipelineExecutionArn=arn)
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Stopped"
    found = bench.steps(arn)
    assert {name: step["StepStatus"] for name, step in found.items()} == {"Long": "Stopped"}
    assert "FailureReason" not in found["Long"]
    job = found["Long"]["Metadata"]["ProcessingJob"]["Arn"].rsplit("/", 1)[-1]
    assert call("DescribeProcessingJob", ProcessingJobName=job)["ProcessingJobStatus"] == "Stopped"
    with pytest.raises(ServiceError, match="is Stopped and cannot be stopped"):
        call("StopPipelineExecution", PipelineExecutionArn=arn)


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


def test_retry_runs_only_what_did_not_succeed(bench: Bench, images: FakeImages, call: Call) -> None:
    ran: list[str] = []
    broken = [True]

    def program(run: Run) -> int:
        ran.append(run.arguments[0])
        return int(run.arguments[0] == "B" and broken[0])

    images.programs["image"] = program
    bench.create(processing("A"), processing("B", DependsOn=["A"]))
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Failed"
    broken[0] = False
    call("RetryPipelineExecution", PipelineExecutionArn=arn)
    shown = bench.finish(arn)
    assert shown["PipelineExecutionStatus"] == "Succeeded"
    assert "FailureReason" not in shown
    assert ran == ["A", "B", "B"]
    with pytest.raises(ServiceError, match="is Succeeded and cannot be retried"):
        call("RetryPipelineExecution", PipelineExecutionArn=arn)


def lambda_step(**outputs: str) -> dict[str, Any]:
    declared = [{"OutputName": name, "OutputType": kind} for name, kind in outputs.items()]
    arguments = {"gate": {"Get": "Parameters.Gate"}}
    return {
        "Name": "Call",
        "Type": "Lambda",
        "FunctionArn": FUNCTION,
        "Arguments": arguments,
        "OutputParameters": declared,
    }


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
        (run.base_dir / "model" / "model.ubj").write_bytes(b"model")
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


def test_lists_executions_newest_first_and_renames_them(bench: Bench, call: Call) -> None:
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
