"""Executions of Step Functions training pipelines: start one, read it with its states, wait for its end, find the best.

The execution input is what `lambda/training/run_validation` takes: versions, parameters, and names that no run had
before.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from mdlc.client.aws import Cloud
from mdlc.client.jobs import KINDS
from mdlc.client.waiting import until
from mdlc.errors import InputError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import ExecutionListItemTypeDef

SUCCEEDED: Final = "SUCCEEDED"
RUNNING: Final = frozenset({"RUNNING", "PENDING_REDRIVE"})
ENDINGS: Final = {
    "ABORTED": "It was stopped.",
    "TIMED_OUT": "It took longer than it may.",
    "FAILED": "Step Functions gives no reason.",
}
"""Why an execution did not succeed, where nothing else says it."""
_MISSING: Final = frozenset({"ExecutionDoesNotExist", "InvalidArn"})


@dataclass(frozen=True)
class State:
    """A state that an execution entered, and how long it took; None while it is there."""

    name: str
    seconds: float | None
    status: str = ""
    """Executing, Succeeded, or where the execution ended in it, Failed or Stopped."""
    reason: str = ""
    """Why it failed, else empty."""

    def as_json(self) -> dict[str, Any]:
        """Return the state as --json shows it."""
        return {"name": self.name, "status": self.status, "seconds": self.seconds, "reason": self.reason or None}


@dataclass(frozen=True)
class Run:
    """One execution of a training pipeline."""

    arn: str
    machine: str
    status: str
    started: datetime
    ended: datetime | None
    given: Mapping[str, Any]
    """Its input."""
    result: Mapping[str, Any]
    """Its output; empty before it succeeded."""
    error: str
    cause: str
    states: tuple[State, ...]

    @property
    def id(self) -> str:
        """Its name."""
        return self.arn.rpartition(":")[2]

    @property
    def seconds(self) -> float | None:
        """How long it ran; None before its end."""
        return None if self.ended is None else round((self.ended - self.started).total_seconds(), 3)

    @property
    def experiment(self) -> str:
        """The name of its experiment; empty where it was given none."""
        return str(self.given.get("ExperimentName", ""))

    @property
    def comment(self) -> str:
        """What it is to find out; empty where nobody said."""
        return str(self.given.get("Comment", ""))

    @property
    def hyperparameters(self) -> dict[str, str]:
        """Those that it was given."""
        given = self.given.get("Hyperparameters")
        return {str(name): str(value) for name, value in given.items()} if isinstance(given, Mapping) else {}

    @property
    def comparison(self) -> Mapping[str, Any]:
        """What the last state decided: `is_best`, `metric`, `value`; empty before."""
        found: Mapping[str, Any] = self.result.get("Comparison", {})
        return found

    @property
    def failure(self) -> str:
        """A sentence on why it did not succeed."""
        said = reason(self.cause) or ENDINGS.get(self.status, f"It is {self.status}.")
        return f"{self.error}: {said}" if self.error else said

    @property
    def source(self) -> str:
        """What it is an execution of."""
        return self.machine

    @property
    def succeeded(self) -> bool:
        """Whether it ended well."""
        return self.status == SUCCEEDED

    @property
    def stages(self) -> Sequence[State]:
        """What it goes through, in order."""
        return self.states

    @property
    def remarks(self) -> Sequence[str]:
        """What else is to be said of it in a sentence each."""
        if not self.succeeded:
            return () if self.status in RUNNING else (f"reason: {self.failure}",)
        if not self.comparison:
            return ()
        verdict = "the best so far" if self.comparison["is_best"] else "not the best"
        figure = f"{self.comparison['metric']} {self.comparison['value']:.4f}"
        return (f"{figure}: {verdict} of its experiment when it was compared",)

    @property
    def progress(self) -> str:
        """Where it is, in a few words."""
        return f"{self.machine}: {next((state.name for state in self.states if state.seconds is None), self.status)}"

    def as_json(self) -> dict[str, Any]:
        """Return the execution as --json shows it."""
        return {
            "execution": self.arn,
            "execution_id": self.id,
            "state_machine": self.machine,
            "status": self.status,
            "reason": None if self.status in RUNNING or self.status == SUCCEEDED else self.failure,
            "started": self.started.isoformat(),
            "seconds": self.seconds,
            "input": dict(self.given),
            "comparison": dict(self.comparison),
            "states": [state.as_json() for state in self.states],
        }


def reason(cause: str) -> str:
    """Say what a cause says: the message of a function's error, the reason of a job's failure, else all of it."""
    try:
        document = json.loads(cause)
    except ValueError:
        return cause
    if not isinstance(document, dict):
        return cause
    for member in ("errorMessage", "FailureReason", "ExitMessage"):
        if document.get(member):
            return str(document[member])
    for kind in KINDS:
        if f"{kind}Status" in document:
            status, secondary = document[f"{kind}Status"], document.get("SecondaryStatus")
            words = f"{status} ({secondary})" if secondary not in {None, status} else status
            return f"the job {document.get(f'{kind}Name')} is {words}"
    return cause


def new_name(now: datetime | None = None) -> str:
    """Make up the name of a run, which no other has: the time to the second and four random digits."""
    moment = now or datetime.now(UTC)
    return f"{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def execution_input(  # noqa: PLR0913 - what a run varies
    *,
    prefix: str,
    name: str,
    experiment: str,
    data: str,
    scripts: str,
    parameters: Mapping[str, str],
    hyperparameters: Mapping[str, str],
    comment: str,
) -> dict[str, Any]:
    """Return the input of the run `name`: its jobs' names begin with `prefix`, its outputs go to a folder `name`."""
    return {
        "ExperimentName": experiment,
        "PreprocessingJobName": f"{prefix}{name}-prepare",
        "TrainingJobName": f"{prefix}{name}-train",
        "EvaluationJobName": f"{prefix}{name}-evaluate",
        "DataVersion": data,
        "ScriptVersion": scripts,
        "OutputPrefix": name,
        "Comment": comment,
        "PreprocessingParameters": dict(parameters),
        "Hyperparameters": dict(hyperparameters),
    }


