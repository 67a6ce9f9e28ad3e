"""SageMaker's integration in Step Functions: `createTrainingJob.sync` and its kin, in the machine's own rights."""

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from localcloud.errors import ServiceError
from localcloud.sagemaker.jobs.kinds import kind_of_operation
from localcloud.sagemaker.kernel.host import Caller, Host, Scope

SERVICE: Final = "states.amazonaws.com"
OTHERS: Final = frozenset({"CreateEndpoint", "CreateEndpointConfig", "CreateModel", "UpdateEndpoint"})
ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})
MODELLED: Final = frozenset({"ConflictException", "ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound"})
"""Errors that have a class of their own in SageMaker's SDK."""
OTHER_ERROR: Final = "AmazonSageMakerException"
SDK_ERROR: Final = "SageMakerException"
"""Every other: of the optimized integration, which uses the SDK for Java 1, and of SDK integrations, which use 2."""
THROTTLED: Final = "ThrottlingException"
POLL_SECONDS: Final = 0.1
Trusts = Callable[[str, str, Mapping[str, str]], bool]
"""Whether a role (ARN) may be assumed by a service, given the condition keys that it sends."""


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
        """Whether the task has timed out, or its execution was stopped."""


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

    def allow(self, task: Task, action: str, resource: str) -> None:
        """Raise `TaskFailed` unless the machine's role may do `action`, as Lambda reports it."""
        try:
            self._host.authorize(self._caller(task), action, resource, {})
        except ServiceError as error:
            raise TaskFailed("Lambda.AWSLambdaException", _explain(error, "AWSLambda")) from None

    def run(self, task: Task, resource: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the task's JSON result
        """Run `createTrainingJob.sync`: the job's description at its end. Without `.sync`, the answer to the request.

        Raise `TaskFailed`: `SageMaker.<error>` for a request that is refused, `States.TaskFailed` with the description
        as its cause for a job that did not complete.
        """
        action, _, pattern = resource.partition(".")
        operation = action[:1].upper() + action[1:]
        kind = kind_of_operation(operation)
        rule = kind.rule if kind else None
        if (rule is None and operation not in OTHERS) or pattern not in {"", "sync"}:
            raise TaskFailed("States.Runtime", f"There is no integration arn:aws:states:::sagemaker:{resource}.")
        if pattern and (kind is None or rule is None):
            raise TaskFailed("States.Runtime", f"{action} has no .sync form: it starts no job.")
        caller = self._caller(task)
        if kind is None or rule is None or not pattern:
            return _json(self._call(operation, parameters, caller))
        self._require_managed_rule(task, caller, rule)
        tag = {"Key": "AWS_STEP_FUNCTIONS_EXECUTION_ARN", "Value": task.execution}
        self._call(operation, {**parameters, "Tags": [*parameters.get("Tags", ()), tag]}, caller)
        return self._follow(task, kind.name, parameters, caller)

    def sdk(self, task: Task, action: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the task's JSON result
        """Run `arn:aws:states:::aws-sdk:sagemaker:<action>`: any operation, and its answer."""
        return _json(self._call(action[:1].upper() + action[1:], parameters, self._caller(task), SDK_ERROR))

    def _follow(self, task: Task, kind: str, parameters: Mapping[str, Any], caller: Caller) -> Any:  # noqa: ANN401 - JSON
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

    def _call(
        self, operation: str, parameters: Mapping[str, Any], caller: Caller, other: str = OTHER_ERROR
    ) -> dict[str, Any]:
        try:
            return self._service.call(operation, parameters, caller)
        except ServiceError as error:
            raise self._task_failure(error, other) from None

    def _task_failure(self, error: ServiceError, other: str = OTHER_ERROR) -> TaskFailed:
        kind = f"{error.code.removesuffix('Exception')}Exception" if error.code in MODELLED else other
        return TaskFailed(f"SageMaker.{kind}", _explain(error))

    def _caller(self, task: Task) -> Caller:
        context = {"aws:SourceAccount": task.account, "aws:SourceArn": task.machine}
        if not self._trusts(task.role, SERVICE, context):
            cause = f"The role {task.role} is not authorized to be assumed by the service principal {SERVICE}."
            raise TaskFailed("States.Runtime", cause)
        session = re.sub(r"[^\w+=,.@-]", "", task.execution.rpartition(":")[2])[:64]
        role = task.role.rpartition("/")[2]
        return Caller(Scope(task.account, task.region), f"arn:aws:sts::{task.account}:assumed-role/{role}/{session}")


def integrations(tasks: SageMakerTasks) -> Mapping[str, Callable[[Task, str, Mapping[str, Any]], Any]]:
    """Resources of tasks on SageMaker, by how they begin."""
    return {"arn:aws:states:::sagemaker:": tasks.run, "arn:aws:states:::aws-sdk:sagemaker:": tasks.sdk}


def _explain(error: ServiceError, service: str = "AmazonSageMaker") -> str:
    return f"{error} (Service: {service}; Status Code: {error.status}; Error Code: {error.code})"


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
