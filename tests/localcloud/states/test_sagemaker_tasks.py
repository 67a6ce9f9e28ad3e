"""SageMaker's integration in Step Functions: what comes of a task when the job or the request fails."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud.states.sagemaker_tasks import SageMakerTasks, TaskFailed, provided
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope
from tests.localsagemaker.fakes import FakeHost

ACCOUNT, REGION = "111111111111", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine"
EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:dev-census:1"
REQUEST = {"TrainingJobName": "job", "Tags": [{"Key": "team", "Value": "a"}]}


@dataclass
class Task:
    """A task whose result is wanted while `wanted` says so."""

    account: str = ACCOUNT
    region: str = REGION
    role: str = ROLE
    machine: str = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:dev-census"
    execution: str = EXECUTION
    wanted: Callable[[], bool] = lambda: True

    @property
    def abandoned(self) -> bool:
        return not self.wanted()


@dataclass
class Service:
    """Answers by operation; a list is answered in its order, an error raised."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    calls: list[tuple[str, Mapping[str, Any], Caller]] = field(default_factory=list)

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        self.calls.append((operation, parameters, caller))
        given = self.answers[operation]
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, Exception):
            raise answer
        result: dict[str, Any] = answer
        return result

    def operations(self) -> list[str]:
        return [operation for operation, _, _ in self.calls]


def described(status: str, **more: Any) -> dict[str, Any]:
    return {"TrainingJobName": "job", "TrainingJobStatus": status, **more}


def tasks(
    *, host: FakeHost | None = None, trusted: bool = True, **answers: list[Any]
) -> tuple[SageMakerTasks, Service]:
    service = Service(answers)
    return SageMakerTasks(service, host or FakeHost(), lambda *_: trusted), service


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localcloud.states.sagemaker_tasks.POLL_SECONDS", 0.001)


def sync(runner: SageMakerTasks, task: Task) -> Any:
    """Run `createTrainingJob.sync` as the interpreter does."""
    runner.submit(task, "createTrainingJob", REQUEST, sync=True)
    return runner.follow(task, "createTrainingJob", REQUEST)


def test_sync_waits_for_the_job_and_gives_its_description() -> None:
    ended = described("Completed", TrainingEndTime=datetime(2026, 1, 1, tzinfo=UTC))
    runner, service = tasks(
        CreateTrainingJob=[{"TrainingJobArn": "arn"}], DescribeTrainingJob=[described("InProgress"), ended]
    )
    result = sync(runner, Task())
    assert result == described("Completed", TrainingEndTime=1767225600000)
    assert service.operations() == ["CreateTrainingJob", "DescribeTrainingJob", "DescribeTrainingJob"]
    _, request, caller = service.calls[0]
    assert request["Tags"] == [
        {"Key": "team", "Value": "a"},
        {"Key": "AWS_STEP_FUNCTIONS_EXECUTION_ARN", "Value": EXECUTION},
    ]
    assert caller == Caller(Scope(ACCOUNT, REGION), f"arn:aws:sts::{ACCOUNT}:assumed-role/machine/1")


def test_without_sync_the_answer_to_the_request_is_the_result() -> None:
    runner, service = tasks(CreateTrainingJob=[{"TrainingJobArn": "arn"}])
    assert runner.submit(Task(), "createTrainingJob", REQUEST, sync=False) == {"TrainingJobArn": "arn"}
    assert service.operations() == ["CreateTrainingJob"]


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_job_that_did_not_complete_fails_the_task_with_its_description(status: str) -> None:
    job = described(status, FailureReason="AlgorithmError: no rows")
    runner, _ = tasks(CreateTrainingJob=[{}], DescribeTrainingJob=[job])
    with pytest.raises(TaskFailed) as failed:
        sync(runner, Task())
    assert failed.value.error == "States.TaskFailed"
    assert json.loads(failed.value.cause) == job


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ThrottlingException", "SageMaker.AmazonSageMakerException"),
        ("ValidationException", "SageMaker.AmazonSageMakerException"),
        ("AccessDeniedException", "SageMaker.AmazonSageMakerException"),
        ("ResourceInUse", "SageMaker.ResourceInUseException"),
        ("ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException"),
        ("ResourceNotFound", "SageMaker.ResourceNotFoundException"),
        ("ConflictException", "SageMaker.ConflictException"),
    ],
)
def test_a_refused_request_has_the_error_that_retry_and_catch_know(code: str, error: str) -> None:
    runner, _ = tasks(CreateTrainingJob=[ServiceError(code, "Rate exceeded")])
    with pytest.raises(TaskFailed) as failed:
        sync(runner, Task())
    assert failed.value.error == error
    assert failed.value.cause == f"Rate exceeded (Service: AmazonSageMaker; Status Code: 400; Error Code: {code})"


def test_a_job_that_is_asked_for_too_often_is_asked_for_again() -> None:
    throttled = ServiceError("ThrottlingException", "Rate exceeded")
    runner, service = tasks(CreateTrainingJob=[{}], DescribeTrainingJob=[throttled, described("Completed")])
    assert sync(runner, Task()) == described("Completed")
    assert service.operations() == ["CreateTrainingJob", "DescribeTrainingJob", "DescribeTrainingJob"]


def test_an_abandoned_job_is_stopped_once() -> None:
    runner, service = tasks(
        CreateTrainingJob=[{}],
        DescribeTrainingJob=[described("InProgress"), described("Stopping"), described("Stopped")],
        StopTrainingJob=[{}],
    )
    with pytest.raises(TaskFailed):
        sync(runner, Task(wanted=lambda: False))
    assert service.operations().count("StopTrainingJob") == 1


def test_a_job_that_cannot_be_stopped_is_left() -> None:
    runner, _ = tasks(
        CreateTrainingJob=[{}],
        DescribeTrainingJob=[described("InProgress"), described("Completed")],
        StopTrainingJob=[ServiceError("AccessDeniedException", "no")],
    )
    assert sync(runner, Task(wanted=lambda: False)) == described("Completed")


@pytest.mark.parametrize("action", ["events:PutRule", "events:PutTargets", "events:DescribeRule"])
def test_sync_needs_the_managed_rule(action: str) -> None:
    host = FakeHost(denied={action})
    runner, service = tasks(host=host, CreateTrainingJob=[{}])
    with pytest.raises(TaskFailed, match="is not authorized to create managed-rule"):
        sync(runner, Task())
    assert not service.calls
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"
    assert host.checked[-1][2] == rule


def test_a_role_that_does_not_trust_step_functions_runs_nothing() -> None:
    runner, service = tasks(trusted=False, CreateTrainingJob=[{}])
    with pytest.raises(TaskFailed, match=r"states\.amazonaws\.com"):
        sync(runner, Task())
    assert not service.calls


@pytest.mark.parametrize(
    ("action", "pattern"),
    [
        ("describeTrainingJob", ""),
        ("createModel", "sync"),
        ("createTrainingJob", "waitForTaskToken"),
        ("createAutoMLJob", "sync"),
    ],
)
def test_an_integration_that_aws_does_not_have_is_not_provided(action: str, pattern: str) -> None:
    assert not provided(action, pattern)


@pytest.mark.parametrize(
    ("action", "pattern"), [("createTrainingJob", "sync"), ("createProcessingJob", ""), ("createModel", "")]
)
def test_integrations_that_are_provided(action: str, pattern: str) -> None:
    """Source: developer guide, "Create and manage Amazon SageMaker AI jobs with Step Functions"."""
    assert provided(action, pattern)
