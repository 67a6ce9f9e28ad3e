"""SageMaker's integration in Step Functions: `createTrainingJob.sync` and its kin, in the machine's own rights."""

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from localsagemaker.errors import ServiceError
from localsagemaker.jobs.kinds import JobKind, kind_of_operation
from localsagemaker.kernel.host import Caller, Host, Scope

SERVICE: Final = "states.amazonaws.com"
OTHERS: Final = frozenset({"CreateEndpoint", "CreateEndpointConfig", "CreateModel", "UpdateEndpoint"})
ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})
MODELLED: Final = frozenset({"ConflictException", "ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound"})
"""Errors that have a class of their own in SageMaker's SDK."""
OTHER_ERROR: Final = "AmazonSageMakerException"
"""Every other, as the SDK for Java 1 names it, which this integration uses."""
THROTTLED: Final = "ThrottlingException"
POLL_SECONDS: Final = 0.1
Trusts = Callable[[str, str, Mapping[str, str]], bool]
"""Return whether a role (ARN) may be assumed by a service, given the condition keys that it sends."""


class Task(Protocol):
    """A task that a state machine runs: what for, and whether it still wants the result."""

    @property
    def account(self) -> str:
        """The machine's account."""

    @property
    def region(self) -> str:
        """The machine's region."""

    @property
    def role(self) -> str:
        """ARN of the machine's role."""

    @property
    def machine(self) -> str:
        """ARN of the machine."""

    @property
    def execution(self) -> str:
        """ARN of the execution."""

    @property
    def abandoned(self) -> bool:
        """Return whether the task has timed out, or its execution was stopped."""


class TaskFailed(Exception):  # noqa: N818 - Step Functions' own term
    """A task that ended in an error: its name, such as `States.TaskFailed`, and the cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(cause)
        self.error, self.cause = error, cause


class ControlPlane(Protocol):
    """The service that the tasks call."""

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run one operation; raise `ServiceError`."""


class SageMakerTasks:
    """Runs tasks on SageMaker. Errors are those that Step Functions reports, so that Retry and Catch see the same."""

    def __init__(self, service: ControlPlane, host: Host, trusts: Trusts) -> None:
        self._service, self._host, self._trusts = service, host, trusts

    def submit(self, task: Task, action: str, parameters: Mapping[str, Any], *, sync: bool) -> dict[str, Any]:
        """Make the request of `createTrainingJob`, with `sync` as one whose job is followed: its answer.

        Raise `TaskFailed`: `SageMaker.<error>` for a request that is refused.
        """
        caller = self._caller(task)
        kind = followed(action)
        if sync and kind is not None:
            self._require_managed_rule(task, caller, kind.rule or "")
            tag = {"Key": "AWS_STEP_FUNCTIONS_EXECUTION_ARN", "Value": task.execution}
            parameters = {**parameters, "Tags": [*parameters.get("Tags", ()), tag]}
        answer: dict[str, Any] = _json(self._call(_operation(action), parameters, caller))
        return answer

    def follow(self, task: Task, action: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the task's JSON result
        """Wait for the job that was created, and stop it where nobody waits any more: its description at its end.

        Raise `TaskFailed`: `States.TaskFailed` with the description as its cause for a job that did not complete.
        """
        kind, caller = _operation(action).removeprefix("Create"), self._caller(task)
        name = {f"{kind}Name": parameters[f"{kind}Name"]}
        stopped = False
        while True:
            job = self._describe(kind, name, caller)
            if job.get(f"{kind}Status") in ENDED:
                break
            if task.abandoned and not stopped:
                stopped = True
                self._stop(kind, name, caller)
            time.sleep(POLL_SECONDS)
        described = _json(job)
        if job[f"{kind}Status"] != "Completed":
            raise TaskFailed("States.TaskFailed", json.dumps(described, separators=(",", ":")))
        return described

    def _describe(self, kind: str, name: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Describe the job; nothing when it was asked too often, which is no fault of the task's."""
        try:
            return self._service.call(f"Describe{kind}", name, caller)
        except ServiceError as error:
            if error.code == THROTTLED:
                return {}
            raise self._task_failure(error) from None

    def _stop(self, kind: str, name: Mapping[str, Any], caller: Caller) -> None:
        try:
            self._service.call(f"Stop{kind}", name, caller)
        except ServiceError:
            return  # it has ended, or the role may not: Step Functions does its best, and no more

    def _require_managed_rule(self, task: Task, caller: Caller, rule: str) -> None:
        arn = f"arn:aws:events:{task.region}:{task.account}:rule/{rule}"
        for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
            try:
                self._host.authorize(caller, action, arn, {})
            except ServiceError as error:
                cause = f"'{task.role}' is not authorized to create managed-rule: {error}"
                raise TaskFailed("States.Runtime", cause) from None

    def _call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        try:
            return self._service.call(operation, parameters, caller)
        except ServiceError as error:
            raise self._task_failure(error) from None

    def _task_failure(self, error: ServiceError) -> TaskFailed:
        kind = f"{error.code.removesuffix('Exception')}Exception" if error.code in MODELLED else OTHER_ERROR
        return TaskFailed(f"SageMaker.{kind}", _explain(error))

    def _caller(self, task: Task) -> Caller:
        context = {"aws:SourceAccount": task.account, "aws:SourceArn": task.machine}
        if not self._trusts(task.role, SERVICE, context):
            cause = f"The role {task.role} is not authorized to be assumed by the service principal {SERVICE}."
            raise TaskFailed("States.Runtime", cause)
        session = re.sub(r"[^\w+=,.@-]", "", task.execution.rpartition(":")[2])[:64]
        role = task.role.rpartition("/")[2]
        return Caller(Scope(task.account, task.region), f"arn:aws:sts::{task.account}:assumed-role/{role}/{session}")


def followed(action: str) -> JobKind | None:
    """Return the kind of job that `createTrainingJob` creates and `.sync` follows; None for any other action."""
    kind = kind_of_operation(_operation(action))
    return kind if kind is not None and kind.rule else None


def provided(action: str, pattern: str) -> bool:
    """Return whether Step Functions has `sagemaker:<action>`, with the pattern (`sync`) or without one."""
    if pattern:
        return pattern == "sync" and followed(action) is not None
    return followed(action) is not None or _operation(action) in OTHERS


def _operation(action: str) -> str:
    return action[:1].upper() + action[1:]


def _explain(error: ServiceError) -> str:
    return f"{error} (Service: AmazonSageMaker; Status Code: {error.status}; Error Code: {error.code})"


def _json(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a description as JSON: times are milliseconds since the epoch."""
    match value:
        case datetime():
            return int(value.timestamp() * 1000)
        case Mapping():
            return {key: _json(item) for key, item in value.items()}
        case list() | tuple():
            return [_json(item) for item in value]
    return value
