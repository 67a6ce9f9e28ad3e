"""Who is told of the end of a loop: the bus by A2I's event, and each state machine by its token."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from human_loop_news.news import News, NewsError
from labels.review.loop import LoopStatus
from task_store.reviews import LoopRecord, Step

FLOWS = "arn:aws:sagemaker:us-east-1:111111111111:flow-definition/"
OUTPUT = "s3://bucket/flowdef-nov-12/2019/11/14/17/37/36/humanloop-nov-14-1/output.json"


@dataclass
class Bus:
    """A bus that takes events, or does not."""

    taken: list[Any] = field(default_factory=list)
    refuses: bool = False

    def put_events(self, *, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if self.refuses:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorMessage": "It is down"}]}
        self.taken += Entries
        return {"FailedEntryCount": 0, "Entries": [{}]}


@dataclass
class Machines:
    """Step Functions, of whose tokens some are over."""

    over: str = ""
    said: list[tuple[str, Any]] = field(default_factory=list)

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - boto3's name
        self._answer(taskToken)
        self.said.append((taskToken, json.loads(output)))

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> None:  # noqa: N803 - boto3's name
        self._answer(taskToken)
        self.said.append((taskToken, (error, cause)))

    def _answer(self, token: str) -> None:
        if token == "gone":
            raise ClientError({"Error": {"Code": self.over, "Message": "No"}}, "SendTaskSuccess")


def ended(status: LoopStatus, **members: Any) -> LoopRecord:
    """Return a loop that was created when that of the guide was."""
    return LoopRecord("humanloop-nov-14-1", "flowdef-nov-12", "s3://b/r", 1_573_753_056, 1, 1_574_617_056,
                      step=Step.ENDED, status=status.value, **members)  # fmt: skip


def test_the_event_of_the_guide_and_an_answer_for_who_waits() -> None:
    """The detail is that of a2i-cloudwatch-events, whose loop was created at 2019-11-14T17:37:36Z."""
    bus, machines = Bus(), Machines()
    record = ended(LoopStatus.COMPLETED, output=OUTPUT, tokens=("a", "b"))
    News(bus, machines, FLOWS).tell(record)  # type: ignore[arg-type]
    (entry,) = bus.taken
    assert (entry["Source"], entry["DetailType"]) == ("mdlc.labeling", "HumanLoop Status Change")
    assert json.loads(entry["Detail"]) == {
        "creationTime": "2019-11-14T17:37:36.000Z",
        "failureCode": None,
        "failureReason": None,
        "flowDefinitionArn": "arn:aws:sagemaker:us-east-1:111111111111:flow-definition/flowdef-nov-12",
        "humanLoopArn": "arn:aws:sagemaker:us-east-1:111111111111:human-loop/humanloop-nov-14-1",
        "humanLoopName": "humanloop-nov-14-1",
        "humanLoopOutput": {"outputS3Uri": OUTPUT},
        "humanLoopStatus": "Completed",
    }
    said = {
        "HumanLoopName": "humanloop-nov-14-1",
        "HumanLoopArn": "arn:aws:sagemaker:us-east-1:111111111111:human-loop/humanloop-nov-14-1",
        "HumanLoopStatus": "Completed",
        "HumanLoopOutput": {"OutputS3Uri": OUTPUT},
    }
    assert machines.said == [("a", said), ("b", said)]


@pytest.mark.parametrize(
    ("record", "error", "cause"),
    [
        (ended(LoopStatus.STOPPED, tokens=("a",)), "HumanLoopStopped", "was stopped, or its time was over"),
        (ended(LoopStatus.FAILED, tokens=("a",), failure="No Liquid."), "HumanLoopFailed", "failed: No Liquid."),
    ],
)
def test_who_waits_for_what_has_no_answer_is_told_why(record: LoopRecord, error: str, cause: str) -> None:
    machines = Machines()
    News(Bus(), machines, FLOWS).tell(record)  # type: ignore[arg-type]
    ((_, (said, why)),) = machines.said
    assert said == error
    assert cause in why


@pytest.mark.parametrize("code", ["InvalidToken", "TaskDoesNotExist", "TaskTimedOut"])
def test_a_token_for_which_nobody_waits_any_more_is_left(code: str) -> None:
    machines = Machines(over=code)
    News(Bus(), machines, FLOWS).tell(ended(LoopStatus.COMPLETED, output=OUTPUT, tokens=("gone", "b")))  # type: ignore[arg-type]
    assert [token for token, _ in machines.said] == ["b"]


def test_what_could_not_be_told_is_told_again() -> None:
    with pytest.raises(NewsError, match="It is down"):
        News(Bus(refuses=True), Machines(), FLOWS).tell(ended(LoopStatus.STOPPED))  # type: ignore[arg-type]
    with pytest.raises(ClientError):
        News(Bus(), Machines(over="ThrottlingException"), FLOWS).tell(ended(LoopStatus.STOPPED, tokens=("gone",)))  # type: ignore[arg-type]
