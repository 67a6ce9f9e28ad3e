"""Step Functions of MiniStack: tasks of our own, in the rights of the state machine's role."""

import contextvars
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from localcloud.integrations import Task, TaskFailed

_NAME = re.compile(r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff]{1,80}""")


@dataclass(frozen=True)
class _Attempt:
    """One attempt at a task; a `localcloud.integrations.Task`."""

    account: str
    region: str
    role: str
    machine: str
    execution: str
    record: Mapping[str, Any]
    timed_out: threading.Event = field(default_factory=threading.Event)

    @property
    def abandoned(self) -> bool:
        """Whether the attempt has timed out, or its execution was stopped."""
        return self.timed_out.is_set() or self.record["status"] != "RUNNING"


Run = Callable[[Task, str, Mapping[str, Any]], Any]
_attempt: contextvars.ContextVar[_Attempt] = contextvars.ContextVar("attempt")


def scale_waits(scale: float) -> None:
    """Divide waits and the pauses before another attempt by `scale`; time-outs of tasks stay as they are."""
    stepfunctions._SFN_WAIT_SCALE = 1 / scale


def run_tasks(allow: Callable[[Task, str, str], None], integrations: Mapping[str, Run]) -> None:
    """Let `integrations` run the tasks whose resource begins with their key (`arn:aws:states:::sagemaker:`).

    `allow` raises `TaskFailed` unless the machine's role may do an action on a resource; it is asked for every
    invocation of a function.
    """
    _Tasks(allow, integrations).install()


def keep_stopped_executions() -> None:
    """Leave an execution that was stopped as it is when its task ends later."""
    fail = stepfunctions._fail_execution

    def fail_running(execution: Any, error: str, cause: str) -> None:  # noqa: ANN401 - MiniStack's
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    stepfunctions._fail_execution = fail_running


def check_executions() -> None:
    """Refuse executions whose name or input AWS would, as they are started.

    Source: API reference of `StartExecution`: `Name`, and the errors InvalidName and InvalidExecutionInput.
    """
    start = stepfunctions._start_execution

    def checked(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        name, given = data.get("name"), data.get("input", "{}")
        if name is not None and not (isinstance(name, str) and _NAME.fullmatch(name)):
            return stepfunctions.error_response_json("InvalidName", f"Invalid Name: '{name}'", 400)
        try:
            json.loads(given)
        except (TypeError, ValueError) as error:
            message = f"Invalid State Machine Execution Input: '{error}'"
            return stepfunctions.error_response_json("InvalidExecutionInput", message, 400)
        return start(data)

    stepfunctions._start_execution = checked


class _Tasks:
    """Runs every task in the rights of the role of its state machine, and tells it when nobody waits any more."""

    def __init__(self, allow: Callable[[Task, str, str], None], integrations: Mapping[str, Run]) -> None:
        self._allow, self._integrations = allow, integrations
        self._execute, self._invoke = stepfunctions._execute_task, stepfunctions._invoke_resource
        self._within_time = stepfunctions._invoke_resource_with_timeout

    def install(self) -> None:
        """Put it into MiniStack's interpreter."""
        stepfunctions._execute_task = self.execute
        stepfunctions._invoke_resource = self.invoke
        stepfunctions._invoke_resource_with_timeout = self.within_time

    def execute(self, state: Any, given: Any, execution: Any, context: Any) -> Any:  # noqa: ANN401 - MiniStack's
        """Run a task state with all its attempts."""
        machine = stepfunctions._state_machines.get(execution.get("stateMachineArn"))
        if machine is None:  # a state that is tested alone
            return self._execute(state, given, execution, context)
        attempt = _Attempt(
            account=str(get_account_id()),
            region=str(get_region()),
            role=machine["roleArn"],
            machine=execution["stateMachineArn"],
            execution=execution["executionArn"],
            record=execution,
        )
        token = _attempt.set(attempt)
        try:
            return self._execute(state, given, execution, context)
        finally:
            _attempt.reset(token)

    def within_time(self, resource: str, given: Any, timeout: float) -> Any:  # noqa: ANN401 - MiniStack's
        """Make one attempt, which is told when its time is over."""
        task = _attempt.get(None)
        if task is None:
            return self._within_time(resource, given, timeout)
        attempt = replace(task, timed_out=threading.Event())
        token = _attempt.set(attempt)
        try:
            return self._within_time(resource, given, timeout)
        except stepfunctions._ExecutionError as error:
            if error.error == "States.Timeout":
                attempt.timed_out.set()
            raise
        finally:
            _attempt.reset(token)

    def invoke(self, resource: str, given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        """Call what the task names: one of our integrations, or MiniStack's own."""
        task = _attempt.get(None)
        if task is None:
            return self._invoke(resource, given)
        if task.abandoned:  # it was stopped between two attempts
            raise stepfunctions._ExecutionError("States.Runtime", "The execution was stopped.")
        try:
            if (function := _function(resource, given)) is not None:
                self._allow(task, "lambda:InvokeFunction", function)
            for prefix, run in self._integrations.items():
                if resource.startswith(prefix):
                    return run(task, resource.removeprefix(prefix), given)
        except TaskFailed as failure:
            raise stepfunctions._ExecutionError(failure.error, failure.cause) from None
        return self._invoke(resource, given)


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
