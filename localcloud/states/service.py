"""The Step Functions service of the local cloud: one object, one method."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from localcloud.states.callbacks import Callbacks
from localcloud.states.execution import Execution
from localcloud.states.executions import Executions
from localcloud.states.logs import Write
from localcloud.states.machines import Machines
from localcloud.states.names import require_name
from localcloud.states.records import Activity, Machine, Stores, Tags, require_arn
from localcloud.states.sagemaker_tasks import SageMakerTasks
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.kernel.requests import Request, operation_model, parse

if TYPE_CHECKING:
    from localcloud.states.interpreter import Interpreter

SERVICE: Final = "stepfunctions"
CHANGE: Final = "Step Functions Execution Status Change"
NAMED: Final = frozenset({"StartExecution", "StartSyncExecution", "CreateStateMachine", "CreateActivity"})
Answer = dict[str, Any]
PutEvent = Callable[[Scope, str, Mapping[str, object], "list[str]"], None]
"""Emit an event of source `aws.states`: its detail type, detail and resources."""


class Roles(Protocol):
    """The roles of state machines, and sessions in them."""

    def require(self, caller: Caller, role_arn: str, machine_arn: str) -> None:
        """Raise `ServiceError` unless the caller may pass the role, and we may assume it for that machine."""

    def client(self, service: str, region: str, role_arn: str) -> Any:  # noqa: ANN401 - a client of any service
        """Make a client of a service in a session of the role."""


class StepFunctions:
    """Step Functions for every account and region of one local cloud. Who may call an operation is judged before.

    `scale` divides waits, and pauses between attempts; time-outs and heartbeats stay as they are.
    """

    def __init__(
        self,
        roles: Roles,
        tasks: SageMakerTasks,
        put_event: PutEvent,
        write_log: Write,
        scale: float = 1.0,
    ) -> None:
        self._stores = Stores()
        self._roles, self._tasks, self._put_event, self._scale = roles, tasks, put_event, scale
        self._loaded: Interpreter | None = None
        self._loading = threading.Lock()
        machines = Machines(self._stores, lambda: self.interpreter().grammar, roles.require)
        executions = Executions(self._stores, self.interpreter, self._tell, write_log)
        callbacks = Callbacks(self._stores, self.interpreter)
        self._operations = {
            **machines.operations(),
            **executions.operations(),
            **callbacks.operations(),
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": self._list_tags,
        }

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> Answer:
        """Run one operation, such as `StartExecution`, and return its output members. Raises `ServiceError`."""
        operation_model(operation, SERVICE)
        handler = self._operations.get(operation)
        if handler is None:
            raise ServiceError("UnknownOperationException", f"The local Step Functions has no {operation}.")
        if operation in NAMED and parameters.get("name") is not None:
            require_name(parameters["name"])
        return handler(parse(operation, parameters, caller, SERVICE))

    def interpreter(self) -> "Interpreter":
        """Return the interpreter, which is loaded when it is first needed."""
        with self._loading:
            if self._loaded is None:
                from localcloud.states.interpreter import Interpreter  # noqa: PLC0415 - 1.7 s, and 100 MB of memory

                self._loaded = Interpreter(self._roles.client, self._tasks, self._scale)
            return self._loaded

    def _tell(self, execution: Execution) -> None:
        self._put_event(execution.scope, CHANGE, execution.event(), [execution.arn])

    def _tagged(self, request: Request) -> Tags:
        arn, store = request.parameters["resourceArn"], self._stores[request.scope]
        require_arn(arn)
        found: Machine | Activity | None = store.machines.get(arn) or store.activities.get(arn)
        if found is None:
            raise ServiceError("ResourceNotFound", f"Resource not found: '{arn}'")
        return found.tags

    def _tag(self, request: Request) -> Answer:
        self._tagged(request).update({tag["key"]: tag["value"] for tag in request.parameters["tags"]})
        return {}

    def _untag(self, request: Request) -> Answer:
        tags = self._tagged(request)
        for key in request.parameters["tagKeys"]:
            tags.pop(key, None)
        return {}

    def _list_tags(self, request: Request) -> Answer:
        return {"tags": [{"key": key, "value": value} for key, value in self._tagged(request).items()]}
