"""What is said of a loop that has ended: A2I's event, and the answers to task tokens.

Nothing is written down: what is told twice is told again, as EventBridge may tell anything twice, and a token that was
answered already is left.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from labels.review import loop
from labels.review.loop import LoopStatus
from task_store.reviews import LoopRecord

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_stepfunctions import SFNClient

SOURCE: Final = "mdlc.labeling"
DETAIL_TYPE: Final = "HumanLoop Status Change"
_OVER: Final = frozenset({"InvalidToken", "TaskDoesNotExist", "TaskTimedOut"})
"""What Step Functions says of a token for which nobody waits any more."""
_REASONS: Final[Mapping[LoopStatus, str]] = {
    LoopStatus.STOPPED: "The human loop {name} was stopped, or its time was over, before all had answered.",
    LoopStatus.FAILED: "The human loop {name} failed: {failure}",
}


class NewsError(Exception):
    """The bus has not taken an event."""


class News:
    """Tells of loops. `flows` is how the ARNs of flow definitions begin."""

    def __init__(self, events: "EventBridgeClient", machines: "SFNClient", flows: str) -> None:
        self._events, self._machines, self._flows = events, machines, flows

    def tell(self, record: LoopRecord) -> None:
        """Tell of the end of a loop. Raises NewsError."""
        self._tell_bus(self._detail(record))
        for token in record.tokens:
            self._answer(token, record)

    def _detail(self, record: LoopRecord) -> Mapping[str, Any]:
        created = datetime.fromtimestamp(record.created, UTC)
        return loop.detail(record.name, f"{self._flows}{record.flow}", created, record.standing)

    def _tell_bus(self, detail: Mapping[str, Any]) -> None:
        entry = {
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": json.dumps(detail),
            "Resources": [detail["humanLoopArn"]],
        }
        answer = self._events.put_events(Entries=[entry])  # type: ignore[list-item]
        if answer["FailedEntryCount"]:
            raise NewsError(f"The bus has not taken the event: {answer['Entries'][0].get('ErrorMessage')}")

    def _answer(self, token: str, record: LoopRecord) -> None:
        """Let a state machine go on, or fail, by the end of the loop that it waits for."""
        standing = record.standing
        try:
            if standing.status is LoopStatus.COMPLETED:
                said = {
                    "HumanLoopName": record.name,
                    "HumanLoopArn": loop.arn(f"{self._flows}{record.flow}", record.name),
                    "HumanLoopStatus": standing.status.value,
                    "HumanLoopOutput": {"OutputS3Uri": standing.output},
                }
                self._machines.send_task_success(taskToken=token, output=json.dumps(said))
            else:
                cause = _REASONS[standing.status].format(name=record.name, failure=standing.failure)
                self._machines.send_task_failure(
                    taskToken=token, error=f"HumanLoop{standing.status.value}", cause=cause
                )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _OVER:
                raise
