"""Operations on executions, their histories and their runs of distributed Maps."""

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from localcloud.states import definitions
from localcloud.states.execution import Execution
from localcloud.states.logs import Write, log_for
from localcloud.states.names import require_name
from localcloud.states.records import Machine, Revision, Store, Stores, page, require_arn
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.requests import Request
from localsagemaker.kernel.resources import now

if TYPE_CHECKING:
    from localcloud.states.interpreter import Interpreter

Answer = dict[str, Any]
Operation = Callable[[Request], Answer]
EXPRESS_SECONDS: Final = 300
"""How long an Express execution may take. Source: developer guide, quotas of state machine executions."""


class Executions:
    """Executions. `tell` is called at each change of status of a Standard one."""

    def __init__(
        self,
        stores: Stores,
        interpreter: "Callable[[], Interpreter]",
        tell: Callable[[Execution], None],
        write_log: Write,
    ) -> None:
        self._stores, self._interpreter, self._tell, self._write = stores, interpreter, tell, write_log
        self._starting = threading.Lock()

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            "StartExecution": self.start,
            "StartSyncExecution": self.start_sync,
            "RedriveExecution": self.redrive,
            "StopExecution": self.stop,
            "DescribeExecution": self.describe,
            "DescribeStateMachineForExecution": self.describe_machine,
            "ListExecutions": self.list,
            "GetExecutionHistory": self.history,
            "ListMapRuns": self.list_map_runs,
            "DescribeMapRun": self.describe_map_run,
            "UpdateMapRun": self.update_map_run,
        }

    def start(self, request: Request) -> Answer:
        """Start an execution; one of the same name and input that still runs is found."""
        execution = self._begin(request)
        return {"executionArn": execution.arn, "startDate": execution.started}

    def start_sync(self, request: Request) -> Answer:
        """Run an Express execution to its end."""
        machine, _, _ = self._target(self._stores[request.scope], request.parameters["stateMachineArn"])
        if machine.kind != "EXPRESS":
            raise _unsupported()
        execution = self._begin(request)
        if not execution.ended.wait(EXPRESS_SECONDS):
            execution.stop("States.Timeout", None)
            execution.status = "TIMED_OUT"
        described = execution.described()
        redrives = {"redriveCount", "redriveDate", "redriveStatus", "redriveStatusReason"}
        left_out = {*redrives, "stateMachineVersionArn", "stateMachineAliasArn"}
        took = ((execution.stopped or now()) - execution.started).total_seconds() * 1000
        billing = {"billedDurationInMilliseconds": -int(-took // 100) * 100, "billedMemoryUsedInMB": 64}
        return {key: value for key, value in described.items() if key not in left_out} | {"billingDetails": billing}

    def _begin(self, request: Request) -> Execution:
        given, store = request.parameters, self._stores[request.scope]
        machine, revision, (version, alias) = self._target(store, given["stateMachineArn"])
        name, text = given.get("name", str(uuid.uuid4())), given.get("input", "{}")
        require_name(name)
        value = _input(text)
        express = machine.kind == "EXPRESS"
        named = f"{machine.name}:{name}"
        arn = store.arn("express", f"{named}:{uuid.uuid4()}") if express else store.arn("execution", named)
        with self._starting:
            if known := store.executions.get(arn):
                if known.status == "RUNNING" and json.loads(known.input) == value:
                    return known
                raise ServiceError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
            execution = Execution(
                scope=store.scope,
                arn=arn,
                name=name,
                machine=machine.arn,
                machine_name=machine.name,
                kind=machine.kind,
                revision=revision,
                input=text,
                tell=store.forget_ended if express else self._tell,
                version=version,
                alias=alias,
                trace=given.get("traceHeader"),
                log=log_for(arn, machine, revision, store.scope, self._write),
            )
            store.executions[arn] = execution
        execution.begin(self._interpreter(), store.activities)
        return execution

    def _target(self, store: Store, arn: str) -> tuple[Machine, Revision, tuple[str | None, str | None]]:
        """Find what an ARN of a state machine, version or alias runs, and the ARNs of version and alias."""
        found = store.alias(arn)
        wanted = found[1].route() if found else arn
        if version := store.version(wanted):
            return version[0], version[1].revision, (wanted, arn if found else None)
        machine = store.machine(wanted)
        return machine, machine.revision, (None, None)

    def _standard(self, request: Request) -> Execution:
        arn = request.parameters["executionArn"]
        if arn.split(":")[5:6] == ["express"]:
            raise ServiceError("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
        return self._stores[request.scope].execution(arn)

    def stop(self, request: Request) -> Answer:
        """Stop an execution; one that has ended stays as it is."""
        given = request.parameters
        return {"stopDate": self._standard(request).stop(given.get("error"), given.get("cause"))}

    def redrive(self, request: Request) -> Answer:
        """Let an execution go on where it failed, timed out or was stopped."""
        store, token = self._stores[request.scope], request.parameters.get("clientToken")
        execution = self._standard(request)
        return {"redriveDate": execution.redrive(self._interpreter(), store.activities, token)}

    def describe(self, request: Request) -> Answer:
        """Describe an execution."""
        return self._standard(request).described()

    def describe_machine(self, request: Request) -> Answer:
        """Describe the state machine as it was when the execution began."""
        execution = self._standard(request)
        revision = execution.revision
        variables = self._interpreter().grammar.variables(revision.definition)
        return {
            "stateMachineArn": execution.machine,
            "name": execution.machine_name,
            "definition": revision.definition,
            "roleArn": revision.role,
            "updateDate": execution.started,
            "loggingConfiguration": revision.logging,
            "tracingConfiguration": revision.tracing,
            "encryptionConfiguration": revision.encryption,
            **({"revisionId": revision.id} if revision.id else {}),
            **({"variableReferences": variables} if variables else {}),
        }

    def list(self, request: Request) -> Answer:
        """List the executions of a state machine, version, alias or Map run, the latest first."""
        given, store = request.parameters, self._stores[request.scope]
        if "mapRunArn" in given:
            message = "The local cloud lists no executions of Map runs: their iterations are in the history."
            raise ServiceError("ValidationException", message)
        if "stateMachineArn" not in given:
            raise ServiceError("ValidationException", "Must provide a StateMachine ARN or MapRun ARN")
        arn, status = given["stateMachineArn"], given.get("statusFilter")
        machine, _, _ = self._target(store, arn)
        if machine.kind != "STANDARD":
            raise _unsupported()
        found = [
            execution.listed()
            for execution in store.executions.values()
            if arn in {execution.machine, execution.version, execution.alias} and status in {None, execution.status}
        ]
        items, token = page(found[::-1], given, "executionArn")
        return {"executions": items, **({"nextToken": token} if token else {})}

    def history(self, request: Request) -> Answer:
        """Return the events of an execution."""
        given = request.parameters
        keyed = [{**event, "key": str(event["id"])} for event in self._standard(request).history]
        if given.get("reverseOrder"):
            keyed.reverse()
        items, token = page(keyed, {"maxResults": 1000, **given}, "key")
        data = given.get("includeExecutionData", True)
        listed = [_event(item, data=data) for item in items]
        return {"events": listed, **({"nextToken": token} if token else {})}

    def list_map_runs(self, request: Request) -> Answer:
        """List the Map runs of an execution."""
        runs = [run.list_item() for run in self._standard(request).map_runs()]
        items, token = page(runs, request.parameters, "mapRunArn")
        return {"mapRuns": items, **({"nextToken": token} if token else {})}

    def describe_map_run(self, request: Request) -> Answer:
        """Describe a Map run."""
        return {"redriveCount": 0, **self._map_run(request).describe()}

    def update_map_run(self, request: Request) -> Answer:
        """Change how many iterations a Map run has at once, and how many may fail."""
        given = request.parameters
        self._map_run(request).update(
            max_concurrency=given.get("maxConcurrency"),
            tolerated_failure_count=given.get("toleratedFailureCount"),
            tolerated_failure_percentage=given.get("toleratedFailurePercentage"),
        )
        return {}

    def _map_run(self, request: Request) -> Any:  # noqa: ANN401 - moto's
        arn = request.parameters["mapRunArn"]
        require_arn(arn)
        for execution in self._stores[request.scope].executions.values():
            for run in execution.map_runs():
                if run.map_run_arn == arn:
                    return run
        raise ServiceError("ResourceNotFound", f"Resource not found: '{arn}'")


def _input(text: str) -> Any:  # noqa: ANN401 - JSON
    """Read the input of an execution. Raises `ServiceError("InvalidExecutionInput")`."""
    try:
        return json.loads(text)
    except ValueError as error:
        reason, _ = definitions.jackson(text, error)
        raise ServiceError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'") from None


def _event(event: Mapping[str, Any], *, data: bool) -> Answer:
    """Return an event as AWS shows it, with or without inputs and outputs."""
    hidden = {"key"} if data else {"key", "input", "output", "inputDetails", "outputDetails"}
    shown: Answer = {}
    for name, value in event.items():
        if name in hidden:
            continue
        if isinstance(value, dict):
            shown[name] = {k: v for k, v in value.items() if k not in hidden and v is not None}
        elif value is not None:
            shown[name] = int(value.timestamp() * 1000) / 1000 if isinstance(value, datetime) else value
    return shown


def _unsupported() -> ServiceError:
    return ServiceError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