def start(states: "SFNClient", machine: str, name: str, given: Mapping[str, Any]) -> str:
    """Start an execution and return its ARN; raise `InputError` when its name was used before."""
    try:
        return states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(given))["executionArn"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ExecutionAlreadyExists":
            raise
        raise InputError(f"There was a run {name} before: choose another name.") from None


def summaries(states: "SFNClient", machine: str) -> Iterator["ExecutionListItemTypeDef"]:
    """Yield the executions of a state machine, the newest first."""
    for page in states.get_paginator("list_executions").paginate(stateMachineArn=machine):
        yield from page["executions"]


def resolve(states: "SFNClient", machine: str, execution: str | None) -> str:
    """Return the ARN of an execution given by ARN or name, or of the last one; `InputError` when there is none."""
    if execution is not None:
        if execution.startswith("arn:"):
            return execution
        return f"{machine.replace(':stateMachine:', ':execution:')}:{execution}"
    latest = next(summaries(states, machine), None)
    if latest is None:
        raise InputError(f"{machine.rpartition(':')[2]} was never started.")
    return latest["executionArn"]


def read(states: "SFNClient", arn: str) -> Run:
    """Return the execution as it is now; raise `InputError` when there is none."""
    try:
        described = states.describe_execution(executionArn=arn)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in _MISSING:
            raise
        raise InputError(f"There is no execution {arn.rpartition(':')[2]}.") from None
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
    result = _object(described.get("output", "")) if described["status"] == SUCCEEDED else {}
    return Run(
        arn=arn,
        machine=described["stateMachineArn"].rpartition(":")[2],
        status=described["status"],
        started=described["startDate"],
        ended=described.get("stopDate"),
        given=_object(described.get("input", "")),
        result=result,
        error=described.get("error", ""),
        cause=described.get("cause", ""),
        states=_states_of((event for page in pages for event in page["events"]), described["status"]),
    )


def _states_of(events: Iterable[Mapping[str, Any]], status: str) -> tuple[State, ...]:
    """Return the states that an execution entered, each with the last failure of what it did; a retry may mend one."""
    since: dict[str, datetime] = {}
    seconds: dict[str, float | None] = {}
    failures: dict[str, str] = {}
    name = ""
    for event in events:
        kind = str(event.get("type", ""))
        if entered := event.get("stateEnteredEventDetails"):
            name = entered["name"]
            since[name], seconds[name] = event["timestamp"], None
        elif left := event.get("stateExitedEventDetails"):
            seconds[left["name"]] = round((event["timestamp"] - since[left["name"]]).total_seconds(), 3)
        elif kind.endswith(("Failed", "TimedOut")) and not kind.startswith("Execution"):
            failures[name] = _failure(event)
        elif kind.endswith("Succeeded"):
            failures.pop(name, None)

    def status_of(name: str) -> str:
        if name in failures:
            return "Failed"
        if seconds[name] is not None:
            return "Succeeded"
        return "Executing" if status in RUNNING else "Stopped" if status == "ABORTED" else "Failed"

    return tuple(State(name, took, status_of(name), failures.get(name, "")) for name, took in seconds.items())


def _failure(event: Mapping[str, Any]) -> str:
    """Return what an event of a failure says, whatever failed."""
    for details in event.values():
        if isinstance(details, Mapping) and ("cause" in details or "error" in details):
            return reason(str(details.get("cause", ""))) or str(details.get("error", ""))
    return ""


def wait(
    states: "SFNClient",
    arn: str,
    *,
    timeout: float,
    interval: float,
    watch: Callable[[Run], None] = lambda _: None,
) -> Run:
    """Return the execution after its end, however it ended; `watch` sees it at every look.

    Raise `CommandError` when it has not ended within `timeout` seconds.
    """
    return until(
        lambda: read(states, arn),
        lambda run: run.status not in RUNNING,
        late=lambda run: f"{run.id} is still {run.status}",
        timeout=timeout,
        interval=interval,
        watch=watch,
    )


def best(cloud: Cloud, table: str, experiment: str) -> dict[str, Any]:
    """Return the best run of an experiment so far; raise `InputError` when it has none."""
    key = {"Key": {"S": f"experiment/{experiment}"}}
    item = cloud.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if not item:
        raise InputError(f"The experiment {experiment} has no evaluated run.")
    texts = {name: value["S"] for name, value in item.items() if "S" in value and name != "Key"}
    return {
        "experiment": experiment,
        "execution": texts["Execution"],
        "execution_id": texts["Execution"].rpartition(":")[2],
        "arn": texts["Execution"],
        "name": texts["Execution"].rpartition(":")[2],
        "training_job": texts["TrainingJobName"],
        "metric": texts["Metric"],
        "value": float(item["Value"]["N"]),
        "model": texts["Model"],
        "evaluation": texts["Evaluation"],
        "data_version": texts["DataVersion"],
        "script_version": texts["ScriptVersion"],
        "comment": texts["Comment"],
    }


def _object(text: str) -> Mapping[str, Any]:
    """Return a JSON object; an empty one for anything else, since whoever starts an execution chooses its input."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
