"""Step Functions of MiniStack: tasks of our own, in the rights of the state machine's role."""

import contextvars
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions


@dataclass(frozen=True)
class Task:
    """A task that a state machine runs: what for, and whether it still wants the result."""

    account: str
    region: str
    role: str
    """ARN of the state machine's role."""
    machine: str
    execution: str
    _record: Mapping[str, Any]
    _timed_out: threading.Event = field(default_factory=threading.Event)

    @property
    def abandoned(self) -> bool:
        """Whether the task has timed out, or its execution was stopped."""
        return self._timed_out.is_set() or self._record["status"] != "RUNNING"


class TaskFailed(Exception):  # noqa: N818 - Step Functions' own term
    """A task that ended in an error: its name, such as `States.TaskFailed`, and the cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(cause)
        self.error, self.cause = error, cause


Run = Callable[[Task, str, Mapping[str, Any]], Any]
_task: contextvars.ContextVar[Task] = contextvars.ContextVar("task")


def scale_waits(scale: float) -> None:
    """Divide waits and the pauses before another attempt by `scale`; time-outs of tasks stay as they are."""
    stepfunctions._SFN_WAIT_SCALE = 1 / scale


def run_tasks(
    allow: Callable[[Task, str, str], None], integrations: Mapping[str, Run]
) -> None:
    """Let `integrations` run the tasks whose resource begins with their key (`arn:aws:states:::sagemaker:`).

    `allow` raises `TaskFailed` unless the machine's role may do an action on a resource; it is asked for every
    invocation of a function. Causes are JSON texts as Step Functions has them.
    """
    execute, invoke = stepfunctions._execute_task, stepfunctions._invoke_resource
    within_time, fail = stepfunctions._invoke_resource_with_timeout, stepfunctions._fail_execution

    def execute_as_role(state: Any, given: Any, execution: Any, context: Any) -> Any:  # noqa: ANN401 - MiniStack's
        machine = stepfunctions._state_machines[execution["stateMachineArn"]]
        task = Task(
            str(get_account_id()),
            str(get_region()),
            machine["roleArn"],
            execution["stateMachineArn"],
            execution["executionArn"],
            execution,
        )
        token = _task.set(task)
        try:
            return execute(state, given, execution, context)
        finally:
            _task.reset(token)

    def invoke_as_role(resource: str, given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        task = _task.get(None)
        if task is None:
            return invoke(resource, given)
        try:
            if (function := _function(resource, given)) is not None:
                allow(task, "lambda:InvokeFunction", function)
            for prefix, run in integrations.items():
                if resource.startswith(prefix):
                    return run(task, resource.removeprefix(prefix), given)
        except TaskFailed as failure:
            raise stepfunctions._ExecutionError(failure.error, failure.cause) from None
        return invoke(resource, given)

    def invoke_within_time(resource: str, given: Any, timeout: float) -> Any:  # noqa: ANN401 - MiniStack's
        task = _task.get(None)
        if task is None:
            return within_time(resource, given, timeout)
        attempt = Task(task.account, task.region, task.role, task.machine, task.execution, task._record)
        token = _task.set(attempt)
        try:
            return within_time(resource, given, timeout)
        except stepfunctions._ExecutionError as error:
            if error.error == "States.Timeout":
                attempt._timed_out.set()
            raise
        finally:
            _task.reset(token)

    def fail_running(execution: Any, error: str, cause: str) -> None:  # noqa: ANN401 - MiniStack's
        if execution["status"] == "RUNNING":  # one that was stopped stays so when its task ends
            fail(execution, error, cause)

    stepfunctions._execute_task = execute_as_role
    stepfunctions._invoke_resource = invoke_as_role
    stepfunctions._invoke_resource_with_timeout = invoke_within_time
    stepfunctions._fail_execution = fail_running


def _function(resource: str, given: Any) -> str | None:  # noqa: ANN401 - the task's input
    """ARN of the function that a task invokes, if it does."""
    if resource.startswith("arn:aws:states:::lambda:invoke"):
        named = str(given.get("FunctionName", "")) if isinstance(given, dict) else ""
    elif resource.startswith("arn:aws:lambda:"):
        named = resource
    else:
        return None
    if named.startswith("arn:"):
        return named
    return f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{named}"


def as_json(value: object) -> str:
    """`value` as a cause."""
    return json.dumps(value, separators=(",", ":"))
