"""SageMaker as the interpreter of moto sees it: requests, and jobs that are followed to their end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from localcloud.states.sagemaker_tasks import SageMakerTasks, TaskFailed, provided

_PATTERNS: Final = {ResourceCondition.Sync, ResourceCondition.WaitForTaskToken}
"""The second is refused in definitions; moto tells a task that is followed of its end where it gets callbacks."""


@dataclass(frozen=True)
class _Attempt:
    """One attempt at a task: `localcloud.states.sagemaker_tasks.Task` over moto's environment of it."""

    env: Any
    role: str

    @property
    def account(self) -> str:
        return str(self.env.aws_execution_details.account)

    @property
    def region(self) -> str:
        return str(self.env.aws_execution_details.region)

    @property
    def machine(self) -> str:
        return str(self._context["StateMachine"]["Id"])

    @property
    def execution(self) -> str:
        return str(self._context["Execution"]["Id"])

    @property
    def abandoned(self) -> bool:
        return not self.env.is_running()

    @property
    def _context(self) -> Any:  # noqa: ANN401 - moto's
        return self.env.states.context_object.context_object_data


class SageMakerService(StateTaskServiceCallback):  # type: ignore[misc] # moto has no types
    """Tasks on SageMaker. What moto calls is named by moto."""

    def __init__(self, tasks: SageMakerTasks) -> None:
        super().__init__(supported_integration_patterns=_PATTERNS)
        self._tasks = tasks

    def _validate_service_integration_is_supported(self) -> None:
        if not provided(self.resource.api_action, self.resource.condition or ""):
            arn = self.resource.resource_arn
            raise ValueError(
                f"The resource provided {arn} is not recognized. The value is not a valid resource ARN, or the "
                "resource is not available in this region."
            )

    def _normalise_parameters(self, parameters: Any, *_: Any) -> None:  # noqa: ANN401 - moto's
        """Leave them: the service checks them by its model."""

    def _normalise_response(self, response: Any, *_: Any) -> None:  # noqa: ANN401 - moto's
        """Leave it: it is what AWS answers."""

    def _eval_service_task(
        self,
        env: Any,  # noqa: ANN401 - moto's
        resource_runtime_part: Any,  # noqa: ANN401 - moto's
        normalised_parameters: dict[str, Any],
        state_credentials: Any,  # noqa: ANN401 - moto's
    ) -> None:
        del resource_runtime_part
        task = _Attempt(env, state_credentials.role_arn)
        sync = self.resource.condition == ResourceCondition.Sync
        env.stack.append(self._tasks.submit(task, self.resource.api_action, normalised_parameters, sync=sync))

    def _build_sync_resolver(
        self,
        env: Any,  # noqa: ANN401 - moto's
        resource_runtime_part: Any,  # noqa: ANN401 - moto's
        normalised_parameters: dict[str, Any],
        state_credentials: Any,  # noqa: ANN401 - moto's
    ) -> Callable[[], Any]:
        del resource_runtime_part
        env.stack.pop()
        task = _Attempt(env, state_credentials.role_arn)
        return lambda: self._tasks.follow(task, self.resource.api_action, normalised_parameters)

    def _eval_sync(self, sync_resolver: Callable[[], Any], **_: Any) -> Any:  # noqa: ANN401 - moto's
        """Follow the job also where nobody waits any more, as it is to be stopped then."""
        return sync_resolver()

    def _from_error(self, env: Any, ex: Exception) -> Any:  # noqa: ANN401 - moto's
        if not isinstance(ex, TaskFailed):
            return super()._from_error(env, ex)
        details = TaskFailedEventDetails(
            error=ex.error,
            cause=ex.cause,
            resource=self._get_sfn_resource(),
            resourceType=self._get_sfn_resource_type(),
        )
        return FailureEvent(
            env=env,
            error_name=ErrorName(ex.error),
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )


def service_for(tasks: SageMakerTasks) -> SageMakerService:
    """Make the service of one task."""
    return SageMakerService(tasks)
