"""What fails, what is tried again, what is stopped."""

import threading

import pytest

from localcloud.faults.kinds import Kind
from localcloud.faults.requests import RequestFaults
from localsagemaker.errors import ServiceError
from ml_constructs.pipelines.step import SERVICE_RETRY
from tests.localsagemaker.fakes import Call, FakeHost, FakeImages, Run, exits
from tests.localsagemaker.pipelines.bench import Bench, processing


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
    # the sentence in DescribePipelineExecution's answers that users quote, whatever failed
    assert shown["FailureReason"] == "Step failure: One or multiple steps failed."
    found = bench.steps(arn)
    assert {name: step["StepStatus"] for name, step in found.items()} == {
        "Bad": "Failed",
        "Beside": "Succeeded",
        "BesideAfter": "Succeeded",
    }
    assert found["Bad"]["FailureReason"].startswith("AlgorithmError: claims.csv has no column policy_id")


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

    monkeypatch.setattr("localsagemaker.jobs.processing.ProcessingJob._prepare", prepare)
    bench.create(processing("Only", RetryPolicies=[RETRY]))
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == status
    assert bench.steps(arn)["Only"]["AttemptCount"] == 3


@pytest.mark.parametrize(("refused", "status", "attempts"), [(2, "Succeeded", 3), (99, "Failed", 6)])
def test_a_step_that_is_throttled_is_tried_again_as_its_policy_says(
    bench: Bench, faults: RequestFaults, refused: int, status: str, attempts: int
) -> None:
    faults.fail("CreateProcessingJob", Kind.THROTTLE, times=refused)
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
