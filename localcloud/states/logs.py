"""The log of an execution in CloudWatch: a JSON document for each event that the level of logging names.

Source: developer guide, "Logging in CloudWatch Logs": log levels for execution events.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from localcloud.states.records import Machine, Revision
from localsagemaker.kernel.host import Scope

FATAL: Final = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
ERROR: Final = FATAL | {
    "FailStateEntered",
    "LambdaFunctionFailed",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStartFailed",
    "LambdaFunctionTimedOut",
    "MapIterationAborted",
    "MapIterationFailed",
    "MapRunAborted",
    "MapRunFailed",
    "MapStateAborted",
    "MapStateFailed",
    "ParallelStateAborted",
    "ParallelStateFailed",
    "TaskFailed",
    "TaskStartFailed",
    "TaskStateAborted",
    "TaskSubmitFailed",
    "TaskTimedOut",
    "WaitStateAborted",
}
Write = Callable[[Scope, str, str, Sequence[str]], None]
"""Append lines to a log group's stream."""


@dataclass(frozen=True)
class _Settings:
    include_execution_data: bool


@dataclass(frozen=True)
class Log:
    """The log of one execution. What moto calls is named by moto."""

    execution_arn: str
    level: str
    configuration: _Settings
    scope: Scope
    group: str
    stream: str
    append: Write
    redrives: int = 0

    def log_level_filter(self, history_event_type: str) -> bool:
        """Return whether events of that type are written."""
        kind = str.__str__(history_event_type)  # moto's are members of an enumeration
        return self.level == "ALL" or kind in {"ERROR": ERROR, "FATAL": FATAL}.get(self.level, frozenset())

    def publish_history_log(self, history_log: Mapping[str, Any]) -> None:
        """Write one event."""
        milliseconds = int(history_log["event_timestamp"].timestamp() * 1000)
        line = json.dumps(
            {**history_log, "event_timestamp": str(milliseconds), "redrive_count": str(self.redrives)},
            separators=(",", ":"),
            default=str,
        )
        self.append(self.scope, self.group, self.stream, [line])


def log_for(execution: str, machine: Machine, revision: Revision, scope: Scope, append: Write) -> Log | None:
    """Return the log of an execution (ARN); None where its state machine has none."""
    destinations, level = revision.logging.get("destinations") or (), revision.logging["level"]
    if level == "OFF" or not destinations:
        return None
    group = destinations[0]["cloudWatchLogsLogGroup"]["logGroupArn"].split(":log-group:")[-1].removesuffix(":*")
    stream = f"states/{machine.name}/{execution.rpartition(':')[2]}"
    settings = _Settings(revision.logging["includeExecutionData"])
    return Log(execution, level, settings, scope, group, stream, append)
