"""Operations of those who do a task elsewhere: answers to task tokens, and workers of activities."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from localcloud.states.definitions import jackson
from localcloud.states.names import require_name
from localcloud.states.records import Activity, Stores, page, require_arn
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.requests import Request

if TYPE_CHECKING:
    from localcloud.states.interpreter import Interpreter

Answer = dict[str, Any]
Operation = Callable[[Request], Answer]
POLL_SECONDS: Final = 60.0
"""How long `GetActivityTask` waits for a task. Source: its API reference."""


class Callbacks:
    """Tasks that end when somebody says so."""

    def __init__(self, stores: Stores, interpreter: "Callable[[], Interpreter]") -> None:
        self._stores, self._interpreter = stores, interpreter

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            "SendTaskSuccess": self.succeed,
            "SendTaskFailure": self.fail,
            "SendTaskHeartbeat": self.beat,
            "CreateActivity": self.create,
            "DeleteActivity": self.delete,
            "DescribeActivity": self.describe,
            "ListActivities": self.list,
            "GetActivityTask": self.get_task,
        }

    def succeed(self, request: Request) -> Answer:
        """End a task with its output."""
        output, endpoint = request.parameters["output"], self._endpoint(request)
        try:
            json.loads(output)
        except ValueError as error:
            reason, _ = jackson(output, error)
            raise ServiceError("InvalidOutput", f"Invalid Task Output: '{reason}'") from None
        self._interpreter().succeed(endpoint, output)
        return {}

    def fail(self, request: Request) -> Answer:
        """End a task with an error."""
        given = request.parameters
        self._interpreter().fail(self._endpoint(request), given.get("error"), given.get("cause"))
        return {}

    def beat(self, request: Request) -> Answer:
        """Say that a task is still worked on."""
        self._endpoint(request).notify_heartbeat()
        return {}

    def _endpoint(self, request: Request) -> Any:  # noqa: ANN401 - moto's
        """Find the place where a task waits. Raises `ServiceError`: `InvalidToken`, `TaskTimedOut`."""
        token = request.parameters["taskToken"]
        for execution in self._stores.executions():
            if (endpoint := execution.callback(token)) is not None:
                if execution.status != "RUNNING" or endpoint._notify_event.is_set():  # noqa: SLF001 - moto tells it nowhere else
                    raise ServiceError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
                return endpoint
        raise ServiceError("InvalidToken", "Invalid Token: 'Invalid token'")  # pragma: allowlist secret

    def create(self, request: Request) -> Answer:
        """Make an activity; the same request again finds it."""
        given, store = request.parameters, self._stores[request.scope]
        require_name(given["name"])
        tags = {tag["key"]: tag["value"] for tag in given.get("tags", ())}
        arn = store.arn("activity", given["name"])
        activity = store.activities.setdefault(arn, Activity(arn, given["name"], tags))
        return {"activityArn": arn, "creationDate": activity.created}

    def delete(self, request: Request) -> Answer:
        """Delete an activity."""
        arn = request.parameters["activityArn"]
        require_arn(arn)
        self._stores[request.scope].activities.pop(arn, None)
        return {}

    def describe(self, request: Request) -> Answer:
        """Describe an activity."""
        return _described(self._stores[request.scope].activity(request.parameters["activityArn"]))

    def list(self, request: Request) -> Answer:
        """List activities by name."""
        activities = sorted(self._stores[request.scope].activities.values(), key=lambda activity: activity.name)
        items, token = page([_described(activity) for activity in activities], request.parameters, "activityArn")
        return {"activities": items, **({"nextToken": token} if token else {})}

    def get_task(self, request: Request) -> Answer:
        """Take a task to work on, waiting for one; an answer without a token says that there is none."""
        given = request.parameters
        activity = self._stores[request.scope].activity(given["activityArn"])
        task = activity.next_task(POLL_SECONDS)
        if task is None:
            return {}
        for execution in self._stores.executions():
            if (endpoint := execution.callback(task.task_token)) is not None:
                endpoint.notify_activity_task_start(worker_name=given.get("workerName"))
        return {"taskToken": task.task_token, "input": task.task_input}


def _described(activity: Activity) -> Answer:
    return {"activityArn": activity.arn, "name": activity.name, "creationDate": activity.created}
